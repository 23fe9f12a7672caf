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

  /**
   * Ends the subscription: what waits in it is forgotten, and who waits to publish goes on. Clones of it get what waits
   * all the same, and then their end.
   */
  override close(): void {
    this.#left(this);
    this.channel.openSenders = 0;
    super.close();
  }

  /** @internal Takes an item in, or forgets one; false when that is to be waited for. */
  offer(item: T): boolean {
    if (this.channel.trySend(item)) return true;
    if (this.#whenFull === "wait") return false;
    this.#lost++;
    if (this.#whenFull === "drop oldest") this.channel.replaceOldest(item);
    return true;
  }

  /** @internal Waits until it can take an item in. */
  put(item: T): Coroutine<void> {
    return waiting(this.channel.senders, Channel.send as Steps<Channel<T>, void, T>, this.channel, item);
  }

  /** @internal Nothing more comes. */
  end(): void {
    this.channel.openSenders = 0;
    this.channel.endClosed();
  }
}
