// openChannel: the two ends of a channel, as programs have them.

import type { CoroutineIterator } from "../bridges/for-each.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import { type Steps, waiting } from "../waiting/waiting.ts";
import { ChannelEnd } from "./channel-end.ts";
import { Channel } from "./channel.ts";
import { EndOfStream, WouldBlock } from "./errors.ts";

/** The end of a channel that sends; `openChannel` makes it. Mirrors anyio's MemoryObjectSendStream. */
export class SendChannel<T> extends ChannelEnd<T> {
  /** @internal */
  static override readonly name: string = "SendChannel";

  /**
   * Sends an item, and waits until there is room in the buffer, or somebody to receive it; does not suspend otherwise.
   * @throws BrokenResourceError when nobody is left to receive, ClosedResourceError, at the call, when this end is
   *   closed
   * @throws CancelledError when the task is cancelled; the item is not sent
   *
   * @example
   * yield* send.send(line);
   */
  send(item: T): Coroutine<void> {
    this.checkOpen();
    return waiting(this.channel.senders, Channel.send as Steps<Channel<T>, void, T>, this.channel, item);
  }

  /**
   * Sends an item at once.
   * @throws WouldBlock when there is no room, and what `send` throws
   */
  sendNowait(item: T): void {
    this.checkOpen();
    if (!this.channel.trySend(item)) throw new WouldBlock("The channel is full");
  }

  /** Another end that sends into the same channel: it is closed for its receivers when all of them are. */
  clone(): SendChannel<T> {
    this.checkOpen();
    return new SendChannel(this.channel);
  }

  protected override count(change: 1 | -1): void {
    this.channel.openSenders += change;
  }
}

/**
 * The end of a channel that receives; `openChannel` makes it. Mirrors anyio's MemoryObjectReceiveStream. `forEach` goes
 * through what comes.
 */
export class ReceiveChannel<T> extends ChannelEnd<T> implements CoroutineIterator<T> {
  /** @internal */
  static override readonly name: string = "ReceiveChannel";

  /**
   * Receives the next item, and waits for one when there is none; does not suspend otherwise.
   * @throws EndOfStream when there is none, and nobody is left to send
   * @throws ClosedResourceError when this end is closed
   * @throws CancelledError when the task is cancelled; no item is taken
   *
   * @example
   * const line = yield* receive.receive();
   */
  receive(): Coroutine<T> {
    this.checkOpen();
    return waiting(this.channel.receivers, Channel.receive as Steps<Channel<T>, T>, this.channel);
  }

  /**
   * Receives an item at once.
   * @throws WouldBlock when there is none, and what `receive` throws
   */
  receiveNowait(): T {
    this.checkOpen();
    const taken = this.channel.tryReceive();
    if (taken === null) throw new WouldBlock("The channel is empty");
    return taken.item;
  }

  /** The next item, for `forEach`, which ends when nobody is left to send. */
  *anext(): Coroutine<IteratorResult<T, undefined>> {
    try {
      return { done: false, value: yield* this.receive() };
    } catch (error) {
      if (error instanceof EndOfStream) return { done: true, value: undefined };
      throw error;
    }
  }

  /** Another end that receives from the same channel: each item goes to one of them. */
  clone(): ReceiveChannel<T> {
    this.checkOpen();
    return new ReceiveChannel(this.channel);
  }

  protected override count(change: 1 | -1): void {
    this.channel.openReceivers += change;
  }
}

/**
 * Makes a channel: what is sent into one end comes out of the other, in order, each item once. Both ends can be cloned,
 * and are closed one by one: so receivers know when all is sent, and senders when nobody listens any more. Mirrors
 * anyio.create_memory_object_stream.
 * @param size items that may wait in it: a whole number from 0, or Infinity. Default: 0, where each `send` waits for
 *   its `receive`
 * @throws TypeError or RangeError for others
 *
 * @example
 * const [send, receive] = openChannel<string>(10);
 * createTask(send.with(() => readLines(send)));
 * yield* forEach(receive, (line) => console.log(line));
 */
export function openChannel<T>(size = 0): [send: SendChannel<T>, receive: ReceiveChannel<T>] {
  if (typeof size !== "number") throw new TypeError(`Invalid size: expected a whole number, got ${format(size)}`);
  if (size !== Infinity && (!Number.isInteger(size) || size < 0))
    throw new RangeError(`Invalid size: expected a whole number from 0, or Infinity, got ${size}`);
  const channel = new Channel<T>(size);
  return [new SendChannel(channel), new ReceiveChannel(channel)];
}
