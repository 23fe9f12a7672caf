// Several errors as one: Python's ExceptionGroup.

import { format } from "./format.ts";

type ErrorClass = abstract new (...args: never[]) => unknown;

/** What to pick from a group: a class of errors, several of them, or a predicate. */
export type ErrorCondition = ErrorClass | readonly ErrorClass[] | ((error: unknown) => boolean);

/**
 * Several errors that happened at once: what a TaskGroup throws. `errors` holds them in order; some may be groups.
 * Mirrors Python's ExceptionGroup.
 *
 * @example
 * try {
 *   yield* new TaskGroup().with(function* (group) { ... });
 * } catch (error) {
 *   if (!(error instanceof ExceptionGroup)) throw error;
 *   const [timeouts, rest] = error.split(TimeoutError);
 *   if (rest !== null) throw rest;
 * }
 */
export class ExceptionGroup extends AggregateError {
  static {
    this.prototype.name = "ExceptionGroup";
  }
  /** @internal */
  static override readonly name: string = "ExceptionGroup";

  /**
   * @throws TypeError when the message is not a string or the errors are not a list
   * @throws RangeError when there is no error
   */
  constructor(message: string, errors: Iterable<unknown>) {
    if (typeof message !== "string")
      throw new TypeError(`Cannot create exception group: the message is ${format(message)}, not a string`);
    if (
      typeof errors !== "object" ||
      typeof (errors as Partial<typeof errors> | null)?.[Symbol.iterator] !== "function"
    )
      throw new TypeError(`Cannot create exception group: the errors are ${format(errors)}, not a list`);
    const list = [...errors];
    if (list.length === 0) throw new RangeError("Cannot create exception group: there is no error in it");
    super(list, message);
  }

  /** The errors of the group, as `errors`. Mirrors ExceptionGroup.exceptions. */
  get exceptions(): readonly unknown[] {
    return this.errors as unknown[];
  }

  /**
   * The group with only the errors that meet a condition, at any depth, or null when none does. Mirrors
   * ExceptionGroup.subgroup.
   */
  subgroup(condition: ErrorCondition): ExceptionGroup | null {
    return this.split(condition)[0];
  }

  /**
   * Two groups, of the errors that meet a condition and of the others, each null when it would be empty. Nesting is
   * kept. Mirrors ExceptionGroup.split.
   */
  split(condition: ErrorCondition): [matching: ExceptionGroup | null, rest: ExceptionGroup | null] {
    const meets = predicateOf(condition);
    if (meets(this)) return [this, null];
    const matching: unknown[] = [];
    const rest: unknown[] = [];
    for (const error of this.exceptions) {
      if (!(error instanceof ExceptionGroup)) {
        (meets(error) ? matching : rest).push(error);
        continue;
      }
      const [inside, outside] = error.split(meets);
      if (inside !== null) matching.push(inside);
      if (outside !== null) rest.push(outside);
    }
    return [this.#with(matching), this.#with(rest)];
  }

  /**
   * A group like this one with other errors: what a subclass overrides to be kept by `split` and `subgroup`. Mirrors
   * ExceptionGroup.derive.
   */
  derive(errors: readonly unknown[]): ExceptionGroup {
    return new ExceptionGroup(this.message, errors);
  }

  override toString(): string {
    const count = this.exceptions.length;
    return `${this.name}: ${this.message} (${count} sub-exception${count === 1 ? "" : "s"})`;
  }

  #with(errors: readonly unknown[]): ExceptionGroup | null {
    if (errors.length === 0) return null;
    const group = this.derive(errors);
    if (this.cause !== undefined) group.cause = this.cause;
    if (this.stack !== undefined) group.stack = this.stack;
    return group;
  }
}

/** A condition as a function. Throws TypeError for what is none; `what` says what it was for. */
export function predicateOf(condition: ErrorCondition, what = "split exception group"): (error: unknown) => boolean {
  if (Array.isArray(condition)) {
    const other: unknown = condition.find((type) => typeof type !== "function" || typeof type.prototype !== "object");
    if (other !== undefined || condition.includes(undefined))
      throw new TypeError(`Cannot ${what}: expected classes in the list, got ${format(other)}`);
    return (error) => condition.some((type) => error instanceof type);
  }
  if (typeof condition !== "function")
    throw new TypeError(`Cannot ${what}: expected a class or a predicate, got ${format(condition)}`);
  return isClass(condition)
    ? (error) => error instanceof (condition as ErrorClass)
    : (condition as (error: unknown) => boolean);
}

/** Whether a function is a class: those have a prototype that cannot be replaced, or are errors of the older kind. */
function isClass(fn: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(fn, "prototype");
  return prototype !== undefined && (prototype.writable === false || prototype.value instanceof Error);
}
