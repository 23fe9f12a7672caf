// Programs of a few lines, as they stand and lowered: over the host's promises both have to do the same, in the same ticks.

import { setImmediate as turn } from "node:timers/promises";
import { transformSync } from "esbuild";
import { expect } from "vitest";
import { lowerAsync } from "wasyncio/transform";
import * as helpers from "../../support/host-helpers.ts";

export type Log = (...what: unknown[]) => void;

/** What a program logs. It may use `log`, and `tick`, by which a microtask logs. */
export async function logOf(code: string, isStrict = true): Promise<string[]> {
  const lines: string[] = [];
  const log: Log = (...what) => void lines.push(what.map(String).join(" "));
  const require = (name: string): unknown => {
    expect(name).toBe("wasyncio/lowered");
    return helpers;
  };
  const evaluate = new Function("log", "require", "exports", (isStrict ? '"use strict";' : "") + code);
  evaluate.call({}, log, require, {});
  for (let i = 0; i < 5; i++) await turn();
  return lines;
}

export function lowered(code: string, file = "program.cjs"): string {
  const result = lowerAsync(code, { file });
  if (result === null) throw new Error("There is nothing to lower");
  expect(result.code.split("\n").length).toBe(code.split("\n").length);
  return result.code;
}

/** Checks that a program logs `expected`, as it stands and lowered. In the log of both are ticks, too. */
export async function expectSame(code: string, expected: string[], { isStrict = true } = {}): Promise<void> {
  const ticking = `{ let n = 0; (function tick() { if (n++ < 30) { Promise.resolve().then(tick); log("tick"); } })(); }`;
  const before = isStrict ? "" : "";
  const program = `${before}${code}\n${ticking}`;
  const plain = await logOf(program, isStrict);
  expect(plain.filter((line) => line !== "tick")).toEqual(expected);
  expect(await logOf(lowered(isStrict ? `"use strict";${program}` : program), isStrict)).toEqual(plain);
}

/** TypeScript as JavaScript: types go, nothing else changes. */
export function stripped(code: string, loader: "ts" | "tsx" = "ts"): string {
  return transformSync(code, { loader, target: "esnext", jsx: "transform" }).code;
}
