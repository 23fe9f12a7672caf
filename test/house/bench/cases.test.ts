// The cases: every side of each does the work that the case says, once.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as effect from "effect";
import * as effection from "effection";
import { expect, test } from "vitest";
import * as wasyncio from "wasyncio";
import { cases } from "../../../bench/cases.ts";
import { root } from "../../../bench/harness/child.ts";

const fromHere = (): void => {};

test.each(Object.entries(cases))("%s counts its operations on every side", async (_, it) => {
  const { operations } = it;
  expect(await wasyncio.run(() => it.wasyncio(wasyncio)(fromHere))).toBe(operations);
  if (it.native) expect(await it.native()(fromHere)).toBe(operations);
  if (it.effect) expect(await effect.Effect.runPromise(it.effect(effect)(fromHere))).toBe(operations);
  if (it.effection) {
    const batch = it.effection(effection);
    expect(await effection.run(() => batch(fromHere))).toBe(operations);
  }
});

test("Python has a program for each case, and for no other", async (context) => {
  const python = await promisify(execFile)("python3", ["bench/python/measure.py", "asyncio"], { cwd: root }).catch(
    () => null,
  );
  if (python === null) return context.skip("there is no python3");
  const { cases: names } = JSON.parse(python.stdout) as { cases: string[] };
  expect(names.sort()).toEqual(Object.keys(cases).sort());
});
