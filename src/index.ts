// The public door of `wasyncio`. No logic here.

export { EventLoop } from "./runtime/event-loop.ts";
export { Future, isFuture } from "./runtime/future.ts";
export { Task } from "./runtime/task.ts";
