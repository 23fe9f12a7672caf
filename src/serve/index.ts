// The door `wasyncio/serve`: an app of coroutines as a service that starts and ends in order.

export type { App, WebSocketHandler } from "./app.ts";
export { serveApp, type ServeAppOptions } from "./serve-app.ts";
export type { ServerWebSocket, WebSocketMessage } from "./server-web-socket.ts";
export { WebSocketDisconnect } from "./errors.ts";
