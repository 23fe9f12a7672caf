// Tasks are cancelled at each point of their lives, once, twice at once and twice in a row, and everything must happen in the
// iteration in which it happens in CPython: cancellation.json was written by cancellation.py there, from the same scenarios.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  FIRST_COMPLETED,
  type Task,
  TaskGroup,
  TimeoutError,
  createTask,
  gather,
  shield,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { exhaust, finish, iteration, spin } from "../support/virtual-programs.ts";

/** For each scenario: what came of it, and at which points of cancellation. */
const EXPECTED = JSON.parse(readFileSync(new URL("cancellation.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, string>
>;

/** What the scenarios share: a log of labels with the iteration, and children of several kinds. */
class World {
  readonly log: string[] = [];
  readonly #loop: VirtualEventLoop;

  constructor(loop: VirtualEventLoop) {
    this.#loop = loop;
  }

  note(label: string): void {
    this.log.push(`${label}@${iteration(this.#loop)}`);
  }

  *child(name: string, delay: number, cleanup = 0): Coroutine<string> {
    try {
      yield* sleep(delay);
      return name;
    } catch (error) {
      this.note(`${name} cancelled`);
      throw error;
    } finally {
      yield* spin(cleanup);
      this.note(`${name} ends`);
    }
  }

  *swallower(name: string, delay: number): Coroutine<string> {
    try {
      yield* sleep(delay);
    } catch {
      yield* sleep(0);
      this.note(`${name} swallows`);
    }
    return name;
  }

  *failing(name: string, delay: number): Coroutine<never> {
    yield* sleep(delay);
    throw new RangeError(name);
  }

  *failingCleanup(name: string, delay: number): Coroutine<string> {
    try {
      yield* sleep(delay);
    } catch {
      throw new RangeError(name);
    }
    return name;
  }
}

const SCENARIOS: Record<string, (w: World) => Coroutine<unknown>> = {
  *sleep_0() {
    yield* spin(3);
    return "r";
  },
  *sleep_1() {
    return yield* sleep(1, "r");
  },
  *sleep_and_retry(w) {
    try {
      yield* sleep(1);
    } catch {
      w.note("caught");
    }
    return yield* sleep(1, "r");
  },
  *sleep_in_finally(w) {
    try {
      yield* sleep(1);
    } finally {
      w.note("finally");
      yield* sleep(0);
      w.note("after sleep(0)");
      yield* sleep(1);
      w.note("after sleep(1)");
    }
  },
  *gather_coroutines(w) {
    return yield* gather(spin(2), w.child("a", 1), w.child("b", 0.5, 2));
  },
  *gather_exceptions(w) {
    const got = yield* gather([w.swallower("a", 1), w.failing("b", 0), w.child("c", 1, 1)], { returnExceptions: true });
    return got.map((value: unknown) => (typeof value === "string" ? value : describeOutcome(value)));
  },
  *gather_swallowers(w) {
    return yield* gather(w.swallower("a", 1), w.swallower("b", 0));
  },
  *gather_failing(w) {
    return yield* gather(w.child("a", 1), w.failing("b", 1), w.failingCleanup("c", 2));
  },
  *gather_nested(w) {
    return yield* gather(gather(w.child("a", 1), w.child("b", 1)), w.child("c", 0));
  },
  *wait_all(w) {
    const [done, pending] = yield* wait<Task<unknown>>([createTask(w.child("a", 1)), createTask(spin(2))]);
    return [done.size, pending.size];
  },
  *wait_first_with_timeout(w) {
    const tasks = [createTask(w.child("a", 2)), createTask(w.child("b", 3))];
    const [done, pending] = yield* wait(tasks, { timeout: 1, returnWhen: FIRST_COMPLETED });
    return [done.size, pending.size];
  },
  *wait_for_coroutine(w) {
    return yield* waitFor(w.child("a", 2, 2), 1);
  },
  *wait_for_in_time(w) {
    return yield* waitFor(w.child("a", 1), 2);
  },
  *wait_for_task(w) {
    return yield* waitFor(createTask(w.child("a", 2, 1)), 1);
  },
  *wait_for_swallower(w) {
    return yield* waitFor(w.swallower("a", 2), 1);
  },
  *wait_for_zero(w) {
    const task = createTask(w.child("a", 2, 2));
    yield* sleep(0);
    return yield* waitFor(task, 0);
  },
  *shielded(w) {
    return yield* shield(w.child("a", 1));
  },
  *shielded_swallower(w) {
    const inner = createTask(w.child("a", 1));
    try {
      return yield* shield(inner);
    } catch {
      w.note("caught");
      return yield* inner;
    }
  },
  *timeout_expires(w) {
    yield* timeout(1).with(() => w.child("a", 2, 2));
  },
  *timeout_in_time(w) {
    return yield* timeout(2).with(() => w.child("a", 1, 1));
  },
  *timeout_zero(w) {
    yield* timeout(0).with(() => w.child("a", 1, 1));
  },
  *timeouts_nested(w) {
    yield* timeout(1).with(function* () {
      try {
        yield* timeout(0.5).with(() => w.child("a", 2));
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        w.note("inner timeout");
      }
      yield* w.child("b", 2);
    });
  },
  *timeout_swallowed(w) {
    yield* timeout(1).with(function* () {
      yield* w.swallower("a", 2);
      w.note("still inside");
      yield* sleep(0);
    });
  },
  *group_of_two(w) {
    const [a, b] = yield* new TaskGroup().with(function* (group) {
      const tasks = [group.createTask(w.child("a", 1, 1)), group.createTask(w.child("b", 0.5))] as const;
      yield* spin(2);
      w.note("body ends");
      return tasks;
    });
    return [a.result(), b.result()];
  },
  *group_fails(w) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(w.failing("a", 1));
      group.createTask(w.child("b", 2, 2));
      yield* w.child("body", 2, 1);
    });
  },
  *group_fails_at_exit(w) {
    try {
      yield* new TaskGroup().with(function* (group) {
        group.createTask(w.failing("a", 1));
        group.createTask(w.failingCleanup("b", 2));
      });
    } finally {
      w.note("left");
      yield* sleep(0);
    }
  },
  *group_swallows(w) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(w.swallower("a", 1));
      try {
        yield* sleep(1);
      } catch {
        w.note("body swallows");
      }
      yield* sleep(0);
    });
    yield* sleep(0);
    return "r";
  },
  *groups_nested(w) {
    yield* new TaskGroup().with(function* (outer) {
      outer.createTask(w.child("a", 1));
      yield* new TaskGroup().with(function* (inner) {
        inner.createTask(w.failingCleanup("b", 1));
      });
    });
  },
  *group_in_timeout(w) {
    yield* timeout(1).with(() =>
      new TaskGroup().with(function* (group) {
        group.createTask(w.child("a", 2, 1));
        group.createTask(w.swallower("b", 2));
      }),
    );
  },
};

const STARTS = ["first", "last", "0.4999999999", "0.9999999999", "1.0000000001"];
const LATER = [0, 1, 2, 3, 4, 5];
const TIMES = ["once", "twice", "again"];

describe("a task that is cancelled at each point of its life does what it does in CPython", () => {
  test("in as many scenarios as CPython was asked about", () => {
    expect(Object.keys(SCENARIOS)).toEqual(Object.keys(EXPECTED));
  });

  test.each(Object.entries(SCENARIOS))("%s", (name, scenario) => {
    expect(table(scenario)).toEqual(EXPECTED[name]);
  });
});

function describeOutcome(error: unknown): string {
  const { name, message } = error as Error;
  const members = error instanceof AggregateError ? `[${error.errors.map(describeOutcome).join(", ")}]` : message;
  return `${name}(${members})`;
}

function run(scenario: (w: World) => Coroutine<unknown>, start: string, later: number, times: string): string {
  const loop = new VirtualEventLoop();
  const world = new World(loop);
  loop.setExceptionHandler(() => world.note("reported"));
  const returned: boolean[] = [];
  let task: Task<unknown>;

  const cancel = (name: string): unknown => returned.push(task.cancel(name));
  function tick(left: number): void {
    if (left > 0) {
      loop.callSoon(tick, left - 1);
      return;
    }
    cancel("c1");
    if (times === "twice") cancel("c2");
    if (times === "again") loop.callSoon(cancel, "c2");
  }
  function* main(): Coroutine<void> {
    if (start === "first") loop.callSoon(tick, later);
    task = loop.createTask(scenario(world));
    task.addDoneCallback(() => world.note("done"));
    if (start === "last") loop.callSoon(tick, later);
    else if (start !== "first") loop.callAt(Number(start), tick, later);
  }
  loop.createTask(main());
  exhaust(loop);
  const outcome = outcomeOf(task!);
  finish(loop);
  const cancels = returned.map((accepted) => (accepted ? "t" : "f")).join("");
  return [outcome, `cancelling=${task!.cancelling()}`, cancels, ...world.log].join(" ");
}

function outcomeOf(task: Task<unknown>): string {
  try {
    return json(task.result());
  } catch (error) {
    return describeOutcome(error);
  }
}

/** As Python's json writes it. */
function json(value: unknown): string {
  if (value === undefined) return "null";
  return Array.isArray(value) ? `[${value.map(json).join(", ")}]` : JSON.stringify(value);
}

function table(scenario: (w: World) => Coroutine<unknown>): Record<string, string> {
  const points: Record<string, Map<string, string>> = {};
  for (const start of STARTS) {
    for (const times of TIMES) {
      for (const later of LATER) {
        const found = (points[run(scenario, start, later, times)] ??= new Map());
        const name = `${start} ${times}`;
        found.set(name, (found.get(name) ?? `${name} `) + later);
      }
    }
  }
  return Object.fromEntries(
    Object.entries(points).map(([outcome, found]) => [outcome, [...found.values()].join(", ")]),
  );
}
