// Pools: functions that are run by a number of workers, under multiprocessing's names.

import { checkCount, checkFunction, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Future } from "../runtime/future.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { gather } from "../tasks/gather.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import type { JobResult } from "../executors/executor.ts";
import { type MappedJobs, isIterable } from "../executors/mapped-jobs.ts";
import { type ThreadPoolOptions, checkWorkerCount } from "../executors/pool-executor.ts";
import { AsyncResult } from "./async-result.ts";
import { CHILD_OPTIONS, type ChildOptions, Children } from "./children.ts";
import { UnorderedResults } from "./unordered-results.ts";

/** Options of pools. */
export interface PoolOptions extends ChildOptions, Pick<ThreadPoolOptions, "initializer" | "initargs"> {
  /** Most calls that a worker runs before another one takes its place, or null for any number. Default: null. */
  maxtasksperchild?: number | null;
}

/** Options of `applyAsync` and `mapAsync`. */
export interface CallbackOptions<T> {
  /** Called with the result. */
  callback?: (result: T) => void;
  /** Called with what was thrown. */
  errorCallback?: (error: unknown) => void;
}

/**
 * Runs functions in a number of workers, which are threads by default. Mirrors multiprocessing.Pool; what blocks there
 * is awaited here. Behind `with` it is terminated, as in Python.
 *
 * @example
 * yield* new Pool().with(function* (pool) {
 *   console.log(yield* pool.apply(greet, ["Jeff"]));
 *   const [one, two] = [pool.applyAsync(greet, ["Ann"]), pool.applyAsync(greet, ["Bob"])];
 *   console.log(yield* one.get(), yield* two.get());
 * });
 */
export class Pool extends Shown implements AsyncContextManager<Pool, void> {
  /** @internal */
  static override readonly name: string = "Pool";
  readonly #children: Children;
  #isOpen = true;

  /**
   * @param processes how many workers there are at most, up to 1024, or null for one for each core; default: null
   * @throws TypeError or RangeError for options that are not what they are to be
   */
  constructor(processes: number | null = null, options: PoolOptions = {}) {
    super();
    const { context = "thread", maxtasksperchild = null, ...own } = checkNames(options, NAMES);
    this.#children = new Children(context, (n) => `PoolWorker-${n + 1}`, {
      ...own,
      ...(processes === null ? {} : { maxWorkers: checkWorkerCount(processes, "processes") }),
      maxTasksPerChild: maxtasksperchild,
    });
  }

  /**
   * Calls a function in a worker, and waits as a task for what it gives. Mirrors Pool.apply.
   * @param fn a `job`, or a function that closes over nothing; also a `function*` or an async one
   * @throws what the function throws; RangeError when the pool is not open
   */
  apply<A extends unknown[], R>(fn: (...args: A) => R, args: A): Coroutine<JobResult<R>> {
    checkCall(fn, args);
    return operation("Pool.apply", this.#apply(fn, args));
  }

  *#apply<A extends unknown[], R>(fn: (...args: A) => R, args: A): Coroutine<JobResult<R>> {
    return yield* this.#send(fn, args, 1);
  }

  /** As `apply`, but gives at once what will have the result. Mirrors Pool.apply_async. */
  applyAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    args: A,
    options: CallbackOptions<JobResult<R>> = {},
  ): AsyncResult<JobResult<R>> {
    checkCall(fn, args);
    return called(options, () => this.#send(fn, args, 1));
  }

  /**
   * Calls a function with each item, and waits as a task for all results, in order. Mirrors Pool.map.
   * @param chunksize how many calls are sent to a worker at once, though it is not known yet how long they take;
   *   default: 1
   * @throws what a call has thrown, when all have ended
   * @throws TypeError for what is no function, and what is not iterable: nothing is called then; RangeError for a size
   *   that is not positive, and when the pool is not open
   */
  map<I, R>(fn: (item: I) => R, items: Iterable<I>, chunksize = 1): Coroutine<JobResult<R>[]> {
    return this.starmap(fn, eachAlone(items), chunksize);
  }

  /** As `map`, but gives at once what will have the results. Mirrors Pool.map_async. */
  mapAsync<I, R>(
    fn: (item: I) => R,
    items: Iterable<I>,
    chunksize = 1,
    options: CallbackOptions<JobResult<R>[]> = {},
  ): AsyncResult<JobResult<R>[]> {
    return this.starmapAsync(fn, eachAlone(items), chunksize, options);
  }

  /** As `map`, for items that are arrays of arguments. Mirrors Pool.starmap. */
  starmap<A extends unknown[], R>(fn: (...args: A) => R, items: Iterable<A>, chunksize = 1): Coroutine<JobResult<R>[]> {
    return operation("Pool.map", resultsOf(this.#sendAll(fn, items, chunksize)));
  }

  /** As `starmap`, but gives at once what will have the results. Mirrors Pool.starmap_async. */
  starmapAsync<A extends unknown[], R>(
    fn: (...args: A) => R,
    items: Iterable<A>,
    chunksize = 1,
    options: CallbackOptions<JobResult<R>[]> = {},
  ): AsyncResult<JobResult<R>[]> {
    return called(options, () => getEventLoop().createTask(resultsOf(this.#sendAll(fn, items, chunksize))));
  }

  /** As `map`, for `forEach`: the results come one by one, in order. Mirrors Pool.imap. */
  imap<I, R>(fn: (item: I) => R, items: Iterable<I>, chunksize = 1): MappedJobs<JobResult<R>> {
    this.#checkOpen();
    return this.#children.map(fn, items, { chunksize });
  }

  /** As `imap`, in the order in which the calls end. Mirrors Pool.imap_unordered. */
  imapUnordered<I, R>(fn: (item: I) => R, items: Iterable<I>, chunksize = 1): UnorderedResults<JobResult<R>> {
    return new UnorderedResults(this.#sendAll(fn, eachAlone(items), chunksize));
  }

  /** Takes no more calls: its workers end when all are done. Mirrors Pool.close. */
  close(): void {
    this.#isOpen = false;
    this.#children.close(getEventLoop());
  }

  /** Ends its workers at once: what they have not given is cancelled. Mirrors Pool.terminate. */
  terminate(): void {
    this.#isOpen = false;
    this.#children.terminate(getEventLoop());
  }

  /**
   * Waits as a task until its workers have ended. Mirrors Pool.join.
   * @throws RangeError when it was neither closed nor terminated
   */
  join(): Coroutine<void> {
    if (this.#isOpen) throw new RangeError("Pool is still running");
    return operation("Pool.join", this.#children.shutdown());
  }

  /** Gives the pool itself. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Terminates it, and waits until its workers have ended. */
  *aexit(): Coroutine<void> {
    this.terminate();
    yield* this.join();
  }

  /** Runs a block with the pool, which is terminated behind it, and returns what it returns. */
  with<R>(body: (pool: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** "<Pool open>". */
  override toString(): string {
    return `<Pool ${this.#isOpen ? "open" : "closed"}>`;
  }

  #send<A extends unknown[], R>(fn: (...args: A) => R, args: A, chunk: number): Future<JobResult<R>> {
    this.#checkOpen();
    return this.#children.send(fn, args, chunk);
  }

  #sendAll<A extends unknown[], R>(
    fn: (...args: A) => R,
    items: Iterable<A>,
    chunksize: number,
  ): Future<JobResult<R>>[] {
    checkFunction(fn, "job");
    checkCount(chunksize, "chunksize");
    this.#checkOpen();
    const calls = listOf(items); // all that there are, before the first is sent
    for (const args of calls) checkCall(fn, args);
    return calls.map((args) => this.#send(fn, args, chunksize));
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new RangeError("Pool not running");
  }
}

const NAMES = [...CHILD_OPTIONS, "initializer", "initargs", "maxtasksperchild"];

/** Throws TypeError for what cannot be called in a worker. Returns the function. */
function checkCall<F extends Function>(fn: F, args: unknown): F {
  checkFunction(fn, "job");
  if (!Array.isArray(args)) throw new TypeError(`Invalid args: expected an array, got ${format(args)}`);
  return fn;
}

/** Throws TypeError for what is not iterable. */
function listOf<I>(items: Iterable<I>): I[] {
  if (isIterable(items)) return [...items];
  throw new TypeError(`Invalid items: expected an iterable, got ${format(items)}`);
}

/** Each item as the only argument of a call. */
const eachAlone = <I>(items: Iterable<I>): [I][] => listOf(items).map((item) => [item]);

/** All results in order, when all calls have ended. Throws the first error among them. */
function* resultsOf<T>(futures: readonly Future<T>[]): Coroutine<T[]> {
  yield* gather(futures, { returnExceptions: true });
  return futures.map((future) => future.result());
}

/** Begins calls whose result has callbacks. Throws TypeError for what are none: nothing is begun then. */
function called<T>(options: CallbackOptions<T>, begin: () => Future<T>): AsyncResult<T> {
  const { callback, errorCallback } = checkNames(options, ["callback", "errorCallback"]);
  if (callback !== undefined) checkFunction(callback, "callback");
  if (errorCallback !== undefined) checkFunction(errorCallback, "errorCallback");
  const future = begin();
  if (callback !== undefined || errorCallback !== undefined)
    future.addDoneCallback(() => {
      if (future.cancelled()) return;
      const error = future.exception();
      if (error === null) callback?.(future.result());
      else errorCallback?.(error);
    });
  return new AsyncResult(future);
}
