// Channels: what the two ends have in common. Mirrors anyio's memory object streams.
//
// Waking is reserving here: a sender is woken with room of its own, a receiver with an item of its own. So nobody who
// comes later gets past them, both are served in order of arrival, and each value is taken in one step: an operation
// that is cancelled has done nothing, and what it was woken with goes to the next.
//
// There is room for as many items as the buffer holds, and for one more for each receiver that waits: without a buffer
// a sender waits for a receiver. A receiver that is cancelled when an item was put for it leaves that one to others.

import { CONTAINER_FIFO } from "../core/abi.ts";
import { Container } from "../core/container.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps } from "../waiting/waiting.ts";
import { BrokenResourceError, ClosedResourceError, EndOfStream } from "./errors.ts";

/** Items on their way, and who waits for some, or for room. */
export class Channel<T> {
  readonly senders: WaiterList;
  readonly receivers: WaiterList;
  openSenders = 0;
  openReceivers = 0;
  /** Items that it holds while nobody waits for one. */
  readonly size: number;
  readonly #items = new Container<T>(CONTAINER_FIFO, 0);
  /** Room that senders were woken with. */
  #granted = 0;
  /** Items that receivers were woken with. */
  #promised = 0;

  constructor(size: number) {
    this.size = size;
    const binding = new LoopBinding(this);
    this.senders = new WaiterList(binding, "SendChannel.send");
    this.receivers = new WaiterList(binding, "ReceiveChannel.receive");
  }

  static readonly send: Steps<Channel<unknown>, void, unknown> = {
    begin: (channel, item) => (channel.trySend(item) ? undefined : MUST_WAIT),
    resume(channel, item) {
      if (channel.openReceivers === 0) throw new BrokenResourceError("Nobody is left who could receive");
      channel.#granted--;
      channel.#put(item);
      channel.tellEnd();
    },
    abandon(channel, woken) {
      if (woken) channel.#granted--;
      channel.#makeRoom(0);
      channel.tellEnd();
    },
  };

  static readonly receive: Steps<Channel<unknown>, unknown> = {
    begin(channel) {
      const taken = channel.tryReceive();
      if (taken !== null) return taken.item;
      channel.#makeRoom(1); // for the item that it is about to wait for
      return MUST_WAIT;
    },
    resume(channel) {
      if (channel.openReceivers === 0) throw new ClosedResourceError("The last end that receives was closed");
      if (channel.#isOver) throw new EndOfStream();
      channel.#promised--;
      return channel.#take();
    },
    abandon(channel, woken) {
      if (woken && !channel.#isOver) channel.#promised--; // else it was the end that it was woken for
      channel.#serve();
      channel.tellEnd();
    },
  };

  /** Items that nobody has received. */
  get used(): number {
    return this.#items.count;
  }

  /** Sends at once, if there is room. Throws BrokenResourceError when nobody is left to receive. */
  trySend(item: T): boolean {
    if (this.openReceivers === 0) throw new BrokenResourceError("Nobody is left who could receive");
    if (this.#room <= 0) return false;
    this.#put(item);
    return true;
  }

  /** Receives at once; null when there is nothing. Throws EndOfStream when there will be nothing any more. */
  tryReceive(): { readonly item: T } | null {
    if (this.#items.count > this.#promised) return { item: this.#take() };
    if (this.#isOver) throw new EndOfStream();
    return null;
  }

  /** Sends into a full channel, in place of the item that waits longest. */
  replaceOldest(item: T): void {
    this.#items.take();
    this.#items.put(item);
  }

  /** An end was closed. */
  endClosed(): void {
    if (this.openReceivers === 0) {
      this.#items.clear();
      this.senders.wake(Infinity);
      this.receivers.wake(Infinity);
    }
    this.tellEnd();
  }

  /** Wakes all who wait for what will never come. */
  tellEnd(): void {
    if (this.#isOver) this.receivers.wake(Infinity);
  }

  toString(): string {
    return `<channel of ${this.size}, ${this.#items.count} in it>`;
  }

  get #room(): number {
    return this.size + this.receivers.live - this.#items.count - this.#granted;
  }

  /** Whether nothing is left, and nobody can send more: who waits in `send` still can. */
  get #isOver(): boolean {
    return this.#items.count === 0 && this.openSenders === 0 && this.senders.live === 0;
  }

  #put(item: T): void {
    this.#items.put(item);
    this.#serve();
  }

  #take(): T {
    const item = this.#items.take();
    this.#makeRoom(0);
    this.tellEnd();
    return item;
  }

  /** Wakes a receiver for each item that nobody was promised. */
  #serve(): void {
    while (this.#items.count > this.#promised && this.receivers.wake(1) === 1) this.#promised++;
  }

  /** Wakes a sender for each room that nobody was granted. */
  #makeRoom(extra: number): void {
    while (this.#room + extra > 0 && this.senders.wake(1) === 1) this.#granted++;
  }
}
