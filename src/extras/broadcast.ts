// Broadcast: what is published goes to all who have subscribed, each of whom has a buffer of its own. A subscription is a
// channel with one end that receives, so it waits, ends and is cancelled as one does.

import type { Coroutine } from "../runtime/suspension.ts";
import { checkCount, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { operation } from "../waiting/operation.ts";
import { type Steps, waiting } from "../waiting/waiting.ts";
import { Channel } from "./channel.ts";
import { BrokenResourceError, ClosedResourceError } from "./errors.ts";
import { ReceiveChannel } from "./open-channel.ts";

/** Options of `Broadcast.subscribe`. */
export interface SubscribeOptions {
  /** Items that may wait for the subscriber: a whole number from 1, or Infinity. Default: 16. */
  size?: number;
  /**
   * What `publish` does when as many wait already: forgets the one that waits longest, or the new one, or waits until
   * there is room. Default: "drop oldest".
   */
  whenFull?: "drop oldest" | "drop newest" | "wait";
}

const OPTIONS: readonly (keyof SubscribeOptions)[] = ["size", "whenFull"];
const POLICIES: readonly unknown[] = ["drop oldest", "drop newest", "wait"];

/** What a subscriber has; `Broadcast.subscribe` makes it. `forEach` goes through what is published. */
export class Subscription<T> extends ReceiveChannel<T> {
  /** @internal */
  static override readonly name: string = "Subscription";
  readonly #whenFull: SubscribeOptions["whenFull"];
  readonly #left: (subscription: Subscription<T>) => void;
  #lost = 0;

  /** @internal */
  constructor(channel: Channel<T>, whenFull: SubscribeOptions["whenFull"], left: (self: Subscription<T>) => void) {
    super(channel);
    this.#whenFull = whenFull;
    this.#left = left;
  }

  /** Items that were forgotten because its buffer was full. */
  get lost(): number {
    return this.#lost;
  }

  /** Ends the subscription: what waits in it is forgotten, and who waits to publish goes on. */
  override close(): void {
    this.#left(this);
    super.close();
  }

  /** @internal Takes an item in, or forgets one; null when that is done, else what waits until it is. */
  offer(item: T): Coroutine<void> | null {
    const { channel } = this;
    if (channel.trySend(item)) return null;
    if (this.#whenFull === "wait")
      return waiting(channel.senders, Channel.send as Steps<Channel<T>, void, T>, channel, item);
    this.#lost++;
    if (this.#whenFull === "drop oldest") channel.replaceOldest(item);
    return null;
  }

  /** @internal Nothing more comes. */
  end(): void {
    this.channel.openSenders = 0;
    this.channel.endClosed();
  }
}

/**
 * Tells each item to all who have subscribed before. asyncio has none.
 *
 * @example
 * const prices = new Broadcast<number>();
 * createTask(prices.subscribe().with((mine) => forEach(mine, draw)));
 * yield* prices.publish(42);
 */
export class Broadcast<T> extends Shown {
  /** @internal */
  static override readonly name: string = "Broadcast";
  readonly #subscriptions = new Set<Subscription<T>>();
  #isClosed = false;

  /** Number of subscriptions that are open. */
  get subscribers(): number {
    return this.#subscriptions.size;
  }

  /**
   * Begins to listen: from now on what is published waits for it, until it is closed, by itself or by `with`.
   * @throws TypeError or RangeError for options of the wrong kind, ClosedResourceError when the broadcast is closed
   *
   * @example
   * const slow = prices.subscribe({ size: 1, whenFull: "drop oldest" }); // always the latest one
   */
  subscribe(options: SubscribeOptions = {}): Subscription<T> {
    const { size = 16, whenFull = "drop oldest" } = checkNames(options, OPTIONS);
    if (size !== Infinity) checkCount(size, "size");
    if (!POLICIES.includes(whenFull))
      throw new TypeError(`Invalid whenFull: expected one of ${POLICIES.join(", ")}, got ${format(whenFull)}`);
    this.#checkOpen();
    const channel = new Channel<T>(size);
    channel.openSenders = 1;
    const subscription = new Subscription(channel, whenFull, (left) => this.#subscriptions.delete(left));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /**
   * Tells an item to all, and waits for those who want to be waited for; does not suspend otherwise. One publisher's
   * items come to everybody in its order.
   * @throws ClosedResourceError, at the call, when the broadcast is closed
   * @throws CancelledError when the task is cancelled; those whose buffers had room have the item
   *
   * @example
   * yield* prices.publish(42);
   */
  publish(item: T): Coroutine<void> {
    this.#checkOpen();
    return operation("Broadcast.publish", this.#publish(item));
  }

  *#publish(item: T): Coroutine<void> {
    const full: Coroutine<void>[] = [];
    for (const subscription of this.#subscriptions) {
      const sending = subscription.offer(item);
      if (sending !== null) full.push(sending);
    }
    for (const sending of full) {
      try {
        yield* sending;
      } catch (error) {
        if (!(error instanceof BrokenResourceError)) throw error; // else the subscriber has left meanwhile
      }
    }
  }

  /** Ends it: subscribers get what waits for them, and then an EndOfStream, which ends a `forEach`. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of this.#subscriptions) subscription.end();
  }

  /** "<Broadcast [open, subscribers:2]>". */
  override toString(): string {
    return `<Broadcast [${this.#isClosed ? "closed" : "open"}, subscribers:${this.subscribers}]>`;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ClosedResourceError(`Cannot use ${this.toString()}`);
  }
}
