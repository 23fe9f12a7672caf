// The door `wasyncio/node-http`: fetch handlers behind node:http, which Node, Deno and Bun have. A door of its own, so
// that no bundle for browsers or workerd has imports from Node in it.

export { toNodeListener, type FetchFunction, type ListenerOptions } from "./listener.ts";
export { serve, type ServeOptions } from "./serve.ts";
export type { HttpServer } from "./listening.ts";
