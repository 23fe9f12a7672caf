// Programs of a few lines, as they stand and lowered: over the host's promises both have to do the same, in the same
// ticks.

import { setImmediate as turn } from "node:timers/promises";
import { compileFunction } from "node:vm";
import { transformSync } from "esbuild";
import { expect } from "vitest";
import * as helpers from "../../support/host-helpers.ts";
import { lowered } from "../../support/lowered-program.ts";

export type Log = (...what: unknown[]) => void;

/** What a program logs. */
export async function logOf(code: string): Promise<string[]> {
  const lines: string[] = [];
  const log: Log = (...what) => void lines.push(what.map(String).join(" "));
  const require = (name: string): unknown => {
    expect(name).toBe("wasyncio/lowered");
    return helpers;
  };
  compileFunction(code, ["log", "require"]).call({}, log, require);
  for (let i = 0; i < 5; i++) await turn();
  return lines;
}

/**
 * Checks that a program logs `expected`, as it stands and lowered, and in the same ticks of the queue of microtasks.
 * @param options.isNative whether this engine can run the program as it stands
 * @param options.hasTicks false for what the helpers take further ticks over, as generators over generators do
 */
export async function expectSame(
  code: string,
  expected: string[],
  { isStrict = true, isNative = true, hasTicks = true } = {},
): Promise<void> {
  const program = `${isStrict ? '"use strict"; ' : ""}${code}
    { let n = 0; (function tick() { if (n++ < 30) { Promise.resolve().then(tick); log("tick"); } })(); }`;
  const ofInterest = (lines: readonly string[]): string[] => lines.filter((line) => hasTicks || line !== "tick");
  const lines = await logOf(lowered(program));
  expect(lines.filter((line) => line !== "tick")).toEqual(expected);
  if (isNative) expect(ofInterest(lines)).toEqual(ofInterest(await logOf(program)));
}

/** TypeScript as JavaScript: types go, nothing else changes. */
export function stripped(code: string, loader: "ts" | "tsx" = "ts"): string {
  return transformSync(code, { loader, target: "esnext", jsx: "transform" }).code;
}
