// What tasks wait for: sleeps, each other, timeouts, groups. python/tasks.py is the twin.

import {
  ALL_COMPLETED,
  CancelledError,
  type Coroutine,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  type ReturnWhen,
  type Task,
  TaskGroup,
  TimeoutError,
  asCompleted,
  createTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { type Chapter, type Scenario, type World, describe } from "./sweep.ts";

function* child(w: World, name: string, delay: number, cleanup = 0): Coroutine<string> {
  try {
    yield* sleep(delay);
    return name;
  } catch (error) {
    w.note(`${name} cancelled`);
    throw error;
  } finally {
    yield* spin(cleanup);
    w.note(`${name} ends`);
  }
}

function* swallower(w: World, name: string, delay: number): Coroutine<string> {
  try {
    yield* sleep(delay);
  } catch {
    yield* sleep(0);
    w.note(`${name} swallows`);
  }
  return name;
}

function* failing(name: string, delay: number): Coroutine<never> {
  yield* sleep(delay);
  throw new RangeError(name);
}

function* failingCleanup(name: string, delay: number): Coroutine<string> {
  try {
    yield* sleep(delay);
  } catch {
    throw new RangeError(name);
  }
  return name;
}

/** A future that is done some iterations later: fails when the value is an error. */
function futureIn(w: World, iterations: number, value: string | Error = "r"): Future<string> {
  const future = new Future<string>();
  function settle() {
    if (future.done()) w.note("is done");
    else if (typeof value === "string") future.setResult(value);
    else future.setException(value);
  }
  w.later(iterations, () => w.complete(settle));
  return future;
}

/** A future that is done at a time. */
function futureAt(w: World, when: number): Future<string> {
  const future = new Future<string>();
  const settle = () => void (future.done() || future.setResult("r"));
  getRunningLoop().callLater(when, () => w.complete(settle));
  return future;
}

function* awaited(future: Future<string>): Coroutine<string> {
  return yield* future;
}

function* waitFutures(returnWhen: ReturnWhen, ...futures: Future<string>[]): Coroutine<[number, number]> {
  const [done, pending] = yield* wait(futures, { returnWhen });
  for (const future of done) future.exception();
  return [done.size, pending.size];
}

function* resultsOf(futures: Iterable<Coroutine<string>>): Coroutine<string[]> {
  const results = [];
  for (const future of futures) results.push(yield* future);
  return results;
}

const error = (): RangeError => new RangeError("e");

/** Scenarios of one task. */
const coroutines: Record<string, (w: World) => Coroutine<unknown>> = {
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
    return yield* gather(spin(2), child(w, "a", 1), child(w, "b", 0.5, 2));
  },
  *gather_exceptions(w) {
    const got = yield* gather([swallower(w, "a", 1), failing("b", 0), child(w, "c", 1, 1)], { returnExceptions: true });
    return got.map((value: unknown) => (typeof value === "string" ? value : describe(value)));
  },
  *gather_swallowers(w) {
    return yield* gather(swallower(w, "a", 1), swallower(w, "b", 0));
  },
  *gather_failing(w) {
    return yield* gather(child(w, "a", 1), failing("b", 1), failingCleanup("c", 2));
  },
  *gather_nested(w) {
    return yield* gather(gather(child(w, "a", 1), child(w, "b", 1)), child(w, "c", 0));
  },
  *wait_all(w) {
    const [done, pending] = yield* wait<Task<unknown>>([createTask(child(w, "a", 1)), createTask(spin(2))]);
    return [done.size, pending.size];
  },
  *wait_first_with_timeout(w) {
    const tasks = [createTask(child(w, "a", 2)), createTask(child(w, "b", 3))];
    const [done, pending] = yield* wait(tasks, { timeout: 1, returnWhen: FIRST_COMPLETED });
    return [done.size, pending.size];
  },
  *wait_for_coroutine(w) {
    return yield* waitFor(child(w, "a", 2, 2), 1);
  },
  *wait_for_in_time(w) {
    return yield* waitFor(child(w, "a", 1), 2);
  },
  *wait_for_task(w) {
    return yield* waitFor(createTask(child(w, "a", 2, 1)), 1);
  },
  *wait_for_swallower(w) {
    return yield* waitFor(swallower(w, "a", 2), 1);
  },
  *wait_for_zero(w) {
    const task = createTask(child(w, "a", 2, 2));
    yield* sleep(0);
    return yield* waitFor(task, 0);
  },
  *shielded(w) {
    return yield* shield(child(w, "a", 1));
  },
  *shielded_swallower(w) {
    const inner = createTask(child(w, "a", 1));
    try {
      return yield* shield(inner);
    } catch {
      w.note("caught");
      return yield* inner;
    }
  },
  *timeout_expires(w) {
    yield* timeout(1).with(() => child(w, "a", 2, 2));
  },
  *timeout_in_time(w) {
    return yield* timeout(2).with(() => child(w, "a", 1, 1));
  },
  *timeout_zero(w) {
    yield* timeout(0).with(() => child(w, "a", 1, 1));
  },
  *timeouts_nested(w) {
    yield* timeout(1).with(function* () {
      try {
        yield* timeout(0.5).with(() => child(w, "a", 2));
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
        w.note("inner timeout");
      }
      yield* child(w, "b", 2);
    });
  },
  *timeout_swallowed(w) {
    yield* timeout(1).with(function* () {
      yield* swallower(w, "a", 2);
      w.note("still inside");
      yield* sleep(0);
    });
  },
  *group_of_two(w) {
    const [a, b] = yield* new TaskGroup().with(function* (group) {
      const tasks = [group.createTask(child(w, "a", 1, 1)), group.createTask(child(w, "b", 0.5))] as const;
      yield* spin(2);
      w.note("body ends");
      return tasks;
    });
    return [a.result(), b.result()];
  },
  *group_fails(w) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(failing("a", 1));
      group.createTask(child(w, "b", 2, 2));
      yield* child(w, "body", 2, 1);
    });
  },
  *group_fails_at_exit(w) {
    try {
      yield* new TaskGroup().with(function* (group) {
        group.createTask(failing("a", 1));
        group.createTask(failingCleanup("b", 2));
      });
    } finally {
      w.note("left");
      yield* sleep(0);
    }
  },
  *group_swallows(w) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(swallower(w, "a", 1));
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
      outer.createTask(child(w, "a", 1));
      yield* new TaskGroup().with(function* (inner) {
        inner.createTask(failingCleanup("b", 1));
      });
    });
  },
  *group_in_timeout(w) {
    yield* timeout(1).with(() =>
      new TaskGroup().with(function* (group) {
        group.createTask(child(w, "a", 2, 1));
        group.createTask(swallower(w, "b", 2));
      }),
    );
  },
  *future_awaited(w) {
    return yield* futureIn(w, 3);
  },
  *future_fails(w) {
    return yield* futureIn(w, 3, error());
  },
  *task_of_task_awaited(w) {
    function* inner() {
      return yield* futureIn(w, 3);
    }
    function* middle() {
      return yield* createTask(inner());
    }
    return yield* createTask(middle());
  },
  *gather_futures(w) {
    return yield* gather(futureIn(w, 3), futureIn(w, 4));
  },
  *gather_futures_at_once(w) {
    return yield* gather([futureIn(w, 3), futureIn(w, 3)], { returnExceptions: true });
  },
  *gather_futures_failing(w) {
    const first = futureIn(w, 3, error());
    const second = futureIn(w, 5);
    try {
      return yield* gather(first, second);
    } finally {
      yield* wait([second]);
    }
  },
  *gather_futures_exceptions(w) {
    const got = yield* gather([futureIn(w, 3, error()), futureIn(w, 4)], { returnExceptions: true });
    return got.map((value: unknown) => (typeof value === "string" ? value : describe(value)));
  },
  *wait_all_futures(w) {
    return yield* waitFutures(ALL_COMPLETED, futureIn(w, 3), futureIn(w, 4));
  },
  *wait_first_future(w) {
    return yield* waitFutures(FIRST_COMPLETED, futureIn(w, 3), futureIn(w, 4));
  },
  *wait_first_futures_at_once(w) {
    return yield* waitFutures(FIRST_COMPLETED, futureIn(w, 3), futureIn(w, 3));
  },
  *wait_first_exception(w) {
    return yield* waitFutures(FIRST_EXCEPTION, futureIn(w, 3), futureIn(w, 4, error()), futureIn(w, 5));
  },
  *wait_until_timeout(w) {
    const [done, pending] = yield* wait([futureAt(w, 1), futureAt(w, 2)], { timeout: 1 });
    return [done.size, pending.size];
  },
  *as_completed_futures(w) {
    return yield* resultsOf(asCompleted([futureIn(w, 4, "b"), futureIn(w, 3, "a")]));
  },
  *as_completed_futures_at_once(w) {
    return yield* resultsOf(asCompleted([futureIn(w, 3, "a"), futureIn(w, 3, "b")]));
  },
  *as_completed_fails(w) {
    return yield* resultsOf(asCompleted([futureIn(w, 3, error()), futureIn(w, 4, "b")]));
  },
  *as_completed_tasks(w) {
    return yield* resultsOf(asCompleted([createTask(child(w, "a", 1, 1)), createTask(child(w, "b", 0.5))]));
  },
  *as_completed_until_timeout(w) {
    return yield* resultsOf(asCompleted([futureIn(w, 3), futureAt(w, 2)], { timeout: 1 }));
  },
  *as_completed_and_retry(w) {
    const results = [];
    for (const future of asCompleted([futureIn(w, 3, "a"), futureIn(w, 5, "b")])) {
      try {
        results.push(yield* future);
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
        results.push("cancelled");
      }
    }
    return results;
  },
  *wait_for_future(w) {
    return yield* waitFor(futureIn(w, 3), 1);
  },
  *wait_for_future_that_fails(w) {
    return yield* waitFor(futureIn(w, 3, error()), 1);
  },
  *wait_for_future_at_deadline(w) {
    return yield* waitFor(futureAt(w, 1), 1);
  },
  *wait_for_without_deadline(w) {
    return yield* waitFor(futureIn(w, 3), null);
  },
  *shielded_future(w) {
    return yield* shield(futureIn(w, 3));
  },
  *shielded_future_that_fails(w) {
    const inner = futureIn(w, 3, error());
    try {
      return yield* shield(inner);
    } finally {
      yield* wait([inner]);
    }
  },
  *shielded_twice(w) {
    const inner = futureIn(w, 5);
    try {
      return yield* shield(inner);
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      return yield* shield(inner);
    }
  },
  *timeout_and_future(w) {
    return yield* timeout(1).with(() => awaited(futureIn(w, 3)));
  },
  *timeout_and_future_at_deadline(w) {
    return yield* timeout(1).with(() => awaited(futureAt(w, 1)));
  },
  *timeout_and_future_before_deadline(w) {
    const future = futureAt(w, 1);
    return yield* timeout(1).with(() => awaited(future));
  },
  *timeout_moved(w) {
    yield* timeout(1).with(function* (scope) {
      yield* futureIn(w, 3);
      w.complete(() => scope.reschedule(getRunningLoop().time()));
      yield* sleep(2);
    });
  },
  *group_and_futures(w) {
    const [a, b] = yield* new TaskGroup().with(function* (group) {
      return [group.createTask(awaited(futureIn(w, 3))), group.createTask(awaited(futureIn(w, 4)))] as const;
    });
    return [a.result(), b.result()];
  },
  *group_and_future_that_fails(w) {
    yield* new TaskGroup().with(function* (group) {
      group.createTask(awaited(futureIn(w, 3, error())));
      group.createTask(child(w, "b", 1, 2));
      yield* futureIn(w, 5);
    });
  },
  *group_cancels_child(w) {
    yield* new TaskGroup().with(function* (group) {
      const inner = group.createTask(child(w, "a", 1, 1));
      group.createTask(awaited(futureIn(w, 6)));
      w.later(3, () => w.complete(() => inner.cancel()));
    });
    return "r";
  },
};

/** Several tasks that wait for one inner task. */
function shared(waiters: Record<string, (inner: Task<string>) => Coroutine<unknown>>): Scenario {
  return (w) => {
    function* inner() {
      try {
        return yield* futureIn(w, 3);
      } finally {
        yield* spin(1);
      }
    }
    const task = createTask(inner());
    for (const [name, waiter] of Object.entries(waiters)) w.start(name, waiter(task));
  };
}

function* throughShield(inner: Task<string>): Coroutine<string> {
  return yield* shield(inner);
}

function* throughWait(inner: Task<string>): Coroutine<[number, number]> {
  const [done, pending] = yield* wait([inner]);
  return [done.size, pending.size];
}

function* throughGather(inner: Task<string>): Coroutine<unknown> {
  const [got]: unknown[] = yield* gather([inner], { returnExceptions: true });
  return typeof got === "string" ? got : describe(got);
}

function* throughWaitFor(inner: Task<string>): Coroutine<string> {
  return yield* waitFor(inner, 5);
}

function* throughAsCompleted(inner: Task<string>): Coroutine<string[]> {
  return yield* resultsOf(asCompleted([inner]));
}

function* throughTimeout(inner: Task<string>): Coroutine<string> {
  return yield* timeout(5).with(() => awaited(inner));
}

function alone(coroutine: (w: World) => Coroutine<unknown>): Scenario {
  return (w) => w.start("task", coroutine(w));
}

export const tasks: Chapter = {
  starts: ["first", "last", "0.4999999999", "0.9999999999", "1.0000000001"],
  laters: 6,
  scenarios: {
    ...Object.fromEntries(Object.entries(coroutines).map(([name, coroutine]) => [name, alone(coroutine)])),
    task_shared: shared({ a: awaited, b: awaited, c: awaited }),
    task_shielded_by_all: shared({ a: throughShield, b: throughShield, c: throughShield }),
    task_shared_by_many: shared({
      shield: throughShield,
      wait: throughWait,
      as_completed: throughAsCompleted,
      await: awaited,
      gather: throughGather,
      wait_for: throughWaitFor,
      timeout: throughTimeout,
    }),
  },
};
