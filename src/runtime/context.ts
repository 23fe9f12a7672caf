// Context variables: values that belong to a task instead of to the program. Mirrors Python's contextvars.
//
// The values of a context are an immutable map, which `set` replaces. So copying a context, which every task, handle and callback
// does, copies one reference; setting copies the map, which is small. What runs in a context of its own holds the values itself: a
// Context is made when a program asks for one.

import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { checkFunction, checkOptions } from "../support/checks.ts";

/** Values by variable. */
type Values = ReadonlyMap<object, unknown>;

const NO_VALUES: Values = new Map();

/** What holds the values that something runs with: a task, a handle, or a context. */
export interface ContextHolder {
  /** @internal */
  values: Values;
}

/** A set of values of context variables: contextvars.Context. */
export class Context implements ContextHolder {
  /** @internal */
  static readonly name: string = "Context";
  /** @internal Used when it holds the values itself. */
  values = NO_VALUES;
  /** @internal What holds its values. */
  readonly holder: ContextHolder;

  constructor();
  /** @internal @param holder what it is the context of */
  constructor(holder: ContextHolder);
  constructor(holder?: ContextHolder) {
    this.holder = holder ?? this;
  }

  /**
   * Calls `fn(...args)` with this as the current context, and returns what it returns. Throws RuntimeError when the context is
   * entered already: by another `run`, or as the one of the task or the callback that calls.
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    checkFunction(fn, "callback");
    checkNotEntered(this.holder);
    beginInside(this.holder);
    try {
      return fn(...args);
    } finally {
      endInside();
    }
  }

  /** A context with the same values: later changes on either side do not show on the other. */
  copy(): Context {
    const copy = new Context();
    copy.values = this.holder.values;
    return copy;
  }

  /** The value of a variable in this context, or undefined. */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.holder.values.get(checkVariable(variable)) as T | undefined;
  }

  /** Whether the variable has a value in this context. */
  has<T>(variable: ContextVar<T>): boolean {
    return this.holder.values.has(checkVariable(variable));
  }

  /** Number of variables that have a value. */
  get size(): number {
    return this.holder.values.size;
  }

  /** The variables that have a value. */
  keys(): IterableIterator<ContextVar<unknown>> {
    return this.holder.values.keys() as IterableIterator<ContextVar<unknown>>;
  }
}

let current: ContextHolder = new Context();

/** What was current where a `run`, an eager step or a turn began that has not ended: still entered. Other steps only replace `current`. */
const around: ContextHolder[] = [];

/** @internal Throws RuntimeError when a holder's context is entered already. */
export function checkNotEntered(holder: ContextHolder): void {
  if (holder === current || around.includes(holder))
    throw new RuntimeError("Cannot enter context: it is entered already");
}

/** @internal Makes a holder's context the current one inside the one that is: until `endInside`, which has to follow. */
export function beginInside(holder: ContextHolder): void {
  around.push(current);
  current = holder;
}

/** @internal */
export function endInside(): void {
  current = around.pop() as ContextHolder;
}

/** @internal Makes a holder's context the current one, and returns the holder that was. */
export function enterContext(holder: ContextHolder): ContextHolder {
  const outer = current;
  current = holder;
  return outer;
}

/** @internal What holds the current context. */
export function currentContext(): ContextHolder {
  return current;
}

/** @internal The values of the current context: a copy, for they are immutable. */
export function currentValues(): Values {
  return current.values;
}

/** A copy of the current context. Mirrors contextvars.copy_context. */
export function copyContext(): Context {
  const copy = new Context();
  copy.values = current.values;
  return copy;
}

/** Contexts that programs asked tasks and handles for. */
const contexts = new WeakMap<ContextHolder, Context>();

/** @internal The context whose values a holder holds. */
export function contextOf(holder: ContextHolder): Context {
  if (holder instanceof Context) return holder;
  let context = contexts.get(holder);
  if (context === undefined) {
    context = new Context(holder);
    contexts.set(holder, context);
  }
  return context;
}

/** @internal The option `context`. Throws TypeError for what is none. */
export function checkContext(context: Context | undefined): Context | undefined {
  if (context === undefined || context instanceof Context) return context;
  throw new TypeError(`Invalid context: expected a Context, got ${format(context)}`);
}

function checkVariable<T>(variable: ContextVar<T>): ContextVar<T> {
  if (variable instanceof ContextVar) return variable;
  throw new TypeError(`Invalid variable: expected a ContextVar, got ${format(variable)}`);
}

const MISSING: unique symbol = Symbol("missing");

/** What `ContextVar.set` returns: with it, `reset` restores the value from before. Mirrors contextvars.Token. */
export class Token<T> {
  /** @internal */
  static readonly name: string = "Token";
  /** The variable that was set. */
  readonly variable: ContextVar<T>;
  /** @internal */
  readonly context: ContextHolder;
  /** @internal */
  readonly oldValue: T | typeof MISSING;
  /** @internal */
  used = false;

  /** @internal */
  constructor(variable: ContextVar<T>, context: ContextHolder, oldValue: T | typeof MISSING) {
    this.variable = variable;
    this.context = context;
    this.oldValue = oldValue;
  }
}

/** A variable with a value of its own in each context: contextvars.ContextVar. */
export class ContextVar<T> {
  /** @internal */
  static readonly name: string = "ContextVar";
  /** Name, for messages. */
  readonly name: string;
  readonly #default: T | typeof MISSING;

  /** Throws TypeError when `name` is not a string. */
  constructor(name: string, options: { default?: T } = {}) {
    if (typeof name !== "string")
      throw new TypeError(`Cannot create context variable: its name is ${format(name)}, not a string`);
    this.name = name;
    checkOptions(options);
    this.#default = "default" in options ? options.default : MISSING;
  }

  /** The value in the current context, else `fallback`, else the default. Throws RangeError (Python's LookupError) when there is none. */
  get(...fallback: [T?]): T {
    if (current.values.has(this)) return current.values.get(this) as T;
    if (fallback.length > 0) return fallback[0] as T;
    if (this.#default !== MISSING) return this.#default;
    throw new RangeError(`Cannot get context variable '${this.name}': it has no value and no default`);
  }

  /** Sets the value in the current context. */
  set(value: T): Token<T> {
    const { values } = current;
    const oldValue = values.has(this) ? (values.get(this) as T) : MISSING;
    current.values = new Map(values).set(this, value);
    return new Token(this, current, oldValue);
  }

  /** Restores the value from before a `set`. Throws RangeError for a token of another variable or context, RuntimeError for a used one. */
  reset(token: Token<T>): void {
    if (!(token instanceof Token))
      throw new TypeError(`Cannot reset context variable '${this.name}': expected a Token, got ${format(token)}`);
    if (token.used) throw new RuntimeError(`Cannot reset context variable '${this.name}': the token was used already`);
    if (token.variable !== this) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token is of '${token.variable.name}'`);
    }
    if (token.context !== current) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token was made in another context`);
    }
    token.used = true;
    const values = new Map(current.values);
    if (token.oldValue === MISSING) values.delete(this);
    else values.set(this, token.oldValue);
    current.values = values;
  }

  toString(): string {
    return `<ContextVar name='${this.name}'>`;
  }
}
