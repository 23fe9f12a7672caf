// Texts of programs, lowered, as what runs on a loop.

import { compileFunction } from "node:vm";
import * as helpers from "wasyncio/lowered";
import { expect } from "vitest";
import { lowerAsync } from "wasyncio/transform";
import type { Start } from "./lowered-run.ts";

/** The text of a program, lowered: no line moves. */
export function lowered(code: string, file = "program.cjs"): string {
  const result = lowerAsync(code, { file });
  if (result === null) throw new Error("There is nothing to lower");
  expect(result.code.split("\n").length).toBe(code.split("\n").length);
  return result.code;
}

/**
 * Lowers a program that defines `main`, to be started by that.
 * @param options.inPlace whether `await f()` runs `f` in the task that awaits; else each call is a task
 * @param options.globals names that the program has beside those of the language, with their values
 */
export function onLoop(code: string, { inPlace = true, globals = {} } = {}): Start {
  const names = Object.keys(globals);
  const body = compileFunction(`"use strict"; ${lowered(code)}\nreturn main();`, ["log", "require", ...names]);
  // Calls are in place when the runtime is told of them: here it is not.
  const imported = inPlace ? helpers : { ...helpers, d: { f: null, coro: null } };
  return (log) => body(log, () => imported, ...Object.values(globals));
}
