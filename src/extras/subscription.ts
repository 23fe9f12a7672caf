// Subscriptions: a channel with one end that receives, so it waits, ends and is cancelled as one does.

import type { Coroutine } from "../runtime/suspension.ts";
import { type Steps, waiting } from "../waiting/waiting.ts";
import { Channel } from "./channel.ts";
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
