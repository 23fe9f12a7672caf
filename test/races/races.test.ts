// The gate of the explorer, over the corpus: it finds the races, it accuses nobody else, and what it prints leads to
// the lines.

import { beforeAll, describe, expect, test } from "vitest";
import { type Failure, type SimulationLog, VirtualEventLoop, explore, simulate } from "wasyncio/testing";
import { controls, corpus, races } from "./corpus.ts";
import type { RaceCase } from "./race.ts";
import { printsLines, readRacyLines } from "./racy-lines.ts";
import { type Finding, search } from "./search.ts";
import { whatIsFalse } from "./swapped.ts";

/**
 * Schedules in which a race has to show: more than a hundred times what the hardest one needs, and well below ten
 * seconds.
 */
const MOST_RUNS = 20_000;
/** Schedules that are tried where a race need not show in these orders. */
const WINDOWED_RUNS = 5_000;
/** Schedules in which a control has to pass. */
const CONTROL_RUNS = 2_000;

const racyLines = readRacyLines();

/** Races that need something to be late. */
const windowed = races.filter(({ window }) => window !== undefined);

function linesOf({ racy }: RaceCase): string[] {
  return (racy ?? []).flatMap((label) => racyLines.get(label) ?? []);
}

function named(programs: readonly RaceCase[]): [string, RaceCase][] {
  return programs.map((program) => [program.name, program]);
}

/** The first line of an error: the others of a deadlock also tell where the main task was made. */
function headlineOf(error: unknown): string {
  return String(error).split("\n")[0];
}

describe("the corpus", () => {
  test("has at least 40 races and 14 controls, each with a name of its own", () => {
    expect(races.length).toBeGreaterThanOrEqual(40);
    expect(controls.length).toBeGreaterThanOrEqual(14);
    expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
  });

  test("marks the lines of each race, and no others", () => {
    const labels = races.flatMap(({ racy }) => racy ?? []);
    expect([...racyLines.keys()].toSorted()).toEqual(labels.toSorted());
  });

  test.each(named(corpus))("passes in asyncio's own order: %s", (_, { main, noLeaks }) => {
    const loop = new VirtualEventLoop();
    loop.setExceptionHandler((_, { message, exception }) => {
      throw exception ?? new Error(message);
    });
    loop.runUntilCompleteSync(main());
    if (noLeaks === true) expect(loop.pendingTasks()).toEqual([]);
    for (const task of loop.pendingTasks()) task.cancel();
    loop.close();
  });
});

describe("explore", () => {
  let findings: Finding[];
  let found: (Finding & { failure: Failure<unknown> })[];

  beforeAll(() => {
    findings = races.map((program) => search(program, MOST_RUNS));
    found = findings.filter((finding): finding is Finding & { failure: Failure<unknown> } => finding.failure !== null);
  }, 120_000);

  test("finds at least 95 % of the races", () => {
    const missed = findings.filter(({ failure }) => failure === null).map(({ program }) => program.name);
    expect(missed.length, `missed: ${missed.join("; ")}`).toBeLessThanOrEqual(0.05 * races.length);
  });

  test("finds no race in asyncio's own order, and none that shrinking takes back to it", () => {
    for (const { program, failure } of found) {
      expect(failure.run, program.name).toBeGreaterThan(1);
      expect(failure.switches, program.name).toBeGreaterThan(0);
      expect(failure.switches, program.name).toBeLessThanOrEqual(failure.switchesFound);
    }
  });

  test("marks in its log each step that departs from asyncio's order", () => {
    for (const { program, failure } of found) {
      const departures = failure.log.steps.filter(({ choice }) => choice > 0);
      expect(departures.length, program.name).toBe(failure.switches);
    }
  });

  test("keeps to asyncio's orders where a race is one of them", () => {
    for (const { program, failure } of found) {
      if (program.orders === "asyncio") expect(failure.beyondAsyncio, program.name).toBe(false);
    }
  });

  test("gives a token of at most 120 characters that fails in the same way again, step by step", () => {
    for (const { program, failure } of found) {
      expect(failure.token.length, program.name).toBeLessThanOrEqual(120);
      const again = simulate(program.main, { replay: failure.token, noLeaks: program.noLeaks ?? false });
      expect(again.digest, program.name).toBe(failure.digest);
      expect(again.status, program.name).toBe(failure.status);
      expect(headlineOf(again.error), program.name).toBe(headlineOf(failure.error));
    }
  });

  test("gives a token beside it whose run passes, when it names two steps that race", () => {
    for (const { program, failure } of found) {
      if (failure.passingToken === null) continue;
      const passing = simulate(program.main, { replay: failure.passingToken, noLeaks: program.noLeaks ?? false });
      expect(passing.status, program.name).toBe("ok");
      const made = ({ log }: Pick<Failure<unknown>, "log">) => log.steps.map(({ actor, end }) => [actor, end]);
      expect(made({ log: failure.passingLog as SimulationLog }), program.name).toEqual(made(passing));
    }
  });

  test("prints two steps that both show racy lines, for at least 90 % of the races found", () => {
    const misled = found.filter(({ program, failure }) => !printsLines(failure, linesOf(program)));
    const report = misled.map(({ program, failure }) => `${program.name}\n${failure.toString()}`).join("\n\n");
    expect(misled.length, report).toBeLessThanOrEqual(0.1 * found.length);
  });

  describe.each([
    ["in the orders of each", races],
    ["in asyncio's orders", windowed.map((program) => ({ ...program, orders: "asyncio" as const }))],
  ])("names steps, %s,", (_, programs) => {
    let failures: (Finding & { failure: Failure<unknown> })[];

    beforeAll(() => {
      const findings = programs.map((program) => search(program, WINDOWED_RUNS));
      failures = findings.filter((it): it is Finding & { failure: Failure<unknown> } => it.failure !== null);
    }, 120_000);

    test("that are in the other order where it passes, in every case", () => {
      const named = failures.flatMap(({ program, failure }) =>
        [failure.race, failure.lastRace]
          .filter((race) => race !== null)
          .map((race) => ({ name: program.name, falsehood: whatIsFalse(program, failure, race) })),
      );
      expect(named.filter(({ falsehood }) => falsehood !== null)).toEqual([]);
      expect(failures.length).toBeGreaterThan(40);
      expect(named.length).toBeGreaterThanOrEqual(0.95 * failures.length);
    });

    test("of nearly every failure", () => {
      const unnamed = failures.filter(({ failure }) => failure.race === null).map(({ program }) => program.name);
      expect(unnamed.length, unnamed.join("; ")).toBeLessThanOrEqual(0.05 * failures.length);
    });
  });

  test("finds those in a window without being told of one, but for delays that take twice as long", () => {
    const ofAuto = windowed.map((program) => search({ ...program, window: "auto" }, WINDOWED_RUNS));
    const missed = ofAuto.filter(({ failure }) => failure === null).map(({ program }) => program.name);
    console.log(`${windowed.length - missed.length} of ${windowed.length} races in a window are found without one`);
    const known = findings.filter(({ failure }) => failure === null).map(({ program }) => program.name);
    expect(missed.filter((name) => !known.includes(name))).toEqual([
      "a cancelled waiter releases the lock that another one holds",
    ]);
  });

  test.each(named(controls))(
    "raises no alarm over a %s",
    (_, { main, window = 0, orders = "any", noLeaks = false }) => {
      for (const each of [window, "auto"] as const) {
        const { failure, runs } = explore(main, { runs: CONTROL_RUNS, window: each, orders, noLeaks });
        expect(failure?.toString() ?? "").toBe("");
        expect(runs).toBe(CONTROL_RUNS);
      }
    },
  );
});
