// A pool of resources that take long to make: connections, mostly.
//
// A pool has as many places as there may be resources. Whoever acquires takes a place first, in order of arrival; what
// is made, checked, used or destroyed happens in a place, and is over before the place is free again. What waits to be
// used is in none. So there are never more than `max`, whatever is cancelled in between.
//
// A place that becomes free wakes the first who waits, and is not reserved for it: nobody overtakes, because a newcomer
// queues as long as anybody waits.

import { CancelledError } from "../errors/asyncio.ts";
import { RuntimeError } from "../errors/base.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import { getRunningLoop } from "../runtime/running.ts";
import { type Coroutine, isCoroutine, isThenable } from "../runtime/suspension.ts";
import { checkBoolean, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { gather } from "../tasks/gather.ts";
import { shielded } from "../tasks/shielded.ts";
import { timeout } from "../tasks/timeout.ts";
import { type AsyncContextManager, awaitedOf, withManager } from "../waiting/async-with.ts";
import { currentLedger } from "../waiting/ledger.ts";
import { operation } from "../waiting/operation.ts";
import { LoopBinding, WaiterList } from "../waiting/waiter-list.ts";
import { MUST_WAIT, type Steps, waiting } from "../waiting/waiting.ts";
import { type Acquisition, acquisitionFrom } from "./acquisition.ts";
import { type CheckedLimits, type ResourcePoolOptions, checkPoolOptions } from "./options.ts";

/** Numbers of a pool. */
export interface PoolStatistics {
  /** Resources that there are, those included that are being made or destroyed. */
  readonly size: number;
  /** Those that wait to be used. */
  readonly idle: number;
  /** Those that are acquired. */
  readonly inUse: number;
  /** Tasks that wait for one. */
  readonly waiting: number;
  /** How many were made. */
  readonly created: number;
  /** How many were destroyed. */
  readonly destroyed: number;
}

/** Options of `ResourcePool.close`. */
export interface CloseOptions {
  /** Whether to destroy what is in use, too, at once. Default: false, which waits until it is given back. */
  terminate?: boolean;
}

/** A resource, and what is known of it. Times are the loop's. */
interface Entry<T> {
  readonly resource: T;
  readonly expires: number;
  idleSince: number;
  isDestroyed: boolean;
}

/**
 * Keeps what takes long to make, and gives it to one task at a time, in order of arrival. asyncio has none; asyncpg's
 * and SQLAlchemy's pools do this.
 *
 * A pool begins empty. Entering it (`with`) makes the first `min`; all others are made when they are needed.
 *
 * @example
 * const pool = new ResourcePool({ create: connect, destroy: (connection) => connection.close(), max: 6 });
 * yield* pool.with(function* () {
 *   const rows = yield* pool.acquire().with((connection) => connection.query(text));
 * }); // closed: all is destroyed
 */
export class ResourcePool<T> extends Shown implements AsyncContextManager<ResourcePool<T>, void> {
  /** @internal */
  static override readonly name: string = "ResourcePool";
  readonly #create: () => Awaitable<T>;
  readonly #destroy: (resource: T) => Awaitable<unknown> | void;
  readonly #check: (resource: T) => Awaitable<boolean> | boolean;
  readonly #limits: CheckedLimits;
  /** Places that are taken. */
  #places = 0;
  /** What waits to be used, longest first. */
  readonly #idle: Entry<T>[] = [];
  readonly #inUse = new Map<T, Entry<T>>();
  readonly #acquirers: WaiterList;
  readonly #closers: WaiterList;
  #state: "open" | "closing" | "terminated" = "open";
  /** Looks for what has waited for too long. */
  #timer: TimerHandle | null = null;
  #created = 0;
  #destroyed = 0;

  /** @throws TypeError or RangeError for options that are not what they are to be */
  constructor(options: ResourcePoolOptions<T>) {
    super();
    this.#limits = checkPoolOptions(options);
    this.#create = options.create;
    this.#destroy = options.destroy ?? (() => {});
    this.#check = options.check ?? (() => true);
    const binding = new LoopBinding(this);
    this.#acquirers = new WaiterList(binding, "ResourcePool.acquire");
    this.#closers = new WaiterList(binding, "ResourcePool.close");
  }

  /**
   * Acquires a resource: the one that was given back last, else a new one; waits for its turn when `max` are in use.
   * @returns what is either awaited by `yield*`, or entered by `with`, which gives it back
   * @throws TimeoutError behind `acquireTimeout`, and what `create` and `check` throw
   * @throws RangeError when `create` gives what is in use already
   * @throws CancelledError when the task is cancelled; its turn goes to the next
   * @throws RuntimeError when the pool is closed, now or while it waits
   *
   * @example
   * yield* pool.acquire().with(function* (connection) {
   *   yield* connection.query(text);
   * });
   */
  acquire(): Acquisition<T> {
    const { acquireTimeout } = this.#limits;
    const taking = (): Coroutine<T> => this.#take();
    const take = (): Coroutine<T> => (acquireTimeout === null ? taking() : timeout(acquireTimeout).with(taking));
    return acquisitionFrom({
      take: () => operation("ResourcePool.acquire", take()),
      release: (resource) => this.release(resource),
    });
  }

  /**
   * Gives a resource back: it waits to be used again, or is destroyed if it is too old.
   * @throws RangeError, at the call, for what is not acquired from this pool
   */
  release(resource: T): Coroutine<void> {
    const entry = this.#inUse.get(resource);
    if (entry === undefined) throw new RangeError(`Cannot release ${format(resource)}: it is not acquired from here`);
    return operation("ResourcePool.release", this.#release(entry));
  }

  /**
   * Takes no one in any more, destroys what waits to be used, and waits until all that is in use is given back and
   * destroyed. Those who wait in `acquire` get a RuntimeError.
   * @throws CancelledError when the task is cancelled; what is given back later is destroyed all the same
   * @throws TypeError, at the call, for options of the wrong kind
   */
  close(options: CloseOptions = {}): Coroutine<void> {
    const { terminate } = checkNames(options, ["terminate"]);
    return operation("ResourcePool.close", this.#close(checkBoolean(terminate, "terminate") === true));
  }

  /** Makes as many as `min` says: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<this> {
    try {
      while (this.#idle.length + this.#places < this.#limits.min) yield* this.#add();
      return this;
    } catch (error) {
      yield* this.#close(false);
      throw error;
    }
  }

  /** As `close`: the end of an `async with`. Mirrors Python's __aexit__. */
  aexit(): Coroutine<void> {
    return this.close();
  }

  /** Makes as many as `min` says, runs `body` with the pool, and closes it. Mirrors Python's `async with`. */
  with<R>(body: (pool: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** How many there are, and what they do. */
  statistics(): PoolStatistics {
    return {
      size: this.#idle.length + this.#places,
      idle: this.#idle.length,
      inUse: this.#inUse.size,
      waiting: this.#acquirers.live,
      created: this.#created,
      destroyed: this.#destroyed,
    };
  }

  /** "<ResourcePool [open, idle:2, in use:3, waiters:1]>", without waiters when there are none. */
  override toString(): string {
    const { idle, inUse, waiting } = this.statistics();
    const waiters = waiting === 0 ? "" : `, waiters:${waiting}`;
    return `<${this.constructor.name} [${this.#state}, idle:${idle}, in use:${inUse}${waiters}]>`;
  }

  /** @internal How many are acquired, for diagnoses. */
  get outstanding(): number {
    return this.#inUse.size;
  }

  static readonly #takePlace: Steps<ResourcePool<unknown>, void> = {
    begin(pool) {
      pool.#checkOpen();
      if (pool.#places === pool.#limits.max || pool.#acquirers.live > 0) return MUST_WAIT;
      return void pool.#places++;
    },
    resume(pool) {
      pool.#checkOpen();
      pool.#places++;
      pool.#wakeNext();
    },
    abandon: (pool) => pool.#wakeNext(),
  };

  static readonly #drain: Steps<ResourcePool<unknown>, void> = {
    begin: (pool) => (pool.#places === 0 ? undefined : MUST_WAIT),
    resume() {},
    abandon() {},
  };

  *#take(): Coroutine<T> {
    yield* waiting(this.#acquirers, ResourcePool.#takePlace as Steps<ResourcePool<T>, void>, this);
    let entry: Entry<T> | null = null;
    try {
      entry = yield* this.#fit();
    } finally {
      if (entry === null) this.#freePlace();
    }
    this.#inUse.set(entry.resource, entry);
    if (currentLedger !== null) currentLedger.acquired(this.#acquirers, entry);
    return entry.resource;
  }

  /** One that can be used. */
  *#fit(): Coroutine<Entry<T>> {
    for (let entry = this.#idle.pop(); entry !== undefined; entry = this.#idle.pop()) {
      let isFit = false;
      try {
        const verdict = this.#isOld(entry) ? false : this.#check(entry.resource);
        isFit = typeof verdict === "boolean" ? verdict : (yield* awaitedOf(verdict, "check")) === true;
      } finally {
        if (!isFit) yield* this.#end(entry);
      }
      if (isFit) return entry;
    }
    const entry = yield* this.#make();
    if (this.#state !== "terminated") return entry;
    yield* this.#end(entry);
    throw this.#closedError();
  }

  *#make(): Coroutine<Entry<T>> {
    const resource = yield* awaitedOf(this.#create(), "create");
    if (this.#inUse.has(resource)) throw new RangeError(`Cannot lend ${format(resource)}: it is in use already`);
    const now = getRunningLoop().time();
    this.#created++;
    return { resource, expires: now + this.#limits.maxLifetime, idleSince: now, isDestroyed: false };
  }

  /** Makes one that nobody has asked for. */
  *#add(): Coroutine<void> {
    this.#checkOpen();
    this.#places++;
    try {
      const entry = yield* this.#make();
      if (this.#state === "open") this.#rest(entry);
      else yield* this.#end(entry);
    } finally {
      this.#freePlace();
    }
  }

  *#release(entry: Entry<T>): Coroutine<void> {
    if (!this.#inUse.delete(entry.resource)) return; // it was released in between
    if (currentLedger !== null) {
      currentLedger.passed(this.#acquirers, entry);
      currentLedger.released(this.#acquirers);
    }
    try {
      if (this.#state !== "open" || this.#isOld(entry)) yield* this.#end(entry);
      else this.#rest(entry);
    } finally {
      this.#freePlace();
    }
  }

  *#close(terminates: boolean): Coroutine<void> {
    if (this.#state !== "terminated") this.#state = terminates ? "terminated" : "closing";
    this.#timer?.cancel();
    this.#acquirers.wake(Infinity);
    const ending = this.#idle.splice(0).map((entry) => this.#endIdle(entry));
    if (terminates) for (const entry of this.#inUse.values()) ending.push(this.#end(entry));
    // All together: each may take its time, as a connection does whose server is silent. Begun at once, as in #arm.
    const loop = getRunningLoop();
    const tasks = ending.map((each) => loop.createTask(each, { name: "ResourcePool.close", eagerStart: true }));
    yield* shielded(() => gather(tasks));
    yield* waiting(this.#closers, ResourcePool.#drain as Steps<ResourcePool<T>, void>, this);
  }

  /** Destroys one that waits to be used: in a place, as all that is done. */
  *#endIdle(entry: Entry<T>): Coroutine<void> {
    this.#places++;
    try {
      yield* this.#end(entry);
    } finally {
      this.#freePlace();
    }
  }

  *#end(entry: Entry<T>): Coroutine<void> {
    if (entry.isDestroyed) return;
    entry.isDestroyed = true;
    this.#destroyed++;
    const { resource } = entry;
    try {
      const destroying = this.#destroy(resource);
      if (isCoroutine(destroying) || isThenable(destroying)) yield* shielded(() => destroying);
    } catch (exception) {
      if (exception instanceof CancelledError) throw exception;
      // Whoever gives it back has nothing to do with that.
      const message = `Exception while ${format(this)} destroyed a resource`;
      getRunningLoop().callExceptionHandler({ message, exception });
    }
  }

  #rest(entry: Entry<T>): void {
    entry.idleSince = getRunningLoop().time();
    this.#idle.push(entry);
    this.#arm();
  }

  /** Has what waits longest looked at when it has waited for too long. */
  #arm(): void {
    const { maxIdle } = this.#limits;
    if (this.#timer !== null || maxIdle === Infinity || this.#idle.length === 0) return;
    const loop = getRunningLoop();
    this.#timer = loop.callAt(this.#idle[0].idleSince + maxIdle, () => {
      this.#timer = null;
      const surplus = this.#idle.length + this.#places - this.#limits.min;
      const tooLong = this.#idle.filter(({ idleSince }) => idleSince + maxIdle <= loop.time());
      const old = this.#idle.splice(0, Math.min(surplus, tooLong.length));
      // Begun at once: a task that is cancelled before its first step would never free its place.
      for (const entry of old)
        loop.createTask(this.#endIdle(entry), { name: "ResourcePool.maxIdle", eagerStart: true });
      if (surplus > old.length) this.#arm();
    });
  }

  #isOld({ expires }: Entry<T>): boolean {
    return getRunningLoop().time() >= expires;
  }

  #freePlace(): void {
    this.#places--;
    if (this.#state !== "open" && this.#places === 0) this.#closers.wake(Infinity);
    this.#wakeNext();
  }

  #wakeNext(): void {
    if (this.#places < this.#limits.max) this.#acquirers.wakeFirst();
  }

  #checkOpen(): void {
    if (this.#state !== "open") throw this.#closedError();
  }

  #closedError(): RuntimeError {
    return new RuntimeError(`Cannot acquire from ${format(this)}`);
  }
}
