// gather: several awaitables at once, their results in order.

import { isAwaitable } from "../runtime/awaitable.ts";
import { ensureFuture } from "../runtime/ensure-future.ts";
import { NO_OPTIONS, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Future } from "../runtime/future.ts";
import { type Passing, passCancel } from "../runtime/cancel.ts";
import { Join } from "../runtime/join.ts";
import { DerivedFuture } from "../runtime/derived-future.ts";
import { type Loop, runningLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Awaitable, Result } from "../runtime/awaitable.ts";

type Results<A extends readonly unknown[]> = { -readonly [K in keyof A]: Result<A[K]> };
type Settled<A extends readonly unknown[]> = { -readonly [K in keyof A]: Result<A[K]> | Error };

/** Options of `gather`. */
export interface GatherOptions {
  /** Whether errors count as results and stand in the list. Default: the first one makes the whole fail. */
  returnExceptions?: boolean;
}

/**
 * Runs awaitables at once and gives their results in order. Mirrors asyncio.gather.
 *
 * Coroutines become tasks at the call. The first error makes the returned future fail, and the others run on;
 * cancelling it cancels all. For work that belongs together, see TaskGroup.
 * @throws TypeError for what cannot be awaited
 * @throws RangeError for a future of another loop
 *
 * @example
 * const [user, posts] = yield* gather(loadUser(id), loadPosts(id));
 * const results = yield* gather(urls.map(load), { returnExceptions: true });
 */
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: { returnExceptions: true },
): Future<Settled<A>>;
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options?: { returnExceptions?: false },
): Future<Results<A>>;
export function gather<const A extends readonly Awaitable<unknown>[]>(
  awaitables: A,
  options: GatherOptions,
): Future<Settled<A>>;
export function gather<const A extends readonly Awaitable<unknown>[]>(...awaitables: A): Future<Results<A>>;
export function gather(...args: unknown[]): Future<unknown[]> {
  const [first, options] = args as [unknown, GatherOptions | undefined];
  if (!Array.isArray(first)) {
    if (args.length > 1 && isOptions(args.at(-1)))
      throw new TypeError(
        "Cannot gather: options go behind a list, as in gather([a(), b()], { returnExceptions: true })",
      );
    return gatherAll(args as Awaitable<unknown>[], false);
  }
  if (options !== undefined && (typeof options !== "object" || args.length > 2 || isAwaitable(options))) {
    throw new TypeError(`Cannot gather: expected options behind the list, got ${format(options)}`);
  }
  if (options === undefined || options === null) return gatherAll(first as Awaitable<unknown>[], false);
  return gatherAll(first as Awaitable<unknown>[], checkNames(options, ["returnExceptions"]).returnExceptions ?? false);
}

function isOptions(value: unknown): boolean {
  return typeof value === "object" && value !== null && "returnExceptions" in value && !isAwaitable(value);
}

/** Up to so many elements are compared with each other: a set takes longer to make. */
const FEW = 8;

function hasDuplicates(list: readonly unknown[]): boolean {
  if (list.length > FEW) return new Set(list).size < list.length;
  return list.some((element, index) => list.includes(element, index + 1));
}

function gatherAll(awaitables: readonly Awaitable<unknown>[], returnExceptions: boolean): Future<unknown[]> {
  if (awaitables.length === 0) {
    const empty = new Future<unknown[]>(getEventLoop().own);
    empty.setResult([]);
    return empty;
  }
  const running = runningLoop();
  const waiter = running?.currentTask ?? null;
  let options: { loop?: Loop } = running?.own ?? NO_OPTIONS;
  // An awaitable that stands in the list twice is awaited once.
  const futures = hasDuplicates(awaitables) ? new Map<Awaitable<unknown>, Future<unknown>>() : null;
  const children: Future<unknown>[] = [];
  const done: Future<unknown>[] = [];
  const tellsOf = returnExceptions ? "failures" : "failures and cancellations";
  let join: Join | null = null;
  let pending = 0;
  let outer: GatheringFuture | null = null;

  const onDone = (failed: Future<unknown> | null, left: number): void => {
    if (outer === null || outer.done()) {
      failed?.retrieved();
      return;
    }
    if (!returnExceptions && failed !== null) {
      outer.fail(failed.takeError());
      return;
    }
    if (left > 0) return;
    if (outer.cancelRequested) {
      // The last argument's error, as in asyncio, whichever child ended last.
      for (const each of children) each.retrieved();
      outer.fail((children.at(-1) as Future<unknown>).makeCancelledError());
      return;
    }
    outer.setResult(children.map(outcomeOf));
  };

  for (const awaitable of awaitables) {
    let child = futures?.get(awaitable);
    if (child === undefined) {
      child = ensureFuture(awaitable, options);
      if (options === NO_OPTIONS) options = { loop: child.getLoop() };
      futures?.set(awaitable, child);
      if (child.done()) {
        done.push(child);
      } else {
        pending++;
        (join ??= new Join(child.getLoop(), onDone, waiter, tellsOf)).add(child);
      }
    }
    children.push(child);
  }
  outer = new GatheringFuture(children, options.loop as Loop);
  // Children that are done already are counted now, so that a gather of nothing but those is done at once.
  for (const [index, child] of done.entries()) onDone(child.failed ? child : null, pending + done.length - 1 - index);
  return outer;
}

/** What stands in the list for a finished child: its result, or its error. */
function outcomeOf(child: Future<unknown>): unknown {
  if (child.cancelled()) return child.lastCancelledError();
  return child.failed ? child.takeError() : child.result();
}

/** Passes a cancel on to the children, and is done when they are. */
class GatheringFuture extends DerivedFuture<unknown[]> implements Passing {
  /** @internal */
  static override readonly name: string = "_GatheringFuture"; // asyncio's name, for messages
  cancelRequested = false;
  readonly #children: readonly Future<unknown>[];

  constructor(children: readonly Future<unknown>[], loop: Loop) {
    super(loop, "gather", children);
    this.#children = children;
  }

  override cancel(message?: string): boolean {
    return !this.done() && passCancel(this, this.#children, message);
  }

  get passesCancel(): boolean {
    return true;
  }

  askToCancel(): readonly Future<unknown>[] {
    return this.#children;
  }

  endCancel(_message: string | undefined, taken: boolean): boolean {
    if (taken) this.cancelRequested = true;
    return taken;
  }

  /** Its children wait for it: so it does not wait for them. */
  breakCircle(message: string | undefined): boolean {
    return super.cancel(message);
  }
}
