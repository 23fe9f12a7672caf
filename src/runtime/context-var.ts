// Context variables as programs have them. Mirrors contextvars.ContextVar and contextvars.Token.
//
// Apart from contexts, which every loop has: a bundle whose program has no variables is without this.

import { RuntimeError } from "../errors/base.ts";
import { checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { type ContextCarrier, currentContext } from "./context.ts";

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
    const { values } = currentContext();
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
    const context = currentContext();
    const { values } = context;
    const oldValue = values.has(this) ? (values.get(this) as T) : MISSING;
    context.values = new Map(values).set(this, value);
    return new Token(this, context, oldValue);
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
    const context = currentContext();
    if (token.context !== context) {
      throw new RangeError(`Cannot reset context variable '${this.name}': the token was made in another context`);
    }
    token.used = true;
    const values = new Map(context.values);
    if (token.oldValue === MISSING) values.delete(this);
    else values.set(this, token.oldValue);
    context.values = values;
  }

  override toString(): string {
    return `<ContextVar name='${this.name}'>`;
  }
}
