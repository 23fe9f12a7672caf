// The door `wasyncio/edge`: fetch handlers that are coroutines, requests as tasks.

export { handler, type FetchHandler, type HandlerOptions, type RequestHandler } from "./handler.ts";
export { background } from "./background.ts";
export { streamOf, type WriteChunk } from "./stream-of.ts";
