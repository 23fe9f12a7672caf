import fc from "fast-check";
import { expect, test } from "vitest";
import { LifoQueue, createTask } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { attempt, settle } from "../../support/outcomes.ts";
import { tidyTrace } from "../../support/stage.ts";

test("it shows the newest item last, and gives it first", () => {
  const queue = new LifoQueue<number>();
  for (const item of [1, 2, 3]) queue.putNowait(item);
  expect(queue.toString()).toBe("<LifoQueue maxsize=0 queue=[1, 2, 3] tasks=3>");
  expect([1, 2, 3].map(() => queue.getNowait())).toEqual([3, 2, 1]);
});

test("it does what an array does", () => {
  const operation = fc.oneof(fc.constant("get" as const), fc.nat());
  fc.assert(
    fc.property(fc.nat(9), fc.array(operation, { maxLength: 200 }), (maxsize, operations) => {
      const queue = new LifoQueue<number>(maxsize);
      const model: number[] = [];
      for (const step of operations) {
        if (step === "get") expect(attempt(() => queue.getNowait())).toBe(model.pop() ?? "QueueEmpty()");
        else if (maxsize > 0 && model.length >= maxsize)
          expect(attempt(() => queue.putNowait(step))).toBe("QueueFull()");
        else model.push((queue.putNowait(step), step));
        expect(queue.qsize()).toBe(model.length);
      }
    }),
    { seed: 20_250_701, numRuns: 200 },
  );
});

test("tasks wait in it as in any queue: those who wait longest go first", () => {
  const log = tidyTrace(function* (log) {
    const queue = new LifoQueue<number>(1);
    const getters = ["g1", "g2"].map((name) =>
      createTask(
        (function* () {
          log.push([name, yield* queue.get()]);
        })(),
      ),
    );
    yield* spin(1);
    yield* queue.put(1);
    yield* queue.put(2);
    yield* settle(getters);
  });
  expect(log).toEqual([
    ["g1", 1],
    ["g2", 2],
  ]);
});
