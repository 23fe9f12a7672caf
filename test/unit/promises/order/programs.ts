// Random asynchronous programs, as data: an interpreter that is native, and one that is lowered, play the same.

import type { Random } from "../../../support/random.ts";

/** What gives a promise, a thenable or a value. */
export type Expression =
  | { readonly kind: "null" }
  | { readonly kind: "value" | "resolved" | "rejected" | "thenable" | "delay"; readonly n: number }
  | { readonly kind: "call"; readonly fn: number; readonly n: number }
  | {
      readonly kind: "all" | "race" | "any" | "allSettled" | "arrow" | "chain" | "new";
      readonly a: Expression;
      readonly b: Expression;
    };

/** What a function does, one after the other; each tells of itself by its label. */
export type Statement =
  | { readonly kind: "await" | "hold" | "later" | "loop" | "map"; readonly label: number; readonly a: Expression }
  | { readonly kind: "microtask"; readonly label: number }
  | { readonly kind: "each"; readonly label: number; readonly n: number; readonly leavesAt: number }
  | { readonly kind: "over"; readonly label: number; readonly list: readonly Expression[] }
  | {
      readonly kind: "try";
      readonly label: number;
      readonly first: Statement;
      readonly throws: boolean;
      readonly handler: Statement;
      readonly last: Expression;
    };

export interface Program {
  readonly functions: readonly { readonly body: readonly Statement[]; readonly result: Expression }[];
  /** What the generator awaits before each value, and gives. */
  readonly generator: { readonly a: Expression; readonly gives: Expression };
}

const FUNCTIONS = 5;
const DEEPEST = 3;

/** Makes a program. Its delays are a few milliseconds: many end at the same instant. */
export function randomProgram(random: Random): Program {
  let labels = 0;
  const simple = (): Expression => {
    const n = random.below(4);
    switch (random.below(7)) {
      case 0:
        return { kind: "null" };
      case 1:
        return { kind: "thenable", n };
      case 2:
        return { kind: "resolved", n };
      case 3:
        return { kind: "rejected", n };
      case 4:
        return { kind: "value", n };
      default:
        return { kind: "delay", n };
    }
  };
  const expression = (from: number, depth: number): Expression => {
    if (depth > DEEPEST) return simple();
    const pair = (): { a: Expression; b: Expression } => ({
      a: expression(from, depth + 1),
      b: expression(from, depth + 1),
    });
    switch (random.below(14)) {
      case 0:
        return { kind: "all", ...pair() };
      case 1:
        return { kind: "race", ...pair() };
      case 2:
        return { kind: "any", ...pair() };
      case 3:
        return { kind: "allSettled", ...pair() };
      case 4:
        return { kind: "arrow", ...pair() };
      case 5:
        return { kind: "chain", ...pair() };
      case 6:
        return { kind: "new", ...pair() };
      case 7:
      case 8:
      case 9: {
        const rest = FUNCTIONS - from - 1;
        return rest === 0 ? simple() : { kind: "call", fn: from + 1 + random.below(rest), n: random.below(9) };
      }
      default:
        return simple();
    }
  };
  const statement = (from: number, depth: number): Statement => {
    const label = labels++;
    const a = (): Expression => expression(from, depth);
    switch (random.below(10)) {
      case 0:
      case 1:
        return { kind: "await", label, a: a() };
      case 2:
        return { kind: "hold", label, a: a() };
      case 3:
        return { kind: "later", label, a: a() };
      case 4:
        return { kind: "loop", label, a: a() };
      case 5:
        return { kind: "map", label, a: a() };
      case 6:
        return { kind: "microtask", label };
      case 7:
        return { kind: "each", label, n: 1 + random.below(3), leavesAt: random.below(5) };
      case 8:
        return { kind: "over", label, list: [a(), a()] };
      default:
        if (depth > 1) return { kind: "microtask", label };
        return {
          kind: "try",
          label,
          first: statement(from, depth + 1),
          throws: random.below(2) === 0,
          handler: statement(from, depth + 1),
          last: a(),
        };
    }
  };
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => ({
    body: Array.from({ length: 1 + random.below(3) }, () => statement(index, 0)),
    result: expression(index, 1),
  }));
  return { functions, generator: { a: simple(), gives: simple() } };
}
