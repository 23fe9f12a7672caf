import { describe, expect, test } from "vitest";
import { createTask, gather, sleep } from "wasyncio";
import { type Failure, type Orders, type Program, explore, simulate } from "wasyncio/testing";
import { FollowChoices } from "../../../../src/testing/strategies/follow-choices.ts";
import { DeferSteps, Trace, deferredStepsOf } from "../../../../src/testing/search/deferred-steps.ts";
import { RandomStream } from "../../../../src/support/random.ts";
import { TestedProgram } from "../../../../src/testing/simulation/program.ts";
import { RandomStrategy } from "../../../../src/testing/strategies/random.ts";
import { Decisions } from "../../../../src/testing/simulation/decisions.ts";
import { deferred, service } from "./services.ts";

function failureOf(program: Program<unknown>, seed: number, orders: Orders = "any"): Failure<unknown> {
  const { failure } = explore(program, { seed, orders, runs: 20_000 });
  if (failure === null) throw new Error("nothing was found");
  return failure;
}

describe("deferrals", () => {
  test.each(Object.entries({ deferred, service }))(
    "are all that a run departs from asyncio's order by: %s",
    (_, main) => {
      new TestedProgram(main, {}).running((run) => {
        const random = new RandomStream(0, "deferrals");
        for (let number = 0; number < 50; number++) {
          const walk = new RandomStrategy();
          walk.begin(random);
          const decisions = new Decisions();
          const found = run({ strategy: walk, decisions });
          const trace = new Trace(new FollowChoices(decisions.choices()));
          expect(run({ strategy: trace }).digest).toBe(found.digest);
          const deferrals = deferredStepsOf(trace);
          expect(deferrals.length).toBeGreaterThan(1);
          expect(run({ strategy: new DeferSteps(deferrals) }).digest).toBe(found.digest);
          // One is too few for the same run.
          expect(run({ strategy: new DeferSteps(deferrals.slice(1)) }).digest).not.toBe(found.digest);
        }
        expect(run({ strategy: new DeferSteps([]) }).digest).toBe(run().digest);
      });
    },
  );

  test("that cannot be kept are given up", () => {
    new TestedProgram(deferred, {}).running((run) => {
      const forEver = { deferred: { actor: 0, number: 0 }, until: { actor: 1, number: 0 } };
      expect(run({ strategy: new DeferSteps([forEver]) }).status).toBe("ok");
    });
  });
});

describe("a failure", () => {
  const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7];

  test("that needs somebody to be deferred for long ends at that, whatever the seed", () => {
    const failures = SEEDS.map((seed) => failureOf(deferred, seed));
    for (const failure of failures) {
      expect(failure.deferrals).toMatchObject([{ name: "late", ahead: ["busy 1", "busy 2", "busy 3"], seconds: 0 }]);
      expect(failure.switches).toBe(87);
      expect(String(failure)).toContain(
        "\nIt is asyncio's order, but that late is deferred until busy 1 to 3 have returned.\n",
      );
      expect(simulate(deferred, { replay: failure.token })).toMatchObject({ status: "error", digest: failure.digest });
    }
  });

  test("in a service of 22 tasks ends at the two that race, whatever the seed", () => {
    for (const seed of SEEDS.slice(0, 4)) {
      const failure = failureOf(service, seed);
      expect(failure.deferrals).toMatchObject([{ name: "book 1" }]);
      expect(String(failure)).toMatch(/book 1 is deferred until book 2 has come to services\.ts:\d+\.\n/);
      expect(failure.race).toMatchObject({ first: { name: "book 2" }, second: { name: "book 1" } });
    }
  });

  test.each([
    [["a", "b"], "a and b have"],
    [["a", "b", "c", "d", "e", "f"], "a, b, c and 3 others have"],
    [["a 1", "a 2", "a 4"], "a 1, a 2 and a 4 have"],
  ])("tells who has returned before somebody who waits for %j", (names, text) => {
    function* waiting() {
      let returned = 0;
      function* quick() {
        for (let step = 0; step < 3; step++) yield* sleep(0);
        returned++;
      }
      function* late() {
        yield* sleep(0);
        if (returned === names.length) throw new Error("too late");
      }
      const tasks = names.map((name) => createTask(quick(), { name }));
      yield* gather(createTask(late(), { name: "late" }), ...tasks);
    }
    expect(String(failureOf(waiting, 0))).toContain(`but that late is deferred until ${text} returned.\n`);
  });

  test("that one switch describes as well tells no more than that", () => {
    function* swapped() {
      const order: number[] = [];
      const add = function* (number: number) {
        yield* sleep(0);
        order.push(number);
      };
      yield* gather(createTask(add(1)), createTask(add(2)));
      if (order[0] === 2) throw new Error("swapped");
    }
    const failure = failureOf(swapped, 0);
    expect(failure).toMatchObject({ switches: 1, deferrals: [{ seconds: 0 }] });
    expect(String(failure)).not.toContain("deferred");
  });

  test("tells by how much somebody is late", () => {
    function* late() {
      const order: number[] = [];
      const add = function* (seconds: number) {
        yield* sleep(seconds);
        order.push(seconds);
      };
      yield* gather(createTask(add(0.2), { name: "quick" }), createTask(add(0.25), { name: "slow" }));
      if (order[0] === 0.25) throw new Error("late");
    }
    for (const orders of ["any", "asyncio"] as const) {
      const failure = failureOf(late, 0, orders);
      const [deferral] = failure.deferrals;
      expect(failure.deferrals).toMatchObject([{ name: "quick", ahead: ["slow"] }]);
      expect(failure.log.actors[failure.log.steps[deferral.until].actor].name).toBe("slow");
      expect(deferral.seconds).toBeCloseTo(0.05);
      expect(String(failure)).toContain("but that quick is deferred for 0.05 s until slow has returned.");
    }
  });

  test("tells who is late, where nobody overtakes it", () => {
    function* served() {
      let isOpen = true;
      const work = function* () {
        yield* sleep(0.07);
        yield* sleep(0.025);
        if (!isOpen) throw new Error("closed");
      };
      const close = function* () {
        yield* sleep(0.1);
        yield* sleep(0.01);
        isOpen = false;
      };
      yield* gather(createTask(work(), { name: "worker" }), createTask(close(), { name: "server" }));
    }
    const failure = failureOf(served, 0, "asyncio");
    expect(failure.deferrals).toMatchObject([{ name: "worker", ahead: [], until: -1 }]);
    expect(failure.deferrals[0].seconds).toBeCloseTo(0.03);
    expect(String(failure)).toContain("\nIt is asyncio's order, but that worker is 0.03 s late.\n");
  });

  test("of a very long run says nothing of who is deferred", () => {
    function* long() {
      const order: string[] = [];
      const add = function* (name: string) {
        for (let step = 0; step < 11_000; step++) yield* sleep(0);
        order.push(name);
      };
      yield* gather(createTask(add("first")), createTask(add("second")));
      if (order[0] === "second") throw new Error("swapped");
    }
    const failure = failureOf(long, 0);
    expect(failure.steps).toBeGreaterThan(20_000);
    expect(failure.deferrals).toEqual([]);
    expect(String(failure)).not.toContain("It is asyncio's order");
  });

  test("in asyncio's own order deferrals nobody back", () => {
    const { failure } = explore(function* () {
      yield* gather(sleep(0), sleep(0));
      throw new Error("always");
    });
    expect(failure).toMatchObject({ switches: 0, deferrals: [] });
  });
});
