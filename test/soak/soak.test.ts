// The soak in small: nothing grows, and what does grow is found and named. `npm run soak` is the long form.

import { describe, expect, test } from "vitest";
import { Event, Queue, createTask, getRunningLoop, sleep } from "wasyncio";
import type { Scenario } from "./scenario.ts";
import { batches, crowds } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { soak } from "./soak.ts";

const quietly = () => {};

test.each(["virtual time", "host"] as const)("slots, tables, pages and heap stay flat, on: %s", async (on) => {
  const { rows, failures } = await soak({
    scenarios: scenarios[on],
    on,
    operations: 100_000,
    rounds: 3,
    warmUp: 2,
    tell: quietly,
  });
  expect(failures).toEqual([]);
  expect(rows.reduce((sum, row) => sum + row.operations, 0)).toBeGreaterThan(100_000);
});

describe("a leak is found:", () => {
  const kept: unknown[] = [];
  let wider = 0;

  const leaks: Record<string, readonly [scenario: Scenario, found: RegExp]> = {
    "a task that waits for ever": [
      batches(1000, function* () {
        const never = new Event();
        createTask(never.wait());
        yield* sleep(0);
      }),
      /^leak: slots \d+, 0 expected$/,
    ],
    "a timer that is not cancelled": [
      batches(1000, function* () {
        getRunningLoop().callLater(1e6, quietly);
      }),
      /^leak: slots \d+, 0 expected$/,
    ],
    "more tasks at a time in each round": [
      function* (count) {
        wider += 500;
        const tasks = Array.from({ length: wider }, () => createTask(sleep(0)));
        for (const task of tasks) yield* task;
        return count;
      },
      /^leak: table \d+, \d+ expected$/,
    ],
    "a queue that fills": [
      batches(5000, function* () {
        const queue = new Queue<number>();
        kept.push(queue);
        for (let item = 0; item < 5000; item++) queue.putNowait(item);
      }),
      /^leak: pages \d+, \d+ expected$/,
    ],
    "an object for each operation": [
      crowds(1, function* (index) {
        kept.push({ index });
        yield* sleep(0);
      }),
      /^leak: \d+ more objects are alive/,
    ],
    "a string for each operation": [
      crowds(1, function* (index) {
        kept.push(`operation ${index} of many`.repeat(10));
        yield* sleep(0);
      }),
      /^leak: the heap grew by \d+ bytes$/,
    ],
  };

  test.each(Object.entries(leaks))("%s", async (_, [leak, found]) => {
    const { sleep } = scenarios["virtual time"];
    const { failures } = await soak({
      scenarios: { sleep, leak },
      on: "virtual time",
      operations: 40_000,
      rounds: 2,
      warmUp: 1,
      tell: quietly,
    });
    kept.length = 0;
    expect(failures).toEqual([expect.stringMatching(found)]);
  });
});
