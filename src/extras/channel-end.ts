// What both kinds of ends of a channel can do.

import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { Shown } from "../support/shown.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import type { Channel } from "./channel.ts";
import { ClosedResourceError } from "./errors.ts";

/** What is known of a channel. Mirrors anyio's MemoryObjectStreamStatistics. */
export interface ChannelStatistics {
  /** Items that nobody has received. */
  readonly currentBufferUsed: number;
  /** Most items that it holds while nobody waits for one. */
  readonly maxBufferSize: number;
  /** Ends that can send. */
  readonly openSendStreams: number;
  /** Ends that can receive. */
  readonly openReceiveStreams: number;
  readonly tasksWaitingSend: number;
  readonly tasksWaitingReceive: number;
}

/** An end of a channel: open until it is closed, alone or by an `async with`. */
export abstract class ChannelEnd<T> extends Shown implements AsyncContextManager<unknown, void> {
  protected readonly channel: Channel<T>;
  #isClosed = false;

  constructor(channel: Channel<T>) {
    super();
    this.channel = channel;
    this.count(1);
  }

  /** What is known of the channel. Mirrors anyio's `statistics`. */
  statistics(): ChannelStatistics {
    const { used, size, openSenders, openReceivers, senders, receivers } = this.channel;
    return {
      currentBufferUsed: used,
      maxBufferSize: size,
      openSendStreams: openSenders,
      openReceiveStreams: openReceivers,
      tasksWaitingSend: senders.live,
      tasksWaitingReceive: receivers.live,
    };
  }

  /** Closes this end, and no other; does nothing when it is closed. Mirrors anyio's `close`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.count(-1);
    this.channel.endClosed();
  }

  /** Gives this end: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Closes this end: the end of an `async with`. Mirrors Python's __aexit__. */
  *aexit(): Coroutine<void> {
    this.close();
  }

  /** Runs `body`, and closes this end. Mirrors Python's `async with`. */
  with<R>(body: (end: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** "<SendChannel [open]>". */
  override toString(): string {
    return `<${this.constructor.name} [${this.#isClosed ? "closed" : "open"}]>`;
  }

  /** One more end of its kind is open, or one less. */
  protected abstract count(change: 1 | -1): void;

  protected checkOpen(): void {
    if (this.#isClosed) throw new ClosedResourceError(`Cannot use ${this.toString()}`);
  }
}
