// streamOf: a body that a coroutine writes, at the pace at which it is read.

import { RuntimeError } from "../errors/base.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { currentHostContext, runInCaptured } from "../runtime/host-context.ts";
import type { Context } from "../runtime/context.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { checkFunction } from "../support/checks.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { Semaphore } from "../sync/semaphore.ts";
import type { Body, Exchange } from "./exchange.ts";
import { currentExchange } from "./membership.ts";

/**
 * Writes a chunk to a body: waits until somebody reads. A string is written in UTF-8; bytes are passed on, not copied.
 */
export type WriteChunk = (chunk: Uint8Array | string) => Coroutine<void>;

/** Uint8Array<ArrayBuffer>, which TypeScript before 5.7 has no words for. */
type Bytes = ReturnType<InstanceType<typeof TextEncoder>["encode"]>;

const encoder = new TextEncoder();

/**
 * A stream of bytes that a coroutine writes, for the body of a response. The coroutine is begun when the first chunk is
 * asked for, and `write` waits until the next one is: nothing is made that nobody reads. When the reader or the client
 * goes away, the coroutine is cancelled. What it throws breaks the stream off, and is reported as the handler's own
 * errors are.
 *
 * It runs after the response, when all other tasks of the handler are cancelled: what it awaits it has to begin itself,
 * or by `background`.
 * @throws TypeError when `body` is not a function
 * @throws RuntimeError outside the handling of a request
 *
 * @example
 * return new Response(streamOf(function* (write) {
 *   for (let second = 0; second < 60; second++) {
 *     yield* write(`${second}\n`);
 *     yield* sleep(1);
 *   }
 * }));
 */
export function streamOf(body: (write: WriteChunk) => Coroutine<unknown>): ReadableStream<Bytes> {
  return new WrittenBody(checkFunction(body, "body"), currentExchange("streamOf")).readable;
}

class WrittenBody implements Body {
  readonly readable: ReadableStream<Bytes>;
  readonly #write: (write: WriteChunk) => Coroutine<unknown>;
  readonly #exchange: Exchange;
  readonly #context: Context;
  #controller!: ReadableStreamDefaultController<Bytes>;
  /** Lets the loop be closed that the body might have needed. */
  readonly #release: () => void;
  /** What writes, once somebody has begun to read. */
  #task: Task<void> | null = null;
  /** What the request was aborted with. */
  #abortion: { readonly reason: unknown } | null = null;
  /** Whether it has not ended. */
  #isOpen = true;
  /** Whether the stream was cancelled: it takes no chunks any more, also before that has arrived. */
  #isUnwanted = false;
  /** The host's, of the handler: who reads has another one. */
  readonly #hostContext = currentHostContext();
  /** A permit for each chunk that was asked for. */
  readonly #wanted = new Semaphore(0);
  /** Tells the stream that it has what it asked for. */
  #handOver: () => void = () => {};

  constructor(write: (write: WriteChunk) => Coroutine<unknown>, exchange: Exchange) {
    this.#write = write;
    this.#exchange = exchange;
    this.#context = exchange.lastingContext();
    this.#release = exchange.stayOpen();
    exchange.addBody(this);
    this.readable = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  abort(reason: unknown): void {
    if (!this.#isOpen) return;
    this.#abortion = { reason };
    if (this.#task === null) this.break(reason);
    // the host may cancel the stream meanwhile, which it need not report
    else this.#task.cancel("the request was aborted");
  }

  break(error: unknown): void {
    this.#controller.error(error);
    this.#end();
  }

  drop(): void {
    if (!this.#isOpen || this.#task !== null) return;
    this.#close();
  }

  /** Somebody wants a chunk. The promise is of that chunk, so that the stream asks for one at a time. */
  #pull(): Promise<void> {
    const handedOver = new Promise<void>((resolve) => {
      this.#handOver = resolve;
    });
    this.#exchange.deliver("pull", () => this.#askForChunk());
    return handedOver;
  }

  #askForChunk(): void {
    if (!this.#isOpen) return;
    this.#wanted.release();
    if (this.#task !== null) return;
    const options = { context: this.#context, name: "body" };
    this.#task = runInCaptured(this.#hostContext, () =>
      this.#exchange.keep(this.#run(), options, (task) => this.#ended(task)),
    );
    this.#release();
  }

  /** Nobody wants any more. The promise is of the end of what writes. */
  #cancel(): Promise<void> {
    this.#isUnwanted = true;
    return new Promise((resolve) => this.#exchange.deliver("cancel", () => this.#stop(resolve)));
  }

  #stop(stopped: () => void): void {
    const task = this.#task;
    this.#end();
    if (task === null) return stopped();
    if (this.#abortion === null) task.cancel("the reader went away"); // else it is cleaning up
    task.addDoneCallback(() => stopped());
  }

  /** The stream has ended, in one way or another. */
  #end(): void {
    this.#isOpen = false;
    this.#exchange.deleteBody(this);
    this.#release();
    this.#handOver();
  }

  *#run(): Coroutine<void> {
    yield* awaitedOf(
      this.#write((chunk) => operation("write", this.#give(toBytes(chunk)))),
      "the body",
    );
  }

  *#give(bytes: Bytes): Coroutine<void> {
    if (bytes.length === 0) return;
    if (this.#isOpen) yield* this.#wanted.acquire();
    if (!this.#isOpen || this.#isUnwanted) throw new RuntimeError("Cannot write: the body has ended");
    this.#controller.enqueue(bytes);
    this.#handOver();
  }

  #ended(task: Task<void>): void {
    const failure = task.failed ? { error: task.takeError() } : null;
    if (failure !== null && !task.cancelled()) this.#exchange.report("Unhandled error in a body", failure.error);
    if (!this.#isOpen) return;
    if (failure === null) this.#close();
    else this.break(task.cancelled() && this.#abortion !== null ? this.#abortion.reason : failure.error);
  }

  #close(): void {
    if (!this.#isUnwanted) this.#controller.close();
    this.#end();
  }
}

function toBytes(chunk: Uint8Array | string): Bytes {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk as Bytes;
  throw new TypeError(`Cannot write: expected a Uint8Array or a string, got ${format(chunk)}`);
}
