// An event loop in virtual time: whole programs run inside one call, and sleeping costs nothing.

import { digestText } from "../core/digest.ts";
import { VirtualHost } from "../hosts/virtual/clock.ts";
import { deadlockIn } from "../runtime/pump.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import type { Awaitable } from "../runtime/awaitable.ts";

/**
 * An event loop whose time starts at 0 and jumps to the next deadline as soon as nothing is ready. The order of all
 * that runs is the real loop's. A program that polls by `sleep(0)` until a time has come never gets there.
 *
 * @example
 * const loop = new VirtualEventLoop();
 * const value = loop.runUntilCompleteSync(main()); // an hour of sleep takes no time
 */
export class VirtualEventLoop extends EventLoop {
  /** @internal */
  static override readonly name: string = "VirtualEventLoop";
  readonly #host: VirtualHost;
  /** The digest, once it is closed. */
  #lastDigest: string | null = null;

  constructor() {
    const host = new VirtualHost();
    super(host);
    this.#host = host;
  }

  /**
   * Runs until an awaitable is done, and returns its result or throws its error.
   * @throws DeadlockError, which names the waiting tasks, when nothing can ever run again: also when a task waits for a
   *   promise, which only the outside world can settle
   */
  runUntilCompleteSync<T>(awaitable: Awaitable<T>): T {
    const completion = this.prepareRun(awaitable);
    try {
      this.runForeverSync();
    } finally {
      completion.detach();
    }
    return completion.result();
  }

  /**
   * Runs until `stop` is called.
   * @throws DeadlockError when nothing can ever run again before that
   */
  runForeverSync(): void {
    this.checkRunnable();
    this.pump.runAtOnce(() => this.#jump());
  }

  /** As `runForeverSync`, inside the call: the promise is settled when it returns. */
  override async runForever(): Promise<void> {
    this.runForeverSync();
  }

  /** The digest of every scheduling decision so far, 16 hexadecimal digits: equal for equal runs, on every host. */
  digest(): string {
    if (this.#lastDigest !== null) return this.#lastDigest;
    const { digestHigh, digestLow } = this.core.simulation;
    return digestText(digestHigh(), digestLow());
  }

  /** @internal */
  protected override leaveCore(): void {
    this.#lastDigest = this.digest();
    super.leaveCore();
  }

  /** Moves the time on to the earliest deadline. */
  #jump(): void {
    const deadline = this.core.nextDeadline();
    if (deadline === Infinity) throw deadlockIn(this);
    this.#host.jumpTo(deadline);
  }
}
