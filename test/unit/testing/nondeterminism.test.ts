// Programs that do not do the same twice are caught, whatever it comes from, and those that do are not.

import { afterAll, describe, expect, test } from "vitest";
import { NondeterminismError, OutsideError, type SimulateOptions, TokenError, simulate } from "wasyncio/testing";
import { type Coroutine, DeadlockError, sleep } from "wasyncio";
import { generate } from "../../cpython/programs/generator.ts";
import { verifyRandomPrograms } from "./nondeterminism/clean-runs.ts";
import { DECIDERS, ignoring } from "./nondeterminism/deciders.ts";
import { HARMLESS } from "./nondeterminism/harmless.ts";
import { KEPT_STATE, keeping } from "./nondeterminism/kept-state.ts";
import { COMES_LATER, NEVER_COMES, REFUSED } from "./nondeterminism/outside.ts";
import { READINGS, cleanUp } from "./nondeterminism/readings.ts";
import { play } from "./random-programs.ts";

/** Double runs of random programs. The full gate is 10,000. */
const CLEAN_RUNS = Number(process.env["WASYNCIO_VERIFY_PROGRAMS"] ?? 2_000);

afterAll(cleanUp);

/** The error of a program that does not do the same twice. */
function caught(program: () => Coroutine<unknown>, options: SimulateOptions = {}): NondeterminismError {
  try {
    simulate(program, { verify: true, ...options });
  } catch (error) {
    if (error instanceof NondeterminismError) return error;
    throw error;
  }
  throw new Error("It was not caught");
}

/** Expects that the error is about a task, in both runs, and tells where it was: in the file with this name. */
function expectTask({ message, first, second }: NondeterminismError, name: string, file: string): void {
  expect([first?.actor.name, second?.actor.name]).toEqual([name, name]);
  const places = [first, second].flatMap((differing) => [...(differing?.from ?? []), ...(differing?.step.stack ?? [])]);
  expect(places.length).toBeGreaterThan(0);
  for (const place of places) expect(place.file).toBe(`${import.meta.dirname}/nondeterminism/${file}`);
  expect(message.match(new RegExp(`Task-\\d+ '${name}' goes on(,| from)`, "g"))).toHaveLength(2);
  expect(message).toContain(`/nondeterminism/${file}:`);
}

/** Rows for `test.each` with "%s" for the name. */
function named<T extends { readonly name: string }>(list: readonly T[]): [string, T][] {
  return list.map((item) => [item.name, item]);
}

test("there are enough sources", () => {
  const names = [READINGS, KEPT_STATE, REFUSED, NEVER_COMES].flatMap((list) => list.map(({ name }) => name));
  expect(new Set(names).size).toBeGreaterThanOrEqual(24);
  expect(new Set(names).size).toBe(names.length);
});

describe("what is another thing in each run is caught", () => {
  // Each reading decides one thing, the first of them every thing.
  const pairs = READINGS.flatMap((reading, index) => {
    const deciders = index === 0 ? DECIDERS : [DECIDERS[index % DECIDERS.length]];
    return deciders.map((decider) => ({ name: `${reading.name}: ${decider.name}`, reading, decider }));
  });

  test.each(named(pairs))("%s", (_, { reading, decider }) => {
    expectTask(caught(decider.program(reading.read), { debug: false }), decider.task, "deciders.ts");
  });

  test.each(named(READINGS))("%s: nothing, and there is no alarm", (_, { read }) => {
    expect(simulate(ignoring(read), { verify: true, debug: false })).toMatchObject({ status: "ok" });
  });

  test.each(named(DECIDERS))("%s, by what is the same in each run, and there is no alarm", (_, { program }) => {
    for (const constant of [0, "a", 0xffff_ffff]) {
      expect(
        simulate(
          program(() => constant),
          { verify: true, debug: false },
        ),
      ).toMatchObject({ status: "ok" });
    }
  });
});

describe("what the run before has left is caught", () => {
  test.each(named(KEPT_STATE))("%s", (_, kept) => {
    expectTask(caught(keeping(kept)), "keeper", "kept-state.ts");
  });
});

describe("what comes from the outside", () => {
  test.each(named(REFUSED))("is refused: %s", (_, { globals = "refused", program }) => {
    const { status, error } = simulate(program, { globals, verify: true });
    expect([status, error]).toEqual(["error", expect.any(OutsideError)]);
    expect((error as Error).message).toMatch(/^Task-\d+ 'reacher' (called|awaited) .*nondeterminism\/outside\.ts:\d+/);
  });

  test.each(named(NEVER_COMES))("is a deadlock: %s", (_, { globals = "refused", program }) => {
    const { status, error } = simulate(program, { globals, verify: true });
    expect([status, error]).toEqual(["deadlock", expect.any(DeadlockError)]);
    expect((error as Error).message).toMatch(/'waiter'.*outside\.ts:\d+/);
  });

  test.each(named(COMES_LATER))("is caught by a token: %s", async (_, { globals = "refused", program, between }) => {
    const before = simulate(program, { globals, verify: true });
    expect(before.status).toBe("ok");
    expect(simulate(program, { globals, replay: before.token }).digest).toBe(before.digest);
    await between();
    expect(() => simulate(program, { globals, replay: before.token })).toThrow(TokenError);
  });
});

describe("there is no alarm", () => {
  test.each(named(HARMLESS))("for %s", (_, { options, program }) => {
    expect(["ok", "error"]).toContain(simulate(program, { verify: true, debug: false, ...options }).status);
  });

  test(`for ${CLEAN_RUNS} random programs`, { timeout: 300_000 }, () => {
    const { steps, statuses } = verifyRandomPrograms(1, CLEAN_RUNS);
    expect(steps / CLEAN_RUNS).toBeGreaterThan(10);
    for (const status of ["ok", "error", "deadlock"]) expect(statuses[status]).toBeGreaterThan(CLEAN_RUNS / 10);
  });

  test("but there is one when something random comes before them", () => {
    for (let index = 0; index < 10; index++) {
      const main = function* (): Coroutine<unknown> {
        yield* sleep(Math.random());
        return yield* play(generate(1, index));
      };
      expect(caught(main, { debug: false }).first?.actor.name).toBe("Task-1");
    }
  });
});
