// Logs of simulations, as data: what they hold, and what they do not hold twice.

import assert from "node:assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test } from "vitest";
import { type Coroutine, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { explore, simulate } from "wasyncio/testing";

const { prepareStackTrace } = Error;
afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

function* pause(seconds: number): Coroutine<void> {
  yield* sleep(seconds);
}

function* worker(): Coroutine<void> {
  for (let round = 0; round < 3; round++) yield* pause(1);
  yield* pause(2);
}

function* program(): Coroutine<void> {
  getRunningLoop().callLater(1.5, function late() {});
  yield* gather(createTask(worker(), { name: "ann" }), createTask(worker(), { name: "ben" }));
}

describe("a log", () => {
  test.each([true, false])("is plain data, which JSON and clones keep whole (debug: %s)", (debug) => {
    const { log } = simulate(program, { debug });
    assert.deepStrictEqual(JSON.parse(JSON.stringify(log)), log);
    assert.deepStrictEqual(structuredClone(log), log);
    const [step] = log.steps;
    assert.deepStrictEqual({ ...step }, step);
    expect(Object.keys(step)).toEqual([
      "index",
      "choice",
      "candidates",
      "time",
      "iteration",
      "actor",
      "begin",
      "end",
      "waitsFor",
      "woke",
      "stack",
    ]);
    expect(Reflect.ownKeys({ ...step })).toEqual(Object.keys(step));
    expect(Object.keys(log.actors[0])).toEqual(["id", "kind", "number", "name", "madeIn", "origin"]);
  });

  test("tells places in debug mode, of each step and actor its own", () => {
    const { log } = simulate(program);
    const ann = log.actors.findIndex(({ name }) => name === "ann");
    const stacks = log.steps.filter(({ actor }) => actor === ann).map(({ stack }) => stack);
    const [inLoop, , , behind, ended] = stacks;
    expect(inLoop.map(({ name }) => name)).toEqual(["pause", "worker"]);
    expect(behind[1].line).toBe(inLoop[1].line + 1);
    expect(ended).toEqual([]);
    const [one, other] = ["ann", "ben"].map((name) => log.actors.find((actor) => actor.name === name)?.origin[0]);
    expect(one).toMatch(/program .*recorder\.test\.ts:\d+:\d+/);
    expect(other).toMatch(/program .*recorder\.test\.ts:\d+:\d+/);
    expect(one).not.toBe(other);
    expect(simulate(program, { debug: false }).log.steps.flatMap(({ stack }) => stack)).toEqual([]);
  });

  test("has each place once, however many steps end there", () => {
    const { log } = simulate(program);
    const places = new Set(log.steps.map(({ stack }) => stack).filter((stack) => stack.length > 0));
    expect(places.size).toBe(3); // the main task's, and two of the workers
    expect(new Set(simulate(program).log.steps.map(({ woke }) => woke)).size).toBeLessThan(log.steps.length);
  });

  test("knows an actor by its identity, also where many come and go", () => {
    function* main(): Coroutine<void> {
      for (let count = 0; count < 100; count++) yield* createTask(pause(0), { name: `pause ${count}` });
    }
    const { actors, steps } = simulate(main).log;
    expect(actors.map(({ name }) => name).filter((name) => name.startsWith("pause"))).toHaveLength(100);
    for (const { id, name } of actors) {
      if (!name.startsWith("pause")) continue;
      expect(steps.filter(({ actor }) => actor === id).map(({ end }) => end)).toEqual(["yield", "return"]);
    }
  });

  test("leaves the program's own way to describe stacks as it is", () => {
    const seen: unknown[] = [];
    const describe = (error: Error, frames: readonly NodeJS.CallSite[]): string =>
      `${error.message} of ${frames[0]?.getFunctionName()}`;
    function* main(): Coroutine<void> {
      yield* pause(1);
      seen.push(Error.prepareStackTrace === describe, new Error("own").stack);
    }
    Error.prepareStackTrace = describe;
    const { status } = simulate(main);
    expect([status, ...seen]).toEqual(["ok", true, "own of main"]);
    expect(Error.prepareStackTrace).toBe(describe);
  });
});

test("recording keeps nothing of what was chosen to be next, and was cancelled before", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const heapMb = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed / 1e6;
  };
  function* main(): Coroutine<number> {
    const loop = getRunningLoop();
    const before = heapMb();
    for (let count = 0; count < 200; count++) {
      const handle = loop.callLater(0.5, () => {});
      Object.assign(handle, { payload: Array(25_000).fill(count) }); // 0.2 MB
      loop.callSoon(() => handle.cancel());
      yield* sleep(0.1);
    }
    return heapMb() - before;
  }
  const { value, log } = simulate(main, { policy: "random", orders: "asyncio", window: 1 });
  expect(log.actors.filter(({ kind }) => kind === "timer")).toEqual([]);
  expect(value).toBeLessThan(4); // a third of them would be 13
});

test("a crowd that is woken one by one ends in any order that is chosen", () => {
  const crowd = 2_000;
  function* main(): Coroutine<number> {
    let ended = 0;
    const late = getRunningLoop().callLater(0.5, () => {});
    function* one(number: number): Coroutine<void> {
      yield* sleep(number % 2);
      const handle = getRunningLoop().callSoon(() => {});
      yield* sleep(0);
      if (number % 3 === 0) handle.cancel();
      ended++;
    }
    yield* gather(...Array.from({ length: crowd }, (_, number) => one(number)));
    late.cancel();
    return ended;
  }
  for (const strategy of ["random", "delay", "pct", "uniform"] as const) {
    const check = (value: number): void => assert.equal(value, crowd);
    const { runs, failure } = explore(main, { strategy, runs: 4, check, seed: 3 });
    expect([strategy, runs, failure]).toEqual([strategy, 4, null]);
  }
});
