// Context variables: values that belong to a task instead of to the program. Mirrors Python's contextvars.
//
// A context holds an immutable map and replaces it at each `set`. So copying a context, which every task, handle and callback
// does, copies one reference; setting copies the map, which is small.

import { RuntimeError } from "../errors.ts";
import { format, keepName } from "./format.ts";

/** Values by variable. */
type Values = ReadonlyMap<object, unknown>;

const NO_VALUES: Values = new Map();

/** A set of values of context variables: contextvars.Context. */
export class Context {
  static {
    keepName(this, "Context");
  }
  #values: Values;
  #entered = false;

  constructor() {
    this.#values = NO_VALUES;
  }

  /** Calls `fn(...args)` with this as the current context, and returns what it returns. Throws RuntimeError when the context is entered already. */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    if (this.#entered) throw new RuntimeError("Cannot enter context: it is entered already");
    this.#entered = true;
    const outer = enterContext(this);
    try {
      return fn(...args);
    } finally {
      enterContext(outer);
      this.#entered = false;
    }
  }

  /** A context with the same values: later changes on either side do not show on the other. */
  copy(): Context {
    const copy = new Context();
    copy.#values = this.#values;
    return copy;
  }

  /** The value of a variable in this context, or undefined. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.#values.get(variable) as T | undefined;
  }

  /** Whether the variable has a value in this context. */
  has<T>(variable: ContextVar<T>): boolean {
    return this.#values.has(variable);
  }

  /** Number of variables that have a value. */
  get size(): number {
    return this.#values.size;
  }

  /** The variables that have a value. */
  keys(): IterableIterator<ContextVar<unknown>> {
    return this.#values.keys() as IterableIterator<ContextVar<unknown>>;
  }

  /** @internal */
  assign<T>(variable: ContextVar<T>, value: T): void {
    this.#values = new Map(this.#values).set(variable, value);
  }

  /** @internal */
  remove<T>(variable: ContextVar<T>): void {
    const values = new Map(this.#values);
    values.delete(variable);
    this.#values = values;
  }
}

let current = new Context();

/** @internal Makes a context the current one, and returns the one that was. */
export function enterContext(context: Context): Context {
  const outer = current;
  current = context;
  return outer;
}

/** A copy of the current context. Mirrors contextvars.copy_context. */
export function copyContext(): Context {
  return current.copy();
}

/** @internal The context of an option: a copy of the current one when it is not given. Throws TypeError for what is none. */
export function contextOption(context: Context | undefined): Context {
  if (context === undefined) return current.copy();
  if (!(context instanceof Context)) throw new TypeError(`Invalid context: expected a Context, got ${format(context)}`);
  return context;
}

const MISSING: unique symbol = Symbol("missing");

/** What `ContextVar.set` returns: with it, `reset` restores the value from before. Mirrors contextvars.Token. */
export class Token<T> {
  /** The variable that was set. */
  readonly variable: ContextVar<T>;
  /** @internal */
  readonly context: Context;
  /** @internal */
  readonly oldValue: T | typeof MISSING;
  /** @internal */
  used = false;

  /** @internal */
  constructor(variable: ContextVar<T>, context: Context, oldValue: T | typeof MISSING) {
    this.variable = variable;
    this.context = context;
    this.oldValue = oldValue;
  }
}

/** A variable with a value of its own in each context: contextvars.ContextVar. */
export class ContextVar<T> {
  /** Name, for messages. */
  readonly name: string;
  readonly #default: T | typeof MISSING;

  /** Throws TypeError when `name` is not a string. */
  constructor(name: string, options: { default?: T } = {}) {
    if (typeof name !== "string")
      throw new TypeError(`Cannot create context variable: its name is ${format(name)}, not a string`);
    this.name = name;
    this.#default = "default" in options ? options.default : MISSING;
  }

  /** The value in the current context, else `fallback`, else the default. Throws RangeError (Python's LookupError) when there is none. */
  get(...fallback: [T?]): T {
    if (current.has(this)) return current.get(this) as T;
    if (fallback.length > 0) return fallback[0] as T;
    if (this.#default !== MISSING) return this.#default;
    throw new RangeError(`Cannot get context variable '${this.name}': it has no value and no default`);
  }

  /** Sets the value in the current context. */
  set(value: T): Token<T> {
    const oldValue = current.has(this) ? (current.get(this) as T) : MISSING;
    current.assign(this, value);
    return new Token(this, current, oldValue);
  }

  /** Restores the value from before a `set`. Throws RangeError for a token of another variable or context, RuntimeError for a used one. */
  reset(token: Token<T>): void {
    if (token.used) throw new RuntimeError(`Cannot reset context variable '${this.name}': the token was used already`);
    if (token.variable !== this) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token is of '${token.variable.name}'`);
    }
    if (token.context !== current) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token was made in another context`);
    }
    token.used = true;
    if (token.oldValue === MISSING) current.remove(this);
    else current.assign(this, token.oldValue);
  }

  toString(): string {
    return `<ContextVar name='${this.name}'>`;
  }
}
