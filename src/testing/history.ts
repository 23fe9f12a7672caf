// Histories: the calls of an object as they begin and end, and whether they could have come one after the other.

import { RuntimeError } from "../errors/base.ts";
import { CancelledError } from "../errors/asyncio.ts";
import { isFuture } from "../runtime/future.ts";
import { runningLoop, runningTask } from "../runtime/loop.ts";
import { type Coroutine, isCoroutine, isCoroutineFunction, isThenable } from "../runtime/suspension.ts";
import { checkFunction, checkNames, checkOptions } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { Capture } from "../support/stack.ts";
import { type HistoryCall, NotedCall, dataOf, describeCall } from "./linearizability/call.ts";
import { contradictionIn, describeContradiction, picture } from "./linearizability/contradiction.ts";
import { copyOf } from "./linearizability/data.ts";
import { LinearizabilityError } from "./linearizability/linearizability-error.ts";
import { Model } from "./linearizability/model.ts";
import { findOrder } from "./linearizability/order.ts";
import { SweepFault } from "./sweep/sweep-fault.ts";

/** Options of `History`. */
export interface HistoryOptions {
  /**
   * The part of the object that a call is about, the key of a map for example. Calls of different parts have nothing to
   * do with each other, and each part is checked by itself: that is far quicker. Default: all calls are about the same.
   */
  partition?: (method: string, args: readonly unknown[]) => unknown;
  /** Whether a result is the one that the model gives. Default: data of the same contents, else the same object. */
  same?: (expected: unknown, actual: unknown, method: string) => boolean;
  /**
   * Accepts errors that do not tell whether the call has had its effect, a lost connection for example. A
   * CancelledError and a SweepFault never tell.
   */
  indeterminate?: (error: unknown) => boolean;
}

const HISTORY_OPTIONS: readonly (keyof HistoryOptions)[] = ["partition", "same", "indeterminate"];

/**
 * What was called on an object and what came of it, in the order in which it happened: for tests, whether all of it
 * looks as if each call had its effect at one moment between its beginning and its end, one after the other. That is
 * linearizability. A model says what the calls do one after the other: an object with methods of the same names,
 * which are plain functions, and with all its state in public fields, as data. What an object without such a method
 * does is not noted.
 *
 * @example
 * explore(function* () {
 *   const history = new History(() => ({
 *     left: 1,
 *     order() {
 *       return this.left-- > 0 ? "ordered" : "sold out";
 *     },
 *   }));
 *   const shop = history.watch(new Shop());
 *   yield* gather(shop.order(), shop.order());
 *   history.assertLinearizable();
 * });
 */
export class History<M extends object = object> extends Shown {
  /** @internal */
  static override readonly name: string = "History";
  readonly #model: Model;
  readonly #partition: HistoryOptions["partition"];
  readonly #indeterminate: (error: unknown) => boolean;
  readonly #calls: NotedCall[] = [];
  /** Beginnings and ends until now. */
  #moments = 0;
  /** Whether somebody will read what is wrong: not in the runs of a search. */
  readonly #explains: boolean;

  /**
   * @param model makes the model; called once
   * @throws TypeError when it makes no model: one without methods, or with a field that is not data
   */
  constructor(model: () => M, options: HistoryOptions = {}) {
    super();
    const { partition, same, indeterminate = () => false } = checkNames(options, HISTORY_OPTIONS);
    if (partition !== undefined) checkFunction(partition, "partition");
    if (same !== undefined) checkFunction(same, "same");
    this.#indeterminate = checkFunction(indeterminate, "indeterminate");
    this.#partition = partition;
    this.#model = new Model(model, same);
    const loop = runningLoop();
    this.#explains = loop === null || loop.getDebug() || loop.host.virtual !== true;
  }

  /**
   * The object, with the calls of its methods noted that the model has, too. The call of a coroutine begins when the
   * coroutine does. Calls that the object makes of its own methods are no calls of their own. Several objects in one
   * history are as many ways to the same thing: two clients of a server.
   * @throws TypeError when it lacks a method of the model's, or that method is frozen
   */
  watch<T extends object>(object: T): T {
    checkOptions(object, "object");
    for (const name of this.#model.methods) {
      if (typeof Reflect.get(object, name) !== "function")
        throw new TypeError(`Cannot watch ${format(object)}: it has no method ${name}, which the model has`);
      if (isFrozen(object, name)) throw new TypeError(`Cannot watch ${format(object)}: its method ${name} is frozen`);
    }
    const wrappers = new Map<PropertyKey, Function>();
    // `this` is the object itself, for its private fields.
    return new Proxy(object, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function" || name === "constructor" || isFrozen(target, name)) return value;
        let wrapper = wrappers.get(name);
        if (wrapper === undefined) {
          const isNoted = typeof name === "string" && this.#model.methods.has(name);
          wrapper = isNoted
            ? (...args: unknown[]) => this.#call(target, name, args)
            : (...args: unknown[]) => (Reflect.get(target, name) as Function).apply(target, args) as unknown;
          wrappers.set(name, wrapper);
        }
        return wrapper;
      },
      set: (target, name, value) => Reflect.set(target, name, value),
    });
  }

  /** The calls until now, in the order of their beginnings. */
  get calls(): readonly HistoryCall[] {
    return this.#calls.map(dataOf);
  }

  /**
   * Throws when the calls until now could not have come one after the other, each at some moment between its beginning
   * and its end. Calls that have not ended, or were cancelled, may have had their effect or not.
   * @throws LinearizabilityError, which shows as few calls as contradict each other; in a search, it does so for the
   *   failure that is reported
   * @throws RuntimeError when there are too many orders to try
   * @throws TypeError for a mistake of the model's
   */
  assertLinearizable(): void {
    for (const calls of this.#parts()) {
      const { order, stuck } = findOrder(calls, this.#model);
      if (order === "found" || stuck === null) continue;
      if (order === "unknown")
        throw new RuntimeError(
          `Cannot tell whether ${calls.length} calls are linearizable: too many of them go on at the same time. ` +
            "Make fewer, or say by partition which of them have nothing to do with each other",
        );
      if (!this.#explains) throw new LinearizabilityError("Not linearizable", []);
      const contradiction = contradictionIn(calls, stuck, this.#model);
      throw new LinearizabilityError(describeContradiction(contradiction), contradiction.calls.map(dataOf));
    }
  }

  /** A line for each call, from its beginning to its end. */
  override toString(): string {
    return this.#calls.length === 0 ? "no calls" : picture(this.#calls).join("\n");
  }

  #parts(): Iterable<readonly HistoryCall[]> {
    const partition = this.#partition;
    if (partition === undefined) return [this.#calls];
    const parts = new Map<string, HistoryCall[]>();
    for (const call of this.#calls) {
      const part = partition(call.method, call.args);
      if (part === undefined) throw new TypeError(`Invalid partition: it gave no part for ${describeCall(call)}`);
      const key = this.#model.keys.keyOf(part);
      const known = parts.get(key);
      if (known === undefined) parts.set(key, [call]);
      else known.push(call);
    }
    return parts.values();
  }

  #call(target: object, name: string, args: unknown[]): unknown {
    const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
    const place = runningLoop()?.getDebug() === true ? new Capture() : null;
    const call = new NotedCall(
      name,
      args.map((each) => copyOf(each)),
      place,
    );
    // Nothing of a coroutine runs yet.
    if (isCoroutineFunction(method)) return this.#follow(method.apply(target, args), call);
    this.#begin(call);
    let given: unknown;
    try {
      given = method.apply(target, args);
    } catch (error) {
      this.#fail(call, error);
      throw error;
    }
    if (isCoroutine(given)) return this.#follow(given, call);
    if (isThenable(given) && !isFuture(given)) return this.#followPromise(given, call);
    this.#end(call, given);
    return given;
  }

  *#follow(coroutine: Coroutine<unknown>, call: NotedCall): Coroutine<unknown> {
    if (call.begun < 0) this.#begin(call);
    else call.maker = runningTask(); // it may have been called elsewhere
    let value: unknown;
    try {
      value = yield* coroutine;
    } catch (error) {
      this.#fail(call, error);
      throw error;
    }
    this.#end(call, value);
    return value;
  }

  async #followPromise(promise: PromiseLike<unknown>, call: NotedCall): Promise<unknown> {
    let value: unknown;
    try {
      value = await promise;
    } catch (error) {
      this.#fail(call, error);
      throw error;
    }
    this.#end(call, value);
    return value;
  }

  #begin(call: NotedCall): void {
    call.begun = this.#moments++;
    call.maker = runningTask();
    this.#calls.push(call);
  }

  #end(call: NotedCall, value: unknown): void {
    call.ended = this.#moments++;
    call.outcome = "returned";
    call.value = copyOf(value);
  }

  #fail(call: NotedCall, error: unknown): void {
    call.value = error;
    if (error instanceof CancelledError || error instanceof SweepFault || this.#indeterminate(error)) return;
    call.ended = this.#moments++;
    call.outcome = "threw";
  }
}

/** Whether a proxy has to give a property as it is. */
function isFrozen(target: object, name: PropertyKey): boolean {
  const property = Object.getOwnPropertyDescriptor(target, name);
  return property?.configurable === false && property.writable === false;
}
