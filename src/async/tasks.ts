// asyncio's functions for lowered code: what they give are promises. They begin at the call, but for what is about the
// task that awaits them.

import { abortable as abortableCoroutine } from "../bridges/abortable.ts";
import { AsyncTask } from "../promises/async-task.ts";
import { asPromise } from "../promises/as-promise.ts";
import { runAs } from "../promises/await.ts";
import { visit } from "../promises/outside.ts";
import { run as runCoroutine, type RunOptions } from "../runners/runner.ts";
import type { Signal } from "../runtime/abort.ts";
import { type Future, revealed } from "../runtime/future.ts";
import { onlyLoop, runningLoop } from "../runtime/loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task, TaskOptions } from "../runtime/task.ts";
import type { Delay } from "../support/delay.ts";
import { asCompleted as inOrder } from "../tasks/as-completed.ts";
import { createTask as createTaskOf } from "../tasks/create-task.ts";
import { gather as gatherAll } from "../tasks/gather.ts";
import { type MapConcurrentlyOptions, mapConcurrently as mapAll } from "../tasks/map-concurrently.ts";
import { race as raceAll } from "../tasks/race.ts";
import { shield as shieldOne } from "../tasks/shield.ts";
import { shielded as shieldBlock } from "../tasks/shielded.ts";
import { sleep as sleepFor } from "../tasks/sleep.ts";
import { waitFor as waitForOne } from "../tasks/wait-for.ts";
import { type WaitOptions, wait as waitForSome } from "../tasks/wait.ts";
import { type Main, bodyOf } from "./main.ts";
import { checkLowered, checkRunning } from "./not-lowered.ts";
import { type Operation, operationOf } from "./operation.ts";

/** A function of the library that gives a coroutine, as one that gives a promise. */
function promising<F>(name: string, make: (...args: never[]) => Coroutine<unknown>): F {
  const started = (...args: never[]): unknown => {
    checkRunning(name);
    return runAs(make(...args), name, started);
  };
  return Object.defineProperty(started, "name", { value: name }) as F;
}

type Settled<A extends readonly unknown[]> = { -readonly [K in keyof A]: Awaited<A[K]> | Error };
type Results<A extends readonly unknown[]> = { -readonly [K in keyof A]: Awaited<A[K]> };

/**
 * Runs an async function in a loop of its own: see `run` of `wasyncio`.
 * @throws RuntimeError, at the call, for an async function that is not lowered
 *
 * @example
 * await run(async () => {
 *   await sleep(1);
 * });
 */
export function run<T>(main: () => PromiseLike<T>, options?: RunOptions): Promise<T> {
  return runCoroutine(checkLowered(main, "run"), options);
}

/**
 * Runs an async function as a task, which starts in the next iteration; a promise of one that runs gives its task. See
 * `createTask` of `wasyncio`. In a callback of the host it is a task of the loop that runs, if that is the only one.
 * @throws RuntimeError for an async function that is not lowered, and when no loop runs
 *
 * @example
 * const task = createTask(() => load(url), { name: "load" });
 * const page = await task;
 */
export function createTask<T>(main: Main<T>, options?: TaskOptions): Task<T> & Promise<T> {
  const only = runningLoop() === null ? onlyLoop() : null;
  if (only !== null) return visit(only, () => createTask(main, options));
  checkRunning("createTask");
  if (!((main as unknown) instanceof AsyncTask))
    return asPromise(createTaskOf(bodyOf(main), options)) as Task<T> & Promise<T>;
  const task = main as unknown as AsyncTask<T>;
  if (options?.name !== undefined) task.setName(options.name);
  return revealed(task);
}

/**
 * Waits for a time: see `sleep` of `wasyncio`.
 *
 * @example
 * await sleep(0.5);
 */
export const sleep: {
  (delay: Delay): Promise<void>;
  <T>(delay: Delay, result: T): Promise<T>;
} = promising("sleep", sleepFor);

/**
 * Waits for promises, and gives what they give: see `gather` of `wasyncio`.
 *
 * @example
 * const [user, posts] = await gather(loadUser(id), loadPosts(id));
 */
export const gather: {
  <const A extends readonly PromiseLike<unknown>[]>(
    awaitables: A,
    options: { returnExceptions: true },
  ): Promise<Settled<A>>;
  <const A extends readonly PromiseLike<unknown>[]>(
    awaitables: A,
    options?: { returnExceptions?: false },
  ): Promise<Results<A>>;
  <const A extends readonly PromiseLike<unknown>[]>(...awaitables: A): Promise<Results<A>>;
} = ((...args: never[]) => {
  checkRunning("gather");
  return asPromise((gatherAll as (...args: never[]) => Future<unknown>)(...args));
}) as never;

/**
 * Keeps a cancellation of the one who awaits it from a promise: see `shield` of `wasyncio`.
 *
 * @example
 * await shield(save(document));
 */
export const shield = <T>(promise: PromiseLike<T>): Promise<T> => {
  checkRunning("shield");
  return asPromise(shieldOne(promise));
};

/**
 * Waits until some of a number of promises are done: see `wait` of `wasyncio`.
 *
 * @example
 * const [done, pending] = await wait(tasks, { timeout: 5 });
 */
export const wait: <F extends Task<unknown> & Promise<unknown>>(
  tasks: Iterable<F>,
  options?: WaitOptions,
) => Promise<[done: Set<F>, pending: Set<F>]> = promising("wait", waitForSome);

/**
 * Waits for a promise, for so long: see `waitFor` of `wasyncio`.
 *
 * @example
 * const page = await waitFor(load(url), 5);
 */
export const waitFor: <T>(promise: PromiseLike<T>, timeout: Delay | null) => Promise<T> = promising(
  "waitFor",
  waitForOne,
);

/**
 * Gives what the first of a number of promises to end gives; the others are cancelled, and waited for. See `race` of
 * `wasyncio`.
 *
 * @example
 * const page = await race(load(mirror), load(otherMirror));
 */
export const race: <A extends readonly PromiseLike<unknown>[]>(...promises: A) => Promise<Awaited<A[number]>> =
  promising("race", raceAll);

/**
 * Calls a function for each item, for some at once: see `mapConcurrently` of `wasyncio`.
 *
 * @example
 * const pages = await mapConcurrently(load, urls, { limit: 10 });
 */
export const mapConcurrently: <A, B>(
  fn: (item: A, index: number) => PromiseLike<B>,
  items: Iterable<A>,
  options: MapConcurrentlyOptions,
) => Promise<B[]> = promising("mapConcurrently", mapAll);

/**
 * Runs a block that cancellation does not enter, in the task that awaits it: see `shielded` of `wasyncio`.
 *
 * @example
 * await shielded(() => connection.close());
 */
export function shielded<T>(body: () => PromiseLike<T>): Operation<T> {
  return operationOf(shieldBlock(checkLowered(body, "shield")), "shielded");
}

/**
 * Work of the outside that can be aborted: see `abortable` of `wasyncio`. Its function is a native one mostly, and is
 * called with the signal.
 *
 * @example
 * const response = await abortable((signal) => client.get(url, { signal }));
 */
export const abortable: <T>(fn: (signal: Signal) => PromiseLike<T>) => Promise<T> = promising(
  "abortable",
  abortableCoroutine,
);

/**
 * Promises in the order in which they end: see `asCompleted` of `wasyncio`.
 *
 * @example
 * for (const next of asCompleted(urls.map(load))) console.log(await next);
 */
export function asCompleted<T>(
  promises: Iterable<PromiseLike<T>>,
  options?: { timeout?: Delay | null },
): Iterable<Operation<T>> {
  return operations(inOrder(promises, options) as Iterable<Coroutine<T>>);
}

function* operations<T>(coroutines: Iterable<Coroutine<T>>): Generator<Operation<T>> {
  for (const next of coroutines) yield operationOf(next, "asCompleted");
}
