// What is used of the package ws, as types.

declare module "ws" {
  import type { IncomingMessage, Server } from "node:http";

  export default class WebSocket {
    constructor(url: string, protocols?: readonly string[], options?: object);
    on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): this;
    on(event: "ping", listener: (data: Buffer) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    pong(data: Buffer): void;
    send(data: string | Uint8Array, options?: { binary: boolean }): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
  }

  export class WebSocketServer {
    constructor(options: {
      server: Server;
      autoPong?: boolean;
      handleProtocols?: (protocols: Set<string>) => string | false;
      verifyClient?: (info: { req: IncomingMessage }) => boolean;
    });
    on(event: "connection", listener: (socket: WebSocket, request: IncomingMessage) => void): this;
  }
}
