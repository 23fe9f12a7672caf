// The library's own coroutines in the wrong hands: awaited twice, run by two tasks, advanced, thrown into or closed by
// hand before and while a task runs them. Whatever comes of it, nothing is left behind, and the primitives work.

import { describe, expect, test } from "vitest";
import {
  Barrier,
  Condition,
  type Coroutine,
  Event,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  TaskGroup,
  abortable,
  createTask,
  forEach,
  getRunningLoop,
  sleep,
  timeout,
  wait,
  waitFor,
  withAsync,
} from "wasyncio";
import { attempt, attemptAwait } from "../support/outcomes.ts";
import { type Log, endOf, survive } from "./hostile.ts";

/** Something to wait on, a coroutine of it, and what lets that end. */
interface Subject {
  make(): Coroutine<unknown>;
  /** Lets one wait end. */
  finish(): void;
  /** Uses it as one should, so that what is left of a bad use would show. */
  use(): Coroutine<unknown>;
}

function ofLock(): Subject {
  const lock = new Lock();
  lock.acquire().next();
  return {
    make: () => lock.acquire(),
    finish: () => lock.locked() && lock.release(),
    *use() {
      if (!lock.locked()) yield* lock.acquire();
      const waiting = createTask(lock.with(() => sleep(0)));
      yield* sleep(0);
      lock.release();
      return yield* waiting;
    },
  };
}

function ofEvent(): Subject {
  const event = new Event();
  return {
    make: () => event.wait(),
    finish: () => event.set(),
    *use() {
      event.clear();
      const waiting = createTask(event.wait());
      yield* sleep(0);
      event.set();
      return yield* waiting;
    },
  };
}

function ofCondition(): Subject {
  const condition = new Condition();
  return {
    *make() {
      yield* condition.acquire();
      try {
        yield* condition.wait();
      } finally {
        if (condition.locked()) condition.release();
      }
    },
    finish: () => {
      if (!condition.locked()) condition.acquire().next();
      condition.notify();
      condition.release();
    },
    use: () => condition.with(() => attemptAwait(waitFor(condition.wait(), 1))),
  };
}

function ofSemaphore(): Subject {
  const semaphore = new Semaphore(0);
  return {
    make: () => semaphore.acquire(),
    finish: () => semaphore.release(),
    *use() {
      semaphore.release();
      yield* semaphore.acquire();
      while (!semaphore.locked()) yield* semaphore.acquire();
      yield* attemptAwait(waitFor(semaphore.acquire(), 1));
    },
  };
}

function ofBarrier(): Subject {
  const barrier = new Barrier(2);
  return {
    make: () => barrier.wait(),
    finish: () => void barrier.abort().next(),
    *use() {
      yield* barrier.reset();
      const both = [createTask(barrier.wait()), createTask(barrier.wait())];
      for (const each of both) yield* each;
    },
  };
}

function ofGet(): Subject {
  const queue = new Queue<number>();
  return {
    make: () => queue.get(),
    finish: () => queue.putNowait(1),
    *use() {
      while (!queue.empty()) queue.getNowait();
      const getting = createTask(queue.get());
      yield* sleep(0);
      queue.putNowait(1);
      return yield* getting;
    },
  };
}

function ofPut(): Subject {
  const queue = new PriorityQueue<number>(1);
  queue.putNowait(0);
  return {
    make: () => queue.put(1),
    finish: () => void (queue.empty() || queue.getNowait()),
    *use() {
      while (!queue.empty()) queue.getNowait();
      yield* queue.put(1);
      const putting = createTask(queue.put(2));
      yield* sleep(0);
      queue.getNowait();
      yield* putting;
    },
  };
}

function ofJoin(): Subject {
  const queue = new Queue<number>();
  queue.putNowait(1);
  let unfinished = 1;
  return {
    make: () => queue.join(),
    finish: () => unfinished-- > 0 && queue.taskDone(),
    *use() {
      queue.putNowait(2);
      const joining = createTask(queue.join());
      yield* sleep(0);
      if (unfinished > 0) queue.taskDone();
      queue.taskDone();
      yield* joining;
    },
  };
}

/** One that needs nothing to end, and leaves nothing to use. */
function plain(make: () => Coroutine<unknown>): () => Subject {
  return () => ({ make, finish: () => {}, use: () => sleep(0) });
}

const subjects: Record<string, () => Subject> = {
  "sleep(1)": plain(() => sleep(1)),
  "sleep(0)": plain(() => sleep(0)),
  "Lock.acquire": ofLock,
  "Event.wait": ofEvent,
  "Condition.wait": ofCondition,
  "Semaphore.acquire": ofSemaphore,
  "Barrier.wait": ofBarrier,
  "Queue.get": ofGet,
  "PriorityQueue.put": ofPut,
  "Queue.join": ofJoin,
  "Lock.with": plain(() => new Lock().with(() => sleep(1))),
  "timeout.with": plain(() => timeout(5).with(() => sleep(1))),
  "timeout.with, too late": plain(() => timeout(1).with(() => sleep(5))),
  "TaskGroup.with": plain(() =>
    new TaskGroup().with(function* (group) {
      group.createTask(sleep(2));
      yield* sleep(1);
    }),
  ),
  waitFor: plain(() => waitFor(sleep(1), 5)),
  "waitFor, too late": plain(() => waitFor(sleep(5), 1)),
  "waitFor, no time": plain(() => waitFor(sleep(5), 0)),
  wait: plain(() => wait([createTask(sleep(1))])),
  abortable: plain(() => abortable((signal) => ({ then: (done: () => void) => signal.aborted || done() }) as never)),
  withAsync: plain(() => withAsync(timeout(5), () => sleep(1))),
  forEach: plain(() => forEach(someNumbers(), () => sleep(1))),
  shutdownAsyncgens: plain(() => getRunningLoop().shutdownAsyncgens()),
};

function someNumbers(): { anext(): Coroutine<IteratorResult<number, undefined>> } {
  let count = 0;
  return {
    *anext() {
      yield* sleep(0);
      return ++count < 3 ? { done: false, value: count } : { done: true, value: undefined };
    },
  };
}

/** Whether an outcome is that of a coroutine of another task, or of one that has ended: a generator gives undefined. */
function isOver(outcome: unknown): boolean {
  return outcome === undefined || outcome === "RuntimeError('cannot reuse already awaited coroutine')";
}

/** What is done with the coroutine of a subject. */
const misuses: Record<string, (subject: Subject, log: Log) => Coroutine<unknown>> = {
  *"awaited twice"({ make, finish }, log) {
    const coroutine = make();
    const task = createTask(
      (function* (): Coroutine<void> {
        yield* coroutine;
        log.push(yield* coroutine);
      })(),
    );
    yield* sleep(0);
    finish();
    yield* sleep(9);
    log.push(task.done());
    task.cancel();
    yield* endOf(task);
  },
  *"run by two tasks"({ make, finish }, log) {
    const coroutine = make();
    const task = createTask(coroutine);
    yield* sleep(0);
    const second = attempt(() => createTask(coroutine)); // in debug mode it is refused here
    log.push(isOver(typeof second === "string" ? second : yield* attemptAwait(second)));
    finish();
    yield* sleep(0);
    finish();
    yield* sleep(9);
    task.cancel();
    log.push(String(yield* endOf(task)) !== "pending");
  },
  *"advanced by hand, then run"({ make, finish }, log) {
    const coroutine = make();
    const task = createTask(
      (function* (): Coroutine<unknown> {
        attempt(() => coroutine.next());
        return yield* coroutine;
      })(),
    );
    yield* sleep(0);
    finish();
    yield* sleep(9);
    task.cancel();
    log.push(String(yield* endOf(task)) !== "pending");
  },
  *"closed before it runs"({ make }, log) {
    const coroutine = make();
    log.push(coroutine.return("by hand").done);
    log.push(isOver(yield* attemptAwait(createTask(coroutine))));
  },
  *"thrown into before it runs"({ make }, log) {
    const coroutine = make();
    log.push(attempt(() => coroutine.throw(new RangeError("by hand"))));
    log.push(isOver(yield* attemptAwait(createTask(coroutine))));
  },
  *"thrown into while it runs"({ make, finish }, log) {
    const coroutine = make();
    const task = createTask(
      (function* (): Coroutine<unknown> {
        return yield* coroutine;
      })(),
    );
    yield* sleep(0);
    attempt(() => coroutine.throw(new RangeError("by hand")));
    finish();
    yield* sleep(9);
    task.cancel();
    log.push(String(yield* endOf(task)) !== "pending");
  },
  *"closed while it runs"({ make, finish }, log) {
    const coroutine = make();
    const task = createTask(coroutine);
    yield* sleep(0);
    attempt(() => coroutine.return(undefined));
    finish();
    yield* sleep(9);
    task.cancel();
    log.push(String(yield* endOf(task)) !== "pending");
  },
  *"cancelled before its first step"({ make }, log) {
    const task = createTask(make());
    task.cancel();
    log.push(yield* endOf(task));
  },
  *"cancelled and finished in one iteration"({ make, finish }, log) {
    for (const isFirst of [true, false]) {
      const task = createTask(make());
      yield* sleep(0);
      if (isFirst) finish();
      task.cancel();
      if (!isFirst) finish();
      log.push(yield* endOf(task));
    }
  },
};

/** What each misuse writes to the log, where that is the same for all. */
const EXPECTED: Record<string, unknown[] | null> = {
  "awaited twice": null,
  "run by two tasks": [true, true],
  "advanced by hand, then run": [true],
  "closed before it runs": [true, true],
  "thrown into before it runs": ["RangeError('by hand')", true],
  "thrown into while it runs": [true],
  "closed while it runs": [true],
  "cancelled before its first step": ["cancelled"],
  "cancelled and finished in one iteration": null,
};

describe.each(Object.keys(misuses))("%s", (misuse) => {
  test.each(Object.keys(subjects))("%s", (name) => {
    for (const isDebug of [false, true]) {
      const log = survive(function* (log, loop) {
        loop.setDebug(isDebug);
        loop.slowCallbackDuration = Infinity;
        const subject = subjects[name]();
        yield* misuses[misuse](subject, log);
        yield* sleep(9);
        yield* subject.use();
        loop.setDebug(false);
      });
      const expected = EXPECTED[misuse];
      // In debug mode what never ran is told of, and what was never left.
      const told = log.filter((entry) => !/never (?:awaited|left)/.test(String(entry)));
      if (expected !== undefined && expected !== null) expect(told).toEqual(expected);
    }
  });
});
