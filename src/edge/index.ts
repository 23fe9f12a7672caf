// The door `wasyncio/edge`: fetch handlers and those of frameworks that are coroutines, requests as tasks.

export { handler, type FetchHandler, type HandlerOptions, type RequestHandler } from "./handler.ts";
export { background } from "./background.ts";
export { co } from "./co.ts";
export { eventStream, type SendEvent, type ServerSentEvent } from "./event-stream.ts";
export { streamOf, type WriteChunk } from "./stream-of.ts";
