// Context variables: values that belong to a task instead of to the program. Mirrors Python's contextvars.
//
// The values of a context are an immutable map, which `set` replaces. So copying a context, which every task, handle
// and callback does, copies one reference; setting copies the map, which is small. What runs in a context of its own
// carries the values itself: a Context is made when a program asks for one.

import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { checkFunction } from "../support/checks.ts";
import type { ContextVar } from "./context-var.ts";

/** Values by variable. */
type Values = ReadonlyMap<object, unknown>;

const NO_VALUES: Values = new Map();

/** What carries the values that something runs with: a task, a handle, or a context. */
export interface ContextCarrier {
  /** @internal */
  values: Values;
}

/** What runs once in a context: in one of its own, or in one that it was given. */
export interface ContextUser {
  /** @internal The values that it carries; or in their place the context that it was given, to be smaller. */
  values: Values | Context;
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

/** @internal What carries the values that something runs with. */
export function carrierOf(user: ContextUser): ContextCarrier {
  const { carrier } = user.values as Partial<Context>;
  return carrier ?? (user as ContextCarrier);
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

/** By what it can do, so that a bundle whose program has no variables is without their class. */
function checkVariable<T>(variable: ContextVar<T>): ContextVar<T> {
  if (typeof (variable as Partial<ContextVar<T>> | null)?.reset === "function") return variable;
  throw new TypeError(`Invalid variable: expected a ContextVar, got ${format(variable)}`);
}
