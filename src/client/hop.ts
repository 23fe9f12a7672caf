// A hop: an exchange with one server, with the place that it has among the session's, and with what writes its body.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { forEach } from "../bridges/for-each.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { wait } from "../tasks/wait.ts";
import { type BodyChunks, bytesOf } from "./body.ts";
import type { Delivery } from "./client-response.ts";
import type { ContentReader } from "./content-reader.ts";
import { ClientConnectionError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Place } from "./places.ts";

/** What a session has under way. */
export interface UnderWay {
  /** Fails by this error. */
  abandon(error: Error): void;
}

export class Hop implements Delivery, UnderWay {
  readonly exchange: Exchange;
  /** Whether it is over when all of the body was read: no block says so. */
  isOverWhenRead = false;
  readonly #place: Place;
  readonly #underWay: Set<UnderWay>;
  #upload: Task<void> | null = null;

  /** @param underWay what the session has under way */
  constructor(exchange: Exchange, place: Place, underWay: Set<UnderWay>) {
    this.exchange = exchange;
    this.#place = place;
    this.#underWay = underWay;
    underWay.add(this);
  }

  get content(): ContentReader {
    return this.exchange.content;
  }

  get isReleased(): boolean {
    return !this.#underWay.has(this);
  }

  /** Begins to write a body, as it is made. */
  write(loop: EventLoop, chunks: BodyChunks): void {
    this.#upload = loop.createTask(this.#write(chunks), { name: "request body" });
  }

  *#write(chunks: BodyChunks): Coroutine<void> {
    try {
      yield* forEach<Uint8Array | string>(chunks, (chunk) => this.exchange.write(bytesOf(chunk)));
      this.exchange.finish();
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      const { url } = this.exchange.request;
      this.exchange.fail(new ClientConnectionError(`Cannot send the body to ${url.host}`, { cause: error }));
    }
  }

  wasRead(): void {
    if (this.isOverWhenRead) this.release();
  }

  abandon(error: Error): void {
    this.exchange.fail(error);
  }

  release(): void {
    if (!this.#underWay.delete(this)) return;
    this.exchange.close();
    if (!this.exchange.isComplete && this.content.exception() === null)
      this.content.setException(new ClientConnectionError("Connection closed: the response was released"));
    this.#upload?.cancel();
    this.#place.release();
  }

  /** Whether somebody still writes its body. */
  get isWriting(): boolean {
    return this.#upload?.done() === false;
  }

  /** Releases it, and waits until what writes its body has cleaned up. */
  *end(): Coroutine<void> {
    this.release();
    if (this.#upload !== null && !this.#upload.done()) yield* wait([this.#upload]);
  }
}
