// Shields, deadlines that do not throw, races, exit stacks, cancelled groups and abort signals under a sweep: whatever
// fault comes at whatever point, what is shielded is done to its end, what was entered is left, and nothing goes on
// behind its block.

import { beforeEach, describe, expect, test } from "vitest";
import type { SweepPoint } from "wasyncio/testing";
import {
  type AsyncContextManager,
  AsyncExitStack,
  CancelledError,
  type Coroutine,
  type MoveOn,
  TaskGroup,
  type Timeout,
  TimeoutError,
  createTask,
  currentTask,
  moveOnAfter,
  race,
  shielded,
  sleep,
  timeout,
} from "wasyncio";
import { inPlace } from "../../support/in-place.ts";
import { describeError } from "../../support/outcomes.ts";
import { surely, sweepEverywhere } from "./sweep/everywhere.ts";
import { active, begin, notes, work } from "./sweep/work.ts";

beforeEach(begin);

const nothingIsActive = (): void => expect(active).toBe(0);

/** Whether somebody asks a task to stop, and nothing else goes wrong. */
const isRequest = ({ mode }: SweepPoint): boolean => mode.startsWith("cancel") || mode === "timeout";

describe("shielded", () => {
  test("does its block to the end, whoever asks whatever task to stop, and passes each request on", () => {
    sweepEverywhere(
      function* () {
        begin();
        notes.push("begin");
        const result = yield* shielded(function* () {
          notes.push("enter");
          yield* work(1, null);
          yield* shielded(() => work(0.5, null));
          notes.push("leave");
          return "whole";
        });
        notes.push(result);
        yield* sleep(1);
        notes.push("behind");
      },
      {
        check({ status }, at) {
          nothingIsActive();
          if (at.mode === "none") expect(notes).toEqual(["begin", "enter", "leave", "whole", "behind"]);
          if (!isRequest(at)) return;
          if (notes.includes("enter")) expect(notes).toContain("whole");
          expect(status === "ok" || !notes.includes("behind")).toBe(true);
        },
      },
    );
  });

  test("lets deadlines and groups inside it work while others are kept", () => {
    sweepEverywhere(
      function* () {
        begin();
        yield* timeout(1).with(function* () {
          yield* shielded(function* () {
            notes.push("enter");
            try {
              yield* timeout(0.5).with(() => work(3, null));
            } catch (error) {
              if (!(error instanceof TimeoutError)) throw error;
              notes.push("late");
            }
            if ((yield* moveOnAfter(1).with(() => work(3, "done"))) === undefined) notes.push("moved on");
            yield* new TaskGroup().with(function* (group) {
              group.createTask(work(9, null), { name: "member" });
              yield* sleep(0);
              group.cancel();
              yield* work(9, null);
            });
            notes.push("leave", currentTask()?.cancelling());
          });
        });
      },
      {
        check(_, at) {
          nothingIsActive();
          if (at.mode !== "none" && (!isRequest(at) || at.task === "member")) return;
          if (notes.includes("enter")) expect(notes).toEqual(["enter", "late", "moved on", "leave", 0]);
        },
      },
    );
  });

  test("ends a clean-up whole in a task that is stopped", () => {
    sweepEverywhere(
      function* () {
        begin();
        const task = createTask(
          (function* () {
            try {
              notes.push("works");
              for (let step = 0; step < 3; step++) yield* sleep(0.1);
              yield* sleep(9);
            } finally {
              yield* shielded(() => work(1, null));
              notes.push("clean");
            }
          })(),
          { name: "worker" },
        );
        try {
          yield* sleep(0.5);
        } finally {
          task.cancel();
          yield* surely(function* () {
            while (!task.done()) yield* sleep(0.5);
          });
          if (!task.cancelled()) task.exception();
        }
      },
      {
        check(_, at) {
          if (at.mode === "throw") return;
          nothingIsActive();
          if (notes.includes("works")) expect(notes).toEqual(["works", "clean"]);
        },
      },
    );
  });
});

test("moveOnAfter swallows its own request to stop, and nobody else's", () => {
  sweepEverywhere(
    function* () {
      begin();
      for (const seconds of [0.5, 1, 3]) {
        const scope = moveOnAfter(seconds);
        const result = yield* scope.with(function* () {
          yield* moveOnAfter(2).with(() => work(1, null));
          return yield* work(0, "in time");
        });
        expect(result === "in time" || scope.expired()).toBe(true);
        notes.push(result, currentTask()?.cancelling());
      }
    },
    {
      check({ status }, { mode }) {
        nothingIsActive();
        if (status === "ok" && mode !== "throw")
          expect(notes.filter((note) => typeof note === "number")).toEqual([0, 0, 0]);
        if (mode === "none") expect([notes[0], notes[4]]).toEqual([undefined, "in time"]);
        if (mode.startsWith("cancel")) expect(status).toBe("error");
      },
    },
  );
});

test("race gives one outcome, and ends behind all", () => {
  sweepEverywhere(
    function* () {
      begin();
      const task = createTask(work(2, "task"), { name: "task" });
      const result = yield* race(work(1, "a"), task, work(0.5, "b"));
      expect(active).toBe(0);
      expect(task.done()).toBe(true);
      return result;
    },
    {
      allowed: (error) => !(error instanceof TypeError),
      check({ status, value }, { mode, task }) {
        nothingIsActive();
        if (mode === "none") expect(value).toBe("b");
        if (mode.startsWith("cancel") && task === "Task-1") expect(status).toBe("error");
      },
    },
  );
});

test("a group that is cancelled ends behind its tasks, without an error and with its count right", () => {
  sweepEverywhere(
    function* () {
      begin();
      yield* new TaskGroup().with(function* (group) {
        group.createTask(work(1, null), { name: "member" });
        group.createTask(
          (function* () {
            yield* sleep(0.5);
            group.cancel();
          })(),
          { name: "canceller" },
        );
        yield* work(2, null);
      });
      nothingIsActive();
      notes.push("behind", currentTask()?.cancelling());
      yield* sleep(0);
    },
    {
      window: 0.5,
      check({ status }, { mode, task }) {
        nothingIsActive();
        if (mode === "none" || (mode.startsWith("cancel") && task !== "Task-1")) expect(notes).toEqual(["behind", 0]);
        if (mode === "none") expect(status).toBe("ok");
        if (mode.startsWith("cancel") && task === "Task-1") expect(status).toBe("error");
      },
    },
  );
});

test("an exit stack leaves all that it has entered, each once, the latest first", () => {
  const manager = (name: string): AsyncContextManager<void> => ({
    *aenter() {
      yield* sleep(0.5);
      notes.push(name);
    },
    *aexit() {
      try {
        yield* sleep(0.5);
      } finally {
        notes.push(`-${name}`);
      }
    },
  });
  sweepEverywhere(
    function* () {
      begin();
      yield* new AsyncExitStack().with(function* (stack) {
        for (const name of ["a", "b"]) yield* stack.enterAsyncContext(manager(name));
        stack.callback(() => notes.push("-callback"));
        notes.push("callback");
        yield* stack.enterAsyncContext(manager("c"));
        yield* work(1, null);
      });
    },
    {
      check({ status }, { mode }) {
        nothingIsActive();
        const entered = notes.filter((note) => !String(note).startsWith("-"));
        expect(notes).toEqual([...entered, ...entered.map((name) => `-${String(name)}`).reverse()]);
        if (mode === "none") expect([status, entered.length]).toEqual(["ok", 4]);
        if (mode.startsWith("cancel")) expect(status).toBe("error");
      },
    },
  );
});

test("blocks in place end as those under `with` do, in every order, whatever fault comes at whatever point", () => {
  type Form = <T>(scope: MoveOn | TaskGroup | Timeout, body: () => Coroutine<T>) => Coroutine<T | undefined>;

  function endings(form: Form): unknown[] {
    const rows: unknown[] = [];
    const main = function* () {
      begin();
      yield* form(timeout(4), function* () {
        const group = new TaskGroup();
        yield* form(group, function* () {
          for (const seconds of [0.5, 2]) group.createTask(work(seconds, null), { name: `member ${seconds}` });
          notes.push(yield* form(moveOnAfter(1), () => work(2, "late")));
          yield* work(0.5, null);
        });
        notes.push("group");
        const cancelled = new TaskGroup();
        yield* form(cancelled, function* () {
          cancelled.createTask(work(9, null));
          yield* sleep(0);
          cancelled.cancel();
          yield* work(9, null);
        });
        notes.push("cancelled");
      });
      notes.push(currentTask()?.cancelling());
    };
    sweepEverywhere(main, {
      check({ status, error, time }, { mode, point, task }) {
        nothingIsActive();
        const ending = error === undefined ? "" : describeError(error);
        rows.push([mode, point, task, status, ending, time, ...notes]);
      },
    });
    return rows;
  }

  const rows = endings(inPlace);
  expect(rows).toEqual(endings((scope, body) => scope.with(body)));
  expect(rows.length).toBeGreaterThan(500);
});

test("an abort signal ends its task, whatever else does", () => {
  sweepEverywhere(
    function* () {
      begin();
      const controller = new AbortController();
      const task = createTask(work(2, "done"), { name: "worker", signal: controller.signal });
      const other = createTask(work(1, "other"), { name: "other" });
      try {
        yield* sleep(0.5);
      } finally {
        controller.abort("enough");
        try {
          yield* surely(function* () {
            while (!task.done() || !other.done()) yield* sleep(0.5);
          });
        } finally {
          for (const each of [task, other]) if (!each.cancelled()) each.exception();
          notes.push(task.cancelled());
        }
      }
    },
    {
      window: 0.5,
      allowed: (error) => !(error instanceof CancelledError),
      check(_, { mode, task }) {
        nothingIsActive();
        if (mode !== "throw" || task !== "worker") expect(notes).toEqual([true]);
      },
    },
  );
});
