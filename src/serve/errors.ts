// What a program of WebSockets may want to catch.

import { RuntimeError } from "../errors/base.ts";

/** A WebSocket connection has ended: there is nothing more to receive, and nothing can be sent. */
export class WebSocketDisconnect extends RuntimeError {
  static {
    this.prototype.name = "WebSocketDisconnect";
  }
  /** Why, as a number of RFC 6455: 1006 when the connection was lost without a word. */
  readonly code: number;
  /** Why, in the words of whoever has closed it. */
  readonly reason: string;

  constructor(code: number, reason: string) {
    super(`The WebSocket was closed: ${code}${reason === "" ? "" : ` ${reason}`}`);
    this.code = code;
    this.reason = reason;
  }
}
