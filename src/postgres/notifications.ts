// Notifications: what other sessions tell on a channel, in order, for one listener.

import type { CoroutineIterator } from "../bridges/for-each.ts";
import { QueueShutDown } from "../errors/asyncio.ts";
import { Queue } from "../queues/queue.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import type { NotificationMessage } from "./driver.ts";
import type { SessionEvents } from "./session.ts";

/** What was told on a channel. */
export interface Notification {
  readonly channel: string;
  readonly payload: string;
  /** Number of the server's process that told it. */
  readonly pid: number;
}

/** What comes on a channel, for `forEach`; `Connection.listen` makes it. */
export class Notifications implements CoroutineIterator<Notification>, AsyncContextManager<Notifications, void> {
  /** @internal */
  static readonly name: string = "Notifications";
  /** The name of the channel. */
  readonly channel: string;
  readonly #leave: (self: Notifications) => Coroutine<void>;
  readonly #queue = new Queue<Notification>();
  #error: Error | null = null;

  /** @internal */
  constructor(channel: string, leave: (self: Notifications) => Coroutine<void>) {
    this.channel = channel;
    this.#leave = leave;
  }

  /**
   * The next notification, for `forEach`, which ends when this is closed, or the connection is.
   * @throws PostgresConnectionError when the server is lost, behind what came before
   */
  *anext(): Coroutine<IteratorResult<Notification, undefined>> {
    try {
      return { done: false, value: yield* this.#queue.get() };
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
      if (this.#error !== null) throw this.#error;
      return { done: true, value: undefined };
    }
  }

  /** Ends listening. */
  *close(): Coroutine<void> {
    this.#queue.shutdown(true);
    yield* this.#leave(this);
  }

  /** Gives this: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Ends listening: the end of an `async with`. Mirrors Python's __aexit__. */
  aexit(): Coroutine<void> {
    return this.close();
  }

  /** Runs `body`, and ends listening. Mirrors Python's `async with`. */
  with<R>(body: (notifications: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** @internal */
  add(notification: Notification): void {
    this.#queue.putNowait(notification);
  }

  /** @internal Nothing more comes. */
  end(error: Error | null): void {
    this.#error = error;
    this.#queue.shutdown();
  }
}

/** Who listens, by channel. */
export class Listeners implements SessionEvents {
  readonly #byChannel = new Map<string, Set<Notifications>>();

  /** One more who listens. `unlisten` is called when that one leaves, if it is the last of its channel then. */
  add(channel: string, unlisten: () => Coroutine<void>): Notifications {
    const listener = new Notifications(channel, (self) => this.#leave(self, unlisten));
    const listeners = this.#byChannel.get(channel) ?? new Set();
    this.#byChannel.set(channel, listeners.add(listener));
    return listener;
  }

  /** One less. Returns whether it was the last of its channel. */
  remove(listener: Notifications): boolean {
    const listeners = this.#byChannel.get(listener.channel);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return false;
    return this.#byChannel.delete(listener.channel);
  }

  notified({ channel, payload = "", processId }: NotificationMessage): void {
    for (const listener of this.#byChannel.get(channel) ?? []) listener.add({ channel, payload, pid: processId });
  }

  ended(error: Error | null): void {
    for (const listeners of this.#byChannel.values()) for (const listener of listeners) listener.end(error);
    this.#byChannel.clear();
  }

  *#leave(listener: Notifications, unlisten: () => Coroutine<void>): Coroutine<void> {
    if (this.remove(listener)) yield* unlisten();
  }
}
