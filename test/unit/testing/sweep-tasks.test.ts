// gather, groups, timeouts, shield, wait and asCompleted under a sweep: whatever fault comes at whatever point, nothing
// that was started goes on behind its block, results are whole, and requests to stop are counted right.

import { beforeEach, describe, expect, test } from "vitest";
import { SweepFault, type SweepPoint } from "wasyncio/testing";
import {
  CancelledError,
  type Coroutine,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Task,
  TaskGroup,
  TimeoutError,
  asCompleted,
  createTask,
  currentTask,
  forEach,
  gather,
  shield,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { goesOn, surely, sweepEverywhere } from "./sweep/everywhere.ts";
import { active, begin, notes, work } from "./sweep/work.ts";

beforeEach(begin);

function* fail(seconds: number): Coroutine<never> {
  yield* work(seconds, null);
  throw new RangeError("on purpose");
}

/** Ends tasks for sure, and looks at their errors. */
function* end(tasks: readonly Task<unknown>[]): Coroutine<void> {
  for (const task of tasks) task.cancel();
  yield* surely(() => wait(tasks));
  for (const task of tasks) if (!task.cancelled()) task.exception();
}

const nothingIsActive = (): void => expect(active).toBe(0);

/** Whether the main task is told to stop where it waits first, for what takes a second. */
function isStoppedAtOnce({ mode, point }: SweepPoint): boolean {
  return point === 0 && (mode === "cancel" || mode === "cancelTwice" || mode === "timeout");
}

describe("gather", () => {
  test("ends behind all that it runs, when errors are results", () => {
    sweepEverywhere(
      function* () {
        begin();
        const coroutines = [work(0.5, 0), work(0, 1), work(1, 2)];
        return yield* gather(coroutines, { returnExceptions: true });
      },
      {
        check({ value, time }, at) {
          nothingIsActive();
          if (isStoppedAtOnce(at)) expect(time).toBe(0); // main waits from the beginning
          if (value === undefined) return;
          const failed = value.filter((result) => result instanceof Error);
          expect(failed.length).toBeLessThanOrEqual(at.mode === "none" ? 0 : 1);
          for (const [index, result] of value.entries()) {
            if (result instanceof Error)
              expect(result).toBeInstanceOf(at.mode === "throw" ? SweepFault : CancelledError);
            else expect(result).toBe(index);
          }
        },
      },
    );
  });

  test("passes a cancellation on through all levels", () => {
    sweepEverywhere(
      function* () {
        begin();
        const tasks = [0, 1, 2].map((number) => createTask(work(number / 2, number)));
        const [first, second, third] = tasks as [Task<number>, Task<number>, Task<number>];
        try {
          return yield* gather(gather(first, second), gather(gather(third), first));
        } finally {
          if (tasks.some((task) => !task.done())) yield* end(tasks);
        }
      },
      {
        check(outcome) {
          nothingIsActive();
          if (outcome.status === "ok")
            expect(outcome.value).toEqual([
              [0, 1],
              [[2], 0],
            ]);
        },
      },
    );
  });
});

describe("groups", () => {
  test("end behind all their tasks, nested ones too", () => {
    sweepEverywhere(
      function* () {
        begin();
        const inner = function* () {
          return yield* new TaskGroup().with(function* (group) {
            const tasks = [group.createTask(work(1, "a")), group.createTask(work(0, "b"))];
            yield* work(0, "body");
            return yield* gather(tasks, { returnExceptions: true });
          });
        };
        const [first, second] = yield* new TaskGroup().with(function* (group) {
          return yield* gather([group.createTask(inner()), group.createTask(inner())], { returnExceptions: true });
        });
        notes.push(currentTask()?.cancelling());
        return [first, second];
      },
      {
        check(outcome, { mode }) {
          nothingIsActive();
          if (outcome.status === "ok") expect(notes).toEqual([0]);
          if (mode === "none") expect(outcome.value).toEqual([["a", "b"], ["a", "b"]]); // prettier-ignore
        },
      },
    );
  });

  test("that wait for their tasks at the end stop them when they are told to", () => {
    sweepEverywhere(
      function* () {
        begin();
        yield* new TaskGroup().with(function* (group) {
          for (const seconds of [1, 2, 100]) group.createTask(work(seconds, null));
          yield* sleep(0);
        });
      },
      {
        check({ status, time }, at) {
          nothingIsActive();
          if (isStoppedAtOnce(at)) expect(time).toBe(0);
          if (at.task === "Task-1" && at.mode !== "none") expect(status).toBe("error");
        },
      },
    );
  });

  test("end with the error of a task, and take back what they asked of their parent", () => {
    sweepEverywhere(
      function* () {
        begin();
        try {
          yield* new TaskGroup().with(function* (group) {
            group.createTask(work(2, null), { name: "slow" });
            group.createTask(fail(0.5), { name: "failing" });
            yield* sleep(10);
          });
        } catch (error) {
          if (!(error instanceof AggregateError) || error.errors.some((each) => !(each instanceof RangeError)))
            throw error;
          notes.push("failed", currentTask()?.cancelling());
        }
        yield* work(0, null);
      },
      {
        allowed: (error) => error instanceof RangeError,
        check({ status }, at) {
          nothingIsActive();
          // Who is cancelled from outside while the group takes its own request back is cancelled all the same, later.
          if (notes.length > 0 && (at.mode === "none" || goesOn(at))) expect(notes).toEqual(["failed", 0]);
          if (at.mode === "none") expect([status, notes.length]).toEqual(["ok", 2]);
        },
      },
    );
  });
});

describe("timeouts", () => {
  test("turn their own request to stop into TimeoutError, and nobody else's", () => {
    sweepEverywhere(
      function* () {
        begin();
        for (const seconds of [0.5, 1, 3]) {
          try {
            yield* timeout(seconds).with(function* () {
              yield* timeout(2).with(() => work(1, null));
              yield* work(0, null);
            });
            notes.push("in time");
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
            notes.push("late");
          }
          notes.push(currentTask()?.cancelling());
        }
      },
      {
        window: 0.5,
        // In mode "timeout" one around all of it expires, too: its error passes the inner ones.
        check({ status }, { mode }) {
          nothingIsActive();
          if (status === "ok" && mode !== "throw")
            expect(notes.filter((note) => typeof note === "number")).toEqual([0, 0, 0]);
          if (mode === "none") expect(notes.filter((note) => typeof note === "string")).toContain("late");
          if (mode.startsWith("cancel")) expect(status).toBe("error");
        },
      },
    );
  });

  test("of waitFor let what they cancel end first", () => {
    sweepEverywhere(
      function* () {
        begin();
        const task = createTask(work(1, "task"));
        const results: unknown[] = [];
        try {
          for (const [awaitable, seconds] of [
            [work(1, "a"), 0.5],
            [task, 1],
            [work(1, "b"), 2],
          ] as const) {
            try {
              results.push(yield* waitFor<string>(awaitable, seconds));
            } catch (error) {
              if (!(error instanceof TimeoutError)) throw error;
              results.push("late");
            }
          }
          try {
            yield* waitFor(work(1, "never begun"), 0);
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
          }
          results.push(currentTask()?.cancelling());
        } finally {
          yield* end([task]);
        }
        return results;
      },
      {
        window: 0.5,
        check({ status, value }, { mode }) {
          nothingIsActive();
          if (mode === "none") expect(value).toHaveLength(4);
          if (status === "ok" && mode !== "throw") expect(value?.at(-1)).toBe(0);
        },
      },
    );
  });
});

test("shield keeps what it shields from those who wait, through any number of cancellations", () => {
  sweepEverywhere(
    function* () {
      begin();
      const payment = createTask(work(1, "paid"), { name: "payment" });
      let failure: { readonly error: unknown } | null = null;
      while (!payment.done()) {
        try {
          yield* shield(payment);
        } catch (error) {
          failure = { error };
        }
      }
      notes.push(payment.cancelled() ? "cancelled" : (payment.exception() ?? payment.result()));
      if (failure !== null) throw failure.error;
    },
    {
      check(_, { task }) {
        nothingIsActive();
        if (task !== "payment") expect(notes).toEqual(["paid"]);
      },
    },
  );
});

describe("wait", () => {
  for (const returnWhen of [FIRST_COMPLETED, FIRST_EXCEPTION] as const) {
    test(`tells of each task once: ${returnWhen}`, () => {
      sweepEverywhere(
        function* () {
          begin();
          const tasks = [
            createTask(work(1, 1)),
            createTask(work(0.5, 2)),
            createTask(fail(1.5)),
            createTask(work(2, 4)),
          ];
          let pending = new Set<Task<unknown>>(tasks);
          try {
            while (pending.size > 0) {
              const before = pending.size;
              let done: Set<Task<unknown>>;
              [done, pending] = yield* wait(pending, { returnWhen, timeout: 1 });
              expect(done.size + pending.size).toBe(before);
              for (const task of done) expect(task.done()).toBe(true);
              for (const task of pending) expect(task.done()).toBe(false);
              notes.push(...done);
            }
          } finally {
            yield* end(tasks);
          }
          return new Set(notes).size;
        },
        {
          window: 0.5,
          check({ status, value }) {
            nothingIsActive();
            if (status === "ok") expect([notes.length, value]).toEqual([4, 4]);
          },
        },
      );
    });
  }
});

describe("asCompleted", () => {
  test("gives each result once", () => {
    sweepEverywhere(
      function* () {
        begin();
        const tasks = [0, 1, 2].map((number) => createTask(work(number / 2, number)));
        try {
          for (const next of asCompleted(tasks, { timeout: 10 })) {
            try {
              notes.push(yield* next);
            } catch (error) {
              // Of a task that was hit, or it is this one that was.
              if (!tasks.some((task) => task.done() && (task.cancelled() || task.exception() === error))) throw error;
              notes.push(error);
            }
          }
        } finally {
          yield* end(tasks);
        }
      },
      {
        check({ status }) {
          nothingIsActive();
          expect(new Set(notes).size).toBe(notes.length);
          if (status === "ok") expect(notes).toHaveLength(3);
        },
      },
    );
  });

  test("gives the tasks themselves to forEach, and leaves no timer", () => {
    let isLate: boolean;
    sweepEverywhere(
      function* () {
        begin();
        isLate = false;
        const tasks = [0, 1, 2].map((number) => createTask(work(number / 2, number)));
        try {
          yield* forEach(asCompleted(tasks, { timeout: 1 }), (future) => {
            notes.push(tasks.indexOf(future as unknown as Task<number>));
          });
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
          isLate = true;
        } finally {
          yield* end(tasks);
        }
      },
      {
        window: 0.5,
        check({ status }) {
          nothingIsActive();
          expect(new Set(notes).size).toBe(notes.length);
          if (status === "ok" && !isLate) expect(notes).toHaveLength(3);
        },
      },
    );
  });
});
