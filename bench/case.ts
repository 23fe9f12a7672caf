// A case: one question about cost, with the program that answers it on each side.
//
// A program is written for a library that it is handed, not one that it imports: so a measurement loads the library
// that it measures and no other, and the same program can be measured on two builds of one library.

import type * as effect from "effect";
import type * as effection from "effection";
import type * as wasyncio from "wasyncio";

/** Called by a batch where its measured part begins, if that is not at its start. */
export type FromHere = () => void;

export interface Case {
  /** What the table's row is called. */
  title: string;
  /** Operations in one batch. A batch counts what it did, and its count has to be this number. */
  operations: number;

  /** One batch on our side, given our library. */
  wasyncio(library: typeof wasyncio): (fromHere: FromHere) => wasyncio.Coroutine<number>;
  /** One batch on the engine's own promises and timers, where these have the same notion. So for the other peers. */
  native?(): (fromHere: FromHere) => Promise<number>;
  effect?(library: typeof effect): (fromHere: FromHere) => effect.Effect.Effect<number, unknown>;
  effection?(library: typeof effection): (fromHere: FromHere) => effection.Operation<number>;
  /** The batch for asyncio and uvloop is the function of the case's name in python/cases.py. */
}

/** Gives a case its types. */
export const defineCase = (it: Case): Case => it;

/** `await giveWay` is `await null`, the engine's own way to let others run, in a type that a linter lets pass. */
export const giveWay = null as unknown as Promise<void>;
