// Context variables: values that belong to a task instead of to the program. Mirrors Python's contextvars.
//
// The values of a context are an immutable map, which `set` replaces. So copying a context, which every task, handle
// and callback does, copies one reference; setting copies the map, which is small. What runs in a context of its own
// carries the values itself: a Context is made when a program asks for one.

import { Shown } from "../support/shown.ts";
import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { checkFunction, checkNames } from "../support/checks.ts";

/** Values by variable. */
type Values = ReadonlyMap<object, unknown>;

const NO_VALUES: Values = new Map();

/** What carries the values that something runs with: a task, a handle, or a context. */
export interface ContextCarrier {
  /** @internal */
  values: Values;
}

/** A set of values of context variables. Mirrors contextvars.Context. */
export class Context implements ContextCarrier {
  /** @internal */
  static readonly name: string = "Context";
  /** @internal Used when it carries the values itself. */
  values = NO_VALUES;
  /** @internal What carries its values. */
  readonly carrier: ContextCarrier;

  constructor();
  /** @internal @param carrier what it is the context of */
  constructor(carrier: ContextCarrier);
  constructor(carrier?: ContextCarrier) {
    this.carrier = carrier ?? this;
  }

  /**
   * Calls `fn(...args)` with this as the current context, and returns what it returns. Mirrors Context.run.
   * @throws TypeError when `fn` is not a function
   * @throws RuntimeError when the context is entered already: by another `run`, or as the one of the task or the
   *   callback that calls
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
    checkFunction(fn, "callback");
    checkNotEntered(this.carrier);
    beginInside(this.carrier);
    try {
      return fn(...args);
    } finally {
      endInside();
    }
  }

  /** A context with the same values: later changes on either side do not show on the other. Mirrors Context.copy. */
  copy(): Context {
    const copy = new Context();
    copy.values = this.carrier.values;
    return copy;
  }

  /**
   * The value of a variable in this context, or undefined. Mirrors Context.get.
   * @throws TypeError for what is not a ContextVar
   */
  get<T>(variable: ContextVar<T>): T | undefined {
    return this.carrier.values.get(checkVariable(variable)) as T | undefined;
  }

  /**
   * Whether the variable has a value in this context. Mirrors `variable in context`.
   * @throws TypeError for what is not a ContextVar
   */
  has<T>(variable: ContextVar<T>): boolean {
    return this.carrier.values.has(checkVariable(variable));
  }

  /** Number of variables that have a value. */
  get size(): number {
    return this.carrier.values.size;
  }

  /** The variables that have a value. Mirrors Context.keys. */
  keys(): IterableIterator<ContextVar<unknown>> {
    return this.carrier.values.keys() as IterableIterator<ContextVar<unknown>>;
  }
}

/** Carries the current context; null: the task that is being stepped does, and has not been asked for it. */
let current: ContextCarrier | null = new Context();

/** A loop, as far as contexts of its tasks go. */
interface Stepping {
  readonly currentTask: { readonly carrier: ContextCarrier } | null;
}

let stepping: Stepping | null = null;

/** @internal From now on this loop makes the steps. */
export function contextsAreOf(loop: Stepping | null): void {
  stepping = loop;
}

/**
 * @internal The context of the task that is being stepped becomes the current one. Most steps never ask for it, so it
 * is looked up for the first that does.
 */
export function leaveContextToTask(): void {
  current = null;
}

/**
 * What was current where a `run`, an eager step or a turn began that has not ended: still entered. Other steps only
 * replace `current`.
 */
const around: ContextCarrier[] = [];

/** @internal Throws RuntimeError when a carrier's context is entered already. */
export function checkNotEntered(carrier: ContextCarrier): void {
  if (carrier === currentContext() || around.includes(carrier))
    throw new RuntimeError("Cannot enter context: it is entered already");
}

/**
 * @internal Makes a carrier's context the current one inside the one that is: until `endInside`, which has to follow.
 */
export function beginInside(carrier: ContextCarrier): void {
  around.push(currentContext());
  current = carrier;
}

/** @internal */
export function endInside(): void {
  current = around.pop() as ContextCarrier;
}

/** @internal Makes a carrier's context the current one. */
export function enterContext(carrier: ContextCarrier): void {
  current = carrier;
}

/** @internal What carries the current context. */
export function currentContext(): ContextCarrier {
  return (current ??= stepping?.currentTask?.carrier ?? new Context()); // tasks of a closed loop cannot be found
}

/** @internal The values of the current context: a copy, for they are immutable. */
export function currentValues(): Values {
  return currentContext().values;
}

/** A copy of the current context. Mirrors contextvars.copy_context. */
export function copyContext(): Context {
  const copy = new Context();
  copy.values = currentValues();
  return copy;
}

/** Contexts that programs asked tasks and handles for. */
const contexts = new WeakMap<ContextCarrier, Context>();

/** @internal The context whose values something carries. */
export function contextOf(carrier: ContextCarrier): Context {
  if (carrier instanceof Context) return carrier;
  let context = contexts.get(carrier);
  if (context === undefined) {
    context = new Context(carrier);
    contexts.set(carrier, context);
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
  readonly context: ContextCarrier;
  /** @internal */
  readonly oldValue: T | typeof MISSING;
  /** @internal */
  used = false;

  /** @internal */
  constructor(variable: ContextVar<T>, context: ContextCarrier, oldValue: T | typeof MISSING) {
    this.variable = variable;
    this.context = context;
    this.oldValue = oldValue;
  }
}

/** A variable with a value of its own in each context. Mirrors contextvars.ContextVar. */
export class ContextVar<T> extends Shown {
  /** @internal */
  static override readonly name: string = "ContextVar";
  /** Name, for messages. */
  readonly name: string;
  readonly #default: T | typeof MISSING;

  /**
   * @param name name, for messages
   * @param options.default what `get` gives in a context without a value; default: none
   * @throws TypeError when `name` is not a string
   */
  constructor(name: string, options: { default?: T } = {}) {
    super();
    if (typeof name !== "string")
      throw new TypeError(`Cannot create context variable: its name is ${format(name)}, not a string`);
    this.name = name;
    checkNames(options, ["default"]);
    this.#default = "default" in options ? options.default : MISSING;
  }

  /**
   * The value in the current context, else `fallback`, else the default. Mirrors ContextVar.get.
   * @throws RangeError (Python's LookupError) when there is none of these
   */
  get(...fallback: [T?]): T {
    const values = currentValues();
    if (values.has(this)) return values.get(this) as T;
    if (fallback.length > 0) return fallback[0] as T;
    if (this.#default !== MISSING) return this.#default;
    throw new RangeError(`Cannot get context variable '${this.name}': it has no value and no default`);
  }

  /**
   * Sets the value in the current context. Mirrors ContextVar.set.
   * @returns the token with which `reset` restores the value from before
   */
  set(value: T): Token<T> {
    const carrier = currentContext();
    const { values } = carrier;
    const oldValue = values.has(this) ? (values.get(this) as T) : MISSING;
    carrier.values = new Map(values).set(this, value);
    return new Token(this, carrier, oldValue);
  }

  /**
   * Restores the value from before a `set`. Mirrors ContextVar.reset.
   * @throws TypeError for what is not a Token
   * @throws RangeError for a token of another variable or context
   * @throws RuntimeError for one that was used already
   */
  reset(token: Token<T>): void {
    if (!(token instanceof Token))
      throw new TypeError(`Cannot reset context variable '${this.name}': expected a Token, got ${format(token)}`);
    if (token.used) throw new RuntimeError(`Cannot reset context variable '${this.name}': the token was used already`);
    if (token.variable !== this) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token is of '${token.variable.name}'`);
    }
    const carrier = currentContext();
    if (token.context !== carrier) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token was made in another context`);
    }
    token.used = true;
    const values = new Map(carrier.values);
    if (token.oldValue === MISSING) values.delete(this);
    else values.set(this, token.oldValue);
    carrier.values = values;
  }

  override toString(): string {
    return `<ContextVar name='${this.name}'>`;
  }
}
