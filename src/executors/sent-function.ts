// The functions of a pool's jobs.

import { type AnyFunction, referenceOf } from "./job.ts";
import type { Reference } from "./messages.ts";

/** A function, as a pool knows it. */
export interface SentFunction {
  readonly reference: Reference;
  /** How long its jobs take, as far as that was seen; Infinity before the first. */
  seconds: number;
}

/** Functions by what workers find them by: closures of one text are one. */
export class SentFunctions {
  readonly #registry: ReadonlyMap<unknown, string> | null;
  readonly #known = new WeakMap<AnyFunction, SentFunction>();
  readonly #byKey = new Map<string, SentFunction>();

  /** @param registry what workers serve, by the names there; null: they load modules */
  constructor(registry: ReadonlyMap<unknown, string> | null) {
    this.#registry = registry;
  }

  /** Throws TypeError for what workers could not find. */
  get(fn: AnyFunction): SentFunction {
    let sent = this.#known.get(fn);
    if (sent !== undefined) return sent;
    const reference = referenceOf(fn, this.#registry);
    const key = Object.values(reference).join("\0");
    sent = this.#byKey.get(key) ?? { reference, seconds: Infinity };
    this.#byKey.set(key, sent);
    this.#known.set(fn, sent);
    return sent;
  }
}
