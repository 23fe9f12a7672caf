// Random programs that submit, cancel and shut down: each job runs once at most, each future gets what its own job
// gave, and nothing is left undone. Most run in virtual time; some over threads, in which jobs also crash and block.

import { describe, expect, test } from "vitest";
import { CancelledError, type Coroutine, type Future, run, sleep } from "wasyncio";
import { BrokenExecutor, ThreadPoolExecutor, job } from "wasyncio/executors";
import { runSync } from "wasyncio/testing";
import { Random } from "../../support/random.ts";
import * as jobs from "./jobs.mjs";

const PROGRAMS = 10_000;
const THREADED = 60;
const seed = Number(process.env["WASYNCIO_SEED"] ?? 0);

/** How often each job was run, in the program that goes on. */
let runs: number[] = [];

const work = job(import.meta, function* work(number: number, seconds: number, fails: boolean) {
  runs[number] = (runs[number] ?? 0) + 1;
  yield* sleep(seconds);
  if (fails) throw new RangeError(String(number));
  return number;
});

interface Submitted {
  readonly future: Future<number>;
  readonly fails: boolean;
  /** Whether the future could be cancelled. */
  wasCancelled: boolean;
}

/** What is wrong with how a job ended, or null. */
function complaint({ future, fails, wasCancelled }: Submitted, number: number): string | null {
  if (!future.done()) return `${number} is not done`;
  if (future.cancelled() !== wasCancelled) return `${number} was ${wasCancelled ? "" : "not "}cancelled`;
  if (wasCancelled) return (runs[number] ?? 0) <= 1 ? null : `${number} ran ${runs[number]} times`;
  if (runs[number] !== 1) return `${number} ran ${runs[number]} times`;
  const error = future.exception();
  if (fails) return error instanceof RangeError && error.message === String(number) ? null : `${number}: ${error}`;
  return error === null && future.result() === number ? null : `${number}: ${error ?? future.result()}`;
}

function* program(random: Random): Coroutine<string[]> {
  runs = [];
  const pool = new ThreadPoolExecutor({
    maxWorkers: 1 + random.below(3),
    onCancel: random.pick(["signal", "abandon"] as const),
    maxTasksPerChild: random.pick([null, 1, 3]),
  });
  const submitted: Submitted[] = [];
  const steps = 3 + random.below(12);
  for (let i = 0; i < steps; i++) {
    if (random.chance(60)) {
      const fails = random.chance(20);
      const future = pool.submit(work, submitted.length, random.below(4), fails);
      submitted.push({ future, fails, wasCancelled: false });
    } else if (random.chance(50) && submitted.length > 0) {
      const each = random.pick(submitted);
      if (each.future.cancel()) each.wasCancelled = true;
    } else {
      yield* sleep(random.below(3));
    }
  }
  if (random.chance(30)) {
    const before = submitted.map(({ future }) => future.done());
    yield* pool.shutdown({ cancelFutures: true });
    submitted.forEach((each, index) => {
      if (before[index] === false && each.future.cancelled()) each.wasCancelled = true;
    });
  } else {
    yield* pool.shutdown();
  }
  return submitted.map(complaint).filter((text) => text !== null);
}

test(`${PROGRAMS} random programs in virtual time`, () => {
  for (let number = 0; number < PROGRAMS; number++) {
    expect([number, runSync(() => program(new Random(seed, number)))]).toEqual([number, []]);
  }
});

describe("over threads", () => {
  /** What job `number` of a program does. */
  type Deed = "counts" | "fails" | "blocks" | "exits";

  function* threaded(random: Random): Coroutine<string[]> {
    const flags = new Int32Array(new SharedArrayBuffer(4 * 1024));
    const deeds: Deed[] = Array.from({ length: 20 + random.below(60) }, () =>
      random.chance(90) ? "counts" : random.pick(["fails", "blocks", "exits"] as const),
    );
    const pool = new ThreadPoolExecutor({ maxWorkers: 2, onCancel: "terminate", grace: 0.05 });
    const futures: Future<unknown>[] = [];
    for (const [number, deed] of deeds.entries()) {
      if (deed === "counts") futures.push(pool.submit(jobs.step, number + 1, flags));
      else if (deed === "fails") futures.push(pool.submit(jobs.fail));
      else futures.push(deed === "blocks" ? pool.submit(jobs.spin) : pool.submit(jobs.exit, 1));
      if (random.chance(20)) yield* sleep(0);
      if (random.chance(5)) random.pick(futures).cancel();
    }
    const complaints: string[] = [];
    for (const [number, deed] of deeds.entries()) {
      const future = futures[number];
      const count = Atomics.load(flags, number + 1);
      if (deed === "blocks") future.cancel();
      let outcome: unknown;
      try {
        outcome = yield* future;
      } catch (error) {
        outcome = error;
      }
      const isRight =
        outcome instanceof CancelledError ||
        (deed === "counts" && (outcome === number + 1 || outcome instanceof BrokenExecutor)) ||
        (deed === "fails" && (outcome instanceof RangeError || outcome instanceof BrokenExecutor)) ||
        outcome instanceof BrokenExecutor;
      if (!isRight) complaints.push(`${number} ${deed}: ${String(outcome)}`);
      if (count > 1) complaints.push(`${number} ran ${count} times`);
    }
    yield* pool.shutdown();
    for (let number = 0; number < deeds.length; number++) {
      const count = Atomics.load(flags, number + 1);
      if (count > 1 || (count === 0 && deeds[number] === "counts" && !futures[number]?.failed))
        complaints.push(`${number} ran ${count} times`);
    }
    return complaints;
  }

  test(`${THREADED} random programs`, async () => {
    for (let number = 0; number < THREADED; number++)
      expect([number, await run(() => threaded(new Random(seed, number)))]).toEqual([number, []]);
  });
});
