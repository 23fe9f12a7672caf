// The door `wasyncio/testing`: virtual time, and what only tests need.

export { DeadlockError } from "../errors.ts";
export { VirtualEventLoop } from "./virtual-event-loop.ts";
