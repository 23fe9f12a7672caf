// What is used of the package ws, which programs bring along: its types are a package of their own, which they need not.

declare module "ws" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export interface WebSocket {
    on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): void;
    on(event: "close", listener: (code: number, reason: Buffer) => void): void;
    on(event: "error", listener: (error: Error) => void): void;
    send(data: string | Uint8Array, callback: (error?: Error) => void): void;
    close(code: number, reason: string): void;
    terminate(): void;
    pause(): void;
    resume(): void;
  }

  export class WebSocketServer {
    constructor(options: { noServer: true; maxPayload: number });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, callback: (socket: WebSocket) => void): void;
  }
}
