// Arrivals: the one entrance for the outside. Whatever comes from outside of a loop's turns comes in here: what a
// promise settled with, a signal, Ctrl-C, what was collected, the abort of a request, a call from elsewhere.
//
// An arrival has a number and a source. While the loop runs it is applied in the loop's own turn, when its entry in the
// ready queue has its turn: so it has a place among all that runs, and digest and choices see it. A source has at most
// one entry there, whatever comes meanwhile, and keeps what came in order. Who records a run, replays one, or refuses
// the outside, does it here.
//
// Waking is here, too. The core says when something is ready while its host waits, once, whoever has made it ready: no
// operation has to think of it. Nothing else asks a host for a turn because something came.

import { NONE } from "../core/abi.ts";
import { check } from "../core/codes.ts";
import { type Core, slotOf } from "../core/core.ts";
import type { Host } from "../drivers/clock.ts";
import type { HostContext } from "../drivers/contexts.ts";
import { RuntimeError } from "../errors/base.ts";
import { type ContextCarrier, currentValues, enterContext } from "./context.ts";
import { type HostContextCarrier, currentHostContext, runInCaptured, runInHostContext } from "./host-context.ts";
import { isThenable } from "./suspension.ts";

/** The loop, as its arrivals know it. */
export interface Destination {
  readonly core: Core;
  readonly host: Host;
  readonly inTurn: boolean;
  currentSlot: number;
  isClosed(): boolean;
  isRunning(): boolean;
  /** The run cannot go on: its host has failed. */
  failRun(error: unknown): void;
  callExceptionHandler(context: { message: string; exception: unknown }): void;
}

/** What follows a promise. */
export interface Follower<T> {
  readonly isDone: boolean;
  succeed(value: T): void;
  fail(error: unknown): void;
}

/** What follows one promise together. Those that are done are dropped now and then: so it is as large as what waits. */
class Followers {
  #futures: Follower<unknown>[];
  #room = 8;

  constructor(first: Follower<unknown>) {
    this.#futures = [first];
  }

  add(future: Follower<unknown>): void {
    if (this.#futures.length >= this.#room) {
      this.#futures = this.#futures.filter((each) => !each.isDone);
      this.#room = Math.max(8, 2 * this.#futures.length);
    }
    this.#futures.push(future);
  }

  /** All of them, in order; none follows any more. */
  take(): Follower<unknown>[] {
    const futures = this.#futures;
    this.#futures = [];
    return futures;
  }
}

/**
 * What the outside holds of a loop: it lets go when that is closed, else a promise that never settles would keep it for
 * ever.
 */
interface Tie {
  arrivals: Arrivals | null;
}

/** What has come, and is not applied yet. */
interface Arrival {
  readonly source: string;
  /** The host's context in which it came. */
  readonly hostContext: HostContext | null;
  apply(): void;
}

/** One of our own futures: it answers by its loop, and makes no promise for that. */
interface FutureLike {
  readonly _asyncioFutureBlocking: boolean;
  addDoneCallback(callback: () => void): void;
  result(): unknown;
}

function isFutureLike(value: object): value is FutureLike {
  return typeof (value as Partial<FutureLike>)._asyncioFutureBlocking === "boolean";
}

function thenableOf(future: FutureLike): PromiseLike<unknown> {
  const then = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void =>
    future.addDoneCallback(() => {
      let result: unknown;
      try {
        result = future.result();
      } catch (error) {
        return reject(error);
      }
      resolve(result);
    });
  return { then } as PromiseLike<unknown>;
}

/** Who refuses the outside where nothing of it can happen. */
export interface Refusal {
  /** Throws for a promise that somebody is about to wait for, and that could never settle. */
  promise(promise: PromiseLike<unknown>): void;
  /** Throws for what the program did: "used the network". `instead` says what to do. */
  act(act: string, instead: string): never;
}

export class Arrivals {
  /** Number of the latest one; 0 before the first. */
  count = 0;
  /** A simulation's; else null. */
  refusal: Refusal | null = null;
  readonly #loop: Destination;
  readonly #inbox: Source;
  /**
   * What follows each promise that is pending; and whatever else was asked, by an object of its own. Made when there is
   * one: it takes longer to make than many loops have to live.
   */
  #followers: WeakMap<object, Followers> | null = null;
  /** How many promises that are, as far as they have not been collected. */
  #followed = 0;
  readonly #tie: Tie = { arrivals: this };
  /** What the outside would call, and has to be taken back when the loop is closed. */
  #listening: Set<() => void> | null = null;
  #waiting: Arrival[] = [];
  #isWaking = false;
  /** How many of the outside are expected to come. */
  #expected = 0;

  constructor(loop: Destination) {
    this.#loop = loop;
    this.#inbox = new Source(loop, "arrivals", () => this.#applyAll());
  }

  /** Takes note of an arrival. */
  admit(_source: string): void {
    this.count++;
  }

  /**
   * Something came from outside, once: `apply` is what it does. It is called in the loop's turn. Inside a turn it is
   * called at once, because it comes from there; and also while no run goes on, when nothing has an order.
   */
  deliver(source: string, apply: () => void): void {
    const loop = this.#loop;
    if (loop.inTurn || !loop.isRunning() || !this.#inbox.post()) {
      this.admit(source);
      apply();
    } else {
      this.#waiting.push({ source, hostContext: currentHostContext(), apply });
    }
  }

  /**
   * One of the outside is expected to come, or no longer. While any is, the host stays alive as long as the loop runs:
   * no deadlock.
   */
  expect(change: 1 | -1): void {
    const expected = this.#expected + change;
    if (expected > 0 !== this.#expected > 0) this.#loop.host.keepAlive?.(expected > 0);
    this.#expected = expected;
  }

  /**
   * Has a future follow a promise. What the promise settles with is an arrival; the first answer counts. A promise
   * keeps each reaction as long as it is pending: so it gets one for all that follow it. Another thenable may do
   * something at each `then`, and is asked each time.
   */
  follow<T>(promise: PromiseLike<T>, future: Follower<Awaited<T>>): void {
    this.refusal?.promise(promise);
    const known = this.#followers?.get(promise);
    if (known !== undefined) {
      known.add(future);
      return;
    }
    this.#ask(promise, promise instanceof Promise ? promise : {}, [promise], new Followers(future));
  }

  /** Whether a promise is followed that has not been settled. */
  get followsPromises(): boolean {
    return this.#followed > 0;
  }

  /** Something outside would call the loop. Returns `stop`, which is called at the latest when the loop is closed. */
  listen(stop: () => void): () => void {
    const stopOnce = (): void => {
      if (this.#listening?.delete(stopOnce)) stop();
    };
    (this.#listening ??= new Set()).add(stopOnce);
    return stopOnce;
  }

  /** The loop was closed: the outside lets go of it. */
  close(): void {
    this.#tie.arrivals = null;
    for (const stop of this.#listening ?? []) {
      try {
        stop();
      } catch (exception) {
        this.#loop.callExceptionHandler({ message: "Exception while the loop left what it followed", exception });
      }
    }
  }

  /**
   * Asks a thenable for its answer, and the thenable that this may be for its own, and so on: `chain` is what was
   * asked. `key` stands for the question.
   */
  #ask(thenable: PromiseLike<unknown>, key: object, chain: readonly PromiseLike<unknown>[], asker: Followers): void {
    (this.#followers ??= new WeakMap()).set(key, asker);
    this.#followed++;
    const tie = this.#tie;
    // A thenable may call back twice, or late: when the loop is closed. Then there is nobody to tell.
    let isAnswered = false;
    const first = (call: (arrivals: Arrivals) => void): void => {
      if (isAnswered) return;
      isAnswered = true;
      if (tie.arrivals !== null) call(tie.arrivals);
    };
    const fulfil = (value: unknown): void => first((arrivals) => arrivals.#fulfil(key, value, chain));
    const reject = (error: unknown): void => first((arrivals) => arrivals.#reject(key, error));
    try {
      thenable.then(fulfil, reject);
    } catch (error) {
      reject(error);
    }
  }

  /** A thenable has given its answer, perhaps another thenable. */
  #fulfil(key: object, value: unknown, chain: readonly PromiseLike<unknown>[]): void {
    let further: PromiseLike<unknown> | null;
    try {
      further = this.#furtherOf(value, chain);
    } catch (error) {
      return this.#reject(key, error);
    }
    if (further === null) this.#answer(key, (future) => future.succeed(value));
    else this.#ask(further, {}, [...chain, value as PromiseLike<unknown>], this.#take(key));
  }

  /** The thenable that an answer is, to be asked in its turn; null when it is none. */
  #furtherOf(value: unknown, chain: readonly unknown[]): PromiseLike<unknown> | null {
    if (!isThenable(value)) return null;
    if (chain.includes(value)) throw new TypeError("Cannot await a promise that is fulfilled with itself");
    const further = isFutureLike(value) ? thenableOf(value) : value;
    this.refusal?.promise(further);
    return further;
  }

  #reject(key: object, error: unknown): void {
    this.#answer(key, (future) => future.fail(error));
  }

  #answer(key: object, apply: (future: Follower<unknown>) => void): void {
    for (const future of this.#take(key).take()) {
      if (future.isDone) continue;
      this.deliver("promise", () => {
        if (!future.isDone) apply(future);
      });
    }
  }

  #take(key: object): Followers {
    const followers = this.#followers as WeakMap<object, Followers>;
    const asker = followers.get(key) as Followers;
    followers.delete(key);
    this.#followed--;
    return asker;
  }

  /** Asks the host for a turn, because there is something to do. A host that cannot give one ends the run. */
  wake(): void {
    const loop = this.#loop;
    if (!loop.isRunning()) return;
    this.#isWaking = true;
    try {
      loop.host.wakeSoon();
    } catch (error) {
      loop.failRun(error);
    } finally {
      this.#isWaking = false;
    }
  }

  /** Throws RuntimeError inside `wakeSoon`: what has become ready may still be under way. */
  checkTurn(): void {
    if (this.#isWaking)
      throw new RuntimeError("Cannot take a turn inside wakeSoon: the host has to return from it first");
  }

  #applyAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#inbox.close();
    for (const { source, hostContext, apply } of waiting) {
      this.admit(source);
      try {
        runInCaptured(hostContext, apply);
      } catch (exception) {
        this.#loop.callExceptionHandler({ message: `Exception in an arrival of ${source}`, exception });
      }
    }
  }
}

/** A source of arrivals: it has an entry in the ready queue when something has come. */
export class Source implements ContextCarrier, HostContextCarrier {
  /** @internal */
  values = currentValues();
  /** @internal */
  hostContext = currentHostContext();
  readonly #loop: Destination;
  readonly #name: string;
  readonly #apply: () => void;
  /** @internal Id in the core, NONE while it is not open. */
  id: number = NONE;

  /** @param apply takes in all that has come: called in the loop's turn, at most once for each `post` */
  constructor(loop: Destination, name: string, apply: () => void) {
    this.#loop = loop;
    this.#name = name;
    this.#apply = apply;
  }

  /**
   * Something has come. Opens the source if it is not open. Returns whether it has an entry: not when there is no
   * memory for it.
   */
  post(): boolean {
    const { core } = this.#loop;
    if (this.id === NONE) {
      const id = core.openSource();
      if (id < 0) return false;
      this.id = id;
      core.objects[slotOf(id)] = this;
    }
    check(core.post(this.id));
    return true;
  }

  /** Gives its slot back, until it is posted again. */
  close(): void {
    if (this.id === NONE) return;
    const { core } = this.#loop;
    check(core.closeSource(this.id));
    core.objects[slotOf(this.id)] = undefined;
    this.id = NONE;
  }

  /** @internal Its turn has come. */
  run(): void {
    const loop = this.#loop;
    loop.currentSlot = NONE;
    enterContext(this);
    runInHostContext(this, Source.#takeIn, undefined);
  }

  static #takeIn(source: Source): void {
    try {
      source.#apply();
    } catch (exception) {
      source.#loop.callExceptionHandler({ message: `Exception in ${source.toString()}`, exception });
    }
  }

  toString(): string {
    return `<Source ${this.#name}>`;
  }
}
