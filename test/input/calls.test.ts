// Bad input: every public call with every value that is none of its own. The class of the error, what it says, that
// nothing has changed, and that the loop goes on.

import { describe, expect, test } from "vitest";
import { doors } from "../../scripts/doors.mjs";
import { COVERED, NOT_COVERED, publicNames } from "./public-names.ts";
import { type Row, TOUCHY } from "./rules.ts";
import { NOT_FOR_PROGRAMS } from "./not-for-programs.ts";
import { SITUATED } from "./situations.ts";
import { unsoundness } from "./soundness.ts";
import { OUTSIDE_ROWS, ROWS } from "./table.ts";
import { VALUES } from "./values.ts";
import {
  type Outcome,
  type World,
  drain,
  isInternal,
  newWorld,
  outcomeOf,
  stateOf,
  stillWorks,
  tryCall,
  tryInTask,
} from "./world.ts";

/** What is wrong with how a call ended. */
function faultsOf({ rule }: Row, value: string, outcome: Outcome): string[] {
  const { ending, message, changed } = outcome;
  const listed = Object.keys(rule.but).find((each) => rule.but[each]?.includes(value));
  const expected = listed ?? rule.rest;
  const text = VALUES[value]?.text ?? "";
  const isNamed = typeof text === "string" ? message.includes(text) : text.test(message);
  const faults: string[] = [];
  if (changed !== "") faults.push(`changed: ${changed}`);
  if (isInternal(outcome)) faults.push(`an internal message: ${message}`);
  if (TOUCHY.includes(value) && ending === "ok" && rule.but.ok?.includes("function")) return faults;
  if (TOUCHY.includes(value) && /untouchable|revoked|Cannot convert object to primitive value/.test(message))
    return faults;
  if (ending !== expected) faults.push(`expected ${expected}, got ${ending}: ${message}`);
  else if (listed === undefined && ending !== "ok") {
    if (!rule.says.test(message)) faults.push(`says: ${message}`);
    if (rule.named && !isNamed) faults.push(`is not named: ${message}`);
  }
  return faults.map((fault) => `${value}: ${fault}`);
}

/** Whether a row's call makes simulations. */
const isSimulated = ({ name }: Row): boolean => /^(?:simulate|explore|sweep|simulated)$/.test(name);

let world: World = newWorld();

describe.each([...new Set(ROWS.map(({ name }) => name))])("%s", (name) => {
  test.each(ROWS.filter((row) => row.name === name).map((row) => [row.parameter, row] as const))("%s", (_, row) => {
    const faults: string[] = [];
    for (const value of Object.keys(VALUES)) {
      const before = stateOf(world, null);
      faults.push(...faultsOf(row, value, tryInTask(world, row, value)));
      drain(world);
      if (!stillWorks(world.loop)) faults.push(`${value}: the loop does not go on as it should`);
      const after = stateOf(world, null);
      if (after === before) continue;
      faults.push(`${value}: left behind: ${before} became ${after}`);
      world = newWorld();
    }
    expect(faults).toEqual([]);
  });
});

describe("outside any loop", () => {
  test.each(OUTSIDE_ROWS.map((row) => [`${row.name}: ${row.parameter}`, row] as const))("%s", async (_, row) => {
    const faults: string[] = [];
    for (const value of Object.keys(VALUES)) {
      const own = newWorld();
      const subject = row.subject(own);
      const made = tryCall(own, subject, value, (argument) => row.call(argument as never, own, subject as never));
      let outcome = outcomeOf(made, false);
      if (!made.failed) {
        outcome = await Promise.resolve(made.returned).then(
          () => ({ ending: "ok", message: "", changed: "" }),
          (error: unknown) => outcomeOf({ error, changed: "" }, false),
        );
      }
      faults.push(...faultsOf(row, value, outcome));
      if (own.loop.isRunning() || (!own.loop.isClosed() && !stillWorks(own.loop)))
        faults.push(`${value}: the loop does not go on as it should`);
      if (isSimulated(row)) faults.push(...unsoundness().map((what) => `${value}: ${what}`));
    }
    expect(faults).toEqual([]);
  });
});

const called = new Set([...ROWS, ...OUTSIDE_ROWS, ...SITUATED].map(({ name }) => name));

test("every door of the package is in the tables, or has a reason not to be", () => {
  expect([...Object.keys(COVERED), ...Object.keys(NOT_COVERED)].sort()).toEqual(doors.map(({ name }) => name).sort());
});

test("the tables have every public name: a new one needs a row, or a place in not-for-programs.ts", () => {
  expect(publicNames().filter((name) => !called.has(name) && !(name in NOT_FOR_PROGRAMS))).toEqual([]);
});

test("the tables have no name that is not public", () => {
  const names = new Set(publicNames());
  expect([...called, ...Object.keys(NOT_FOR_PROGRAMS)].filter((name) => !names.has(name))).toEqual([]);
  expect(Object.keys(NOT_FOR_PROGRAMS).filter((name) => called.has(name))).toEqual([]);
});

test("the rules know every value that they name", () => {
  const named = [...ROWS, ...OUTSIDE_ROWS].flatMap(({ rule }) => Object.values(rule.but).flat());
  expect([...new Set(named)].filter((name) => !(name in VALUES))).toEqual([]);
});
