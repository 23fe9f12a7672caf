// The model: what an object does when its calls come one after the other. Its states are its fields, and are copied:
// a call is tried in many of them.

import { format, nameOf } from "../../support/format.ts";
import { checkFunction, checkOptions } from "../../support/checks.ts";
import { isFuture } from "../../runtime/future.ts";
import { isGenerator, isThenable } from "../../runtime/suspension.ts";
import { type HistoryCall, describeCall, errorName } from "./call.ts";
import { Keys, copyOf, isBuiltIn } from "./data.ts";

/** Whether a result is what the model gives. */
export type Sameness = (expected: unknown, actual: unknown, method: string) => boolean;

/** A state of the model. Two of the same contents are one object. */
export interface State {
  readonly number: number;
  /** The model in that state, which nobody changes. */
  readonly model: object;
  /** What each call does here, as far as it was asked. */
  readonly effects: Map<HistoryCall, Effect>;
}

/** What a call does in a state. */
export interface Effect {
  /** The state that it leads to. */
  readonly state: State;
  readonly outcome: "returned" | "threw";
  /** What the model returns or throws. */
  readonly value: unknown;
  /** Whether the call has ended like that, or may yet. */
  readonly fits: boolean;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** A model, and the states in which it was seen. */
export class Model {
  /** Names of its methods. */
  readonly methods: ReadonlySet<string>;
  readonly keys = new Keys();
  readonly #same: Sameness;
  readonly #states = new Map<string, State>();
  readonly #first: object;
  readonly #firstKey: string;

  /** Throws TypeError for what is no model. */
  constructor(make: () => object, same: Sameness | undefined) {
    this.#first = checkOptions(checkFunction(make, "model")(), "model");
    if (mustBeAwaited(this.#first) || isBuiltIn(this.#first))
      throw new TypeError(`Invalid model: expected an object with methods of its own, got ${format(this.#first)}`);
    this.methods = methodsOf(this.#first);
    if (this.methods.size === 0) throw new TypeError(`Invalid model: ${format(this.#first)} has no methods`);
    for (const [name, field] of Object.entries(this.#first)) copyOf(field, (found) => refuseField(name, found));
    this.#firstKey = this.#keyOf(this.#first);
    this.#same = same ?? ((expected, actual) => this.keys.keyOf(expected, true) === this.keys.keyOf(actual, true));
  }

  /** The state in which it was made. */
  firstState(): State {
    return this.#stateOf(this.#first);
  }

  /** Throws TypeError when a method has changed the model that was made first, not the copy that it was called on. */
  checkFirst(): void {
    if (this.#keyOf(this.#first) !== this.#firstKey)
      throw new TypeError("Invalid model: its methods change something else than the fields of `this`");
  }

  /** What a call does in a state. Throws TypeError for a mistake of the model's. */
  effectOf(call: HistoryCall, state: State): Effect {
    let effect = state.effects.get(call);
    if (effect === undefined) state.effects.set(call, (effect = this.#run(call, state)));
    return effect;
  }

  #run(call: HistoryCall, state: State): Effect {
    const model = copyOfModel(state.model);
    let value: unknown;
    let outcome: Effect["outcome"] = "returned";
    try {
      value = (model as Methods)[call.method](...copyOf(call.args));
    } catch (error) {
      value = error;
      outcome = "threw";
    }
    if (outcome === "returned" && mustBeAwaited(value))
      throw new TypeError(`Invalid model: expected a plain method ${call.method}, it gave ${format(value)}`);
    const fits = call.outcome === "open" || (call.outcome === outcome && this.#isSame(outcome, value, call));
    if (!fits && outcome === "threw") refuseMistake(value, call);
    return { state: this.#stateOf(model), outcome, value, fits };
  }

  #isSame(outcome: Effect["outcome"], value: unknown, call: HistoryCall): boolean {
    if (outcome === "threw") return errorName(value) === errorName(call.value);
    return this.#same(value, call.value, call.method);
  }

  #stateOf(model: object): State {
    const key = this.#keyOf(model);
    let state = this.#states.get(key);
    if (state === undefined) {
      state = { number: this.#states.size, model, effects: new Map() };
      this.#states.set(key, state);
    }
    return state;
  }

  #keyOf(model: object): string {
    return this.keys.keyOf({ ...model });
  }
}

function mustBeAwaited(value: unknown): boolean {
  return isGenerator(value) || (isThenable(value) && !isFuture(value));
}

/** Its functions, but for the constructor: its own, and those of its classes. */
function methodsOf(model: object): Set<string> {
  const names = new Set<string>();
  for (let each = model; each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each)))
      if (name !== "constructor" && typeof value === "function") names.add(name);
  }
  return names;
}

function copyOfModel(model: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(model) as object | null), copyOf({ ...model })) as object;
}

function refuseField(name: string, found: object): never {
  throw new TypeError(
    `Invalid model: ${name} has ${describeKind(found)}: a state is data (arrays, maps, sets, plain objects), so that it can be copied`,
  );
}

function describeKind(found: object): string {
  return `a ${nameOf((found as { constructor?: unknown }).constructor)}`;
}

/** Throws TypeError for an error that no model throws on purpose, when its object has not thrown the like. */
function refuseMistake(error: unknown, call: HistoryCall): void {
  if (!(error instanceof TypeError || error instanceof ReferenceError)) return;
  throw new TypeError(
    `Invalid model: ${describeCall(call)} failed in it with ${format(error)}. Its state has to stand in public fields`,
    { cause: error },
  );
}
