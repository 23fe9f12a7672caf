// Flow control of writing: the half of a stream's protocol that `drain` waits for.

import type { EventLoop } from "../runtime/event-loop.ts";
import { writeLog } from "../runtime/reports.ts";
import type { Future } from "../runtime/future.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkError } from "./bytes.ts";
import { NotImplementedError, assert } from "./errors.ts";
import { ConnectionResetError } from "../errors/os.ts";
import { Protocol } from "./protocols.ts";

/**
 * A protocol that a StreamWriter can wait for in `drain`. A subclass that overrides one of its methods calls it too.
 * Mirrors asyncio.streams.FlowControlMixin.
 */
export class FlowControlMixin extends Protocol {
  /** @internal */
  static override readonly name: string = "FlowControlMixin";
  /** The loop that it belongs to. */
  protected readonly _loop: EventLoop;
  #isPaused = false;
  #isLost = false;
  /** Coroutines that wait until writing goes on, in order of arrival. Null before the first: most never do. */
  #waiters: Set<Future<void>> | null = null;

  /**
   * @param loop the loop that it belongs to; default: the current one
   * @throws TypeError for what is no loop
   * @throws RuntimeError when there is none
   */
  constructor(loop?: EventLoop) {
    super();
    this._loop = checkLoop(loop ?? getEventLoop());
  }

  /**
   * Makes `drain` wait.
   * @throws AssertionError when it does already
   */
  override pauseWriting(): void {
    assert(!this.#isPaused);
    this.#isPaused = true;
    this.#reportInDebug("pauses writing");
  }

  /**
   * Releases all that wait in `drain`.
   * @throws AssertionError when it does not make them wait
   */
  override resumeWriting(): void {
    assert(this.#isPaused);
    this.#isPaused = false;
    this.#reportInDebug("resumes writing");
    this.#release(null);
  }

  /**
   * Makes `drain` throw ConnectionResetError, and releases what waits in it.
   * @param exc what it is released by; null: nothing is thrown there
   * @throws TypeError for what is not an error
   */
  override connectionLost(exc: Error | null): void {
    if (exc !== null) checkError(exc);
    this.#isLost = true;
    this.#release(exc);
  }

  /**
   * What `drain` waits for.
   * @throws ConnectionResetError when the connection was lost
   */
  *_drainHelper(): Coroutine<void> {
    if (this.#isLost) throw new ConnectionResetError("Connection lost");
    if (!this.#isPaused) return;
    const waiter = this._loop.createFuture();
    const waiters = (this.#waiters ??= new Set());
    waiters.add(waiter);
    try {
      yield* waiter;
    } finally {
      waiters.delete(waiter);
    }
  }

  /** @internal Whether it serves a connection of a server. */
  get _isServerSide(): boolean {
    return false;
  }

  /** What `waitClosed` of a writer waits for: subclasses have it. */
  _getCloseWaiter(_stream: unknown): Future<void> {
    throw new NotImplementedError();
  }

  #release(exc: Error | null): void {
    for (const waiter of this.#waiters ?? []) {
      if (waiter.done()) continue;
      if (exc === null) waiter.setResult();
      else waiter.setException(exc);
    }
  }

  #reportInDebug(event: string): void {
    if (this._loop.getDebug()) writeLog(this._loop.host, "debug", `<${this.constructor.name}> ${event}`);
  }
}
