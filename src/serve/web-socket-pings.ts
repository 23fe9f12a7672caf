// Pings of a WebSocket connection, at uvicorn's pace: the next one comes an interval behind the last one, once that was
// answered. A client that is gone without a word is found by the one that it does not answer.

import type { WebSocket } from "ws";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { TimerHandle } from "../runtime/handle.ts";

/** How a client is pinged, in seconds. */
export interface PingOptions {
  /** Between two pings; null: there are none. */
  readonly interval: number | null;
  /** Until a ping has to be answered; null: it need not be. */
  readonly timeout: number | null;
}

/** Whom the pings are for. */
export interface Pinged {
  /** Whether the client is not read now: its answer may have come. */
  isPaused(): boolean;
  /** It has not answered in time. */
  fail(): void;
}

export class WebSocketPings {
  readonly #socket: WebSocket;
  readonly #loop: EventLoop;
  readonly #interval: number;
  readonly #timeout: number | null;
  readonly #pinged: Pinged;
  #timer: TimerHandle;
  /** When the ping was sent that is yet to be answered, in seconds of the loop; null: there is none. */
  #sentAt: number | null = null;

  /** @internal */
  constructor(socket: WebSocket, loop: EventLoop, interval: number, timeout: number | null, pinged: Pinged) {
    this.#socket = socket;
    this.#loop = loop;
    this.#interval = interval;
    this.#timeout = timeout;
    this.#pinged = pinged;
    this.#timer = loop.callLater(interval, () => this.#ping());
    socket.on("pong", () => loop.arrivals.deliver("websocket", () => this.#answered()));
  }

  /** The connection has ended. */
  stop(): void {
    this.#timer.cancel();
  }

  #ping(): void {
    this.#socket.ping();
    if (this.#timeout === null) {
      this.#timer = this.#loop.callLater(this.#interval, () => this.#ping());
      return;
    }
    this.#sentAt = this.#loop.time();
    this.#await(this.#timeout);
  }

  #await(timeout: number): void {
    this.#timer = this.#loop.callLater(timeout, () => {
      if (this.#pinged.isPaused()) this.#await(timeout);
      else this.#pinged.fail();
    });
  }

  #answered(): void {
    if (this.#sentAt === null) return;
    this.#timer.cancel();
    this.#timer = this.#loop.callAt(this.#sentAt + this.#interval, () => this.#ping());
    this.#sentAt = null;
  }
}
