// Broadcast: what is published goes to all who have subscribed, each of whom has a buffer of its own.

import type { Coroutine } from "../runtime/suspension.ts";
import { checkCount, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { operation } from "../waiting/operation.ts";
import { Channel } from "./channel.ts";
import { BrokenResourceError, ClosedResourceError } from "./errors.ts";
import { Subscription, type SubscribeOptions } from "./subscription.ts";

const OPTIONS: readonly (keyof SubscribeOptions)[] = ["size", "whenFull"];
const POLICIES: readonly unknown[] = ["drop oldest", "drop newest", "wait"];

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
    const full = [...this.#subscriptions].filter((subscription) => !subscription.offer(item));
    for (const subscription of full) {
      try {
        yield* subscription.put(item);
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
