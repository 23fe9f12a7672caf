// Tasks, timers and futures, and what waits for them.

import {
  AsyncExitStack,
  Context,
  ContextVar,
  type Coroutine,
  ExceptionGroup,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  Future,
  TaskGroup,
  asCompleted,
  captureCallGraph,
  copyContext,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  moveOnAfter,
  race,
  shield,
  shielded,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio";
import { spin } from "../support/coroutines.ts";
import { CROWD, Failure, type Scenario, batches, crowd, crowds, ended, failing } from "./scenario.ts";

const FOR_EVER = 1e6;
/** A signal that outlives all tasks that follow it. */
const lasting = new AbortController();

const variable = new ContextVar<number>("soak", { default: 0 });

function* nested(depth: number, pause: number): Coroutine<void> {
  try {
    if (depth > 0) yield* nested(depth - 1, pause);
    else yield* sleep(pause);
  } finally {
    if (depth === 5) yield* sleep(0);
  }
}

/** Takes back one cancellation, and goes on. */
function* stubborn(pause: number): Coroutine<void> {
  try {
    yield* sleep(pause);
  } catch {
    currentTask()?.uncancel();
    yield* sleep(0);
  }
}

export const tasks: Record<string, Scenario> = {
  task: crowds(1, () => spin(2)),
  "task, nested calls": crowds(1, (_, pause) => nested(10, pause)),
  "task, cancel taken back": crowds(2, (_, pause) => stubborn(pause)),
  "task, eager": batches(CROWD, function* (pause) {
    const eager = (index: number) =>
      createTask(index % 2 === 0 ? sleep(pause) : spin(0), { eagerStart: true, name: `eager-${index}` });
    yield* crowd(Array.from({ length: CROWD }, (_, index) => eager(index)));
  }),
  "task of task": crowds(3, function* (_, pause) {
    yield* createTask(nested(1, pause));
  }),
  sleep: crowds(2, (_, pause) => sleep(pause)),
  callSoon: batches(CROWD, function* () {
    const loop = getRunningLoop();
    const handles = Array.from({ length: CROWD }, (_, index) => loop.callSoon(() => index));
    for (let index = 0; index < CROWD; index += 3) handles[index].cancel();
    yield* sleep(0);
  }),
  callLater: batches(CROWD, function* (pause) {
    const loop = getRunningLoop();
    const handles = Array.from({ length: CROWD }, (_, index) =>
      index % 3 === 0 ? loop.callLater(FOR_EVER, () => index) : loop.callAt(loop.time() + pause / 2, () => index),
    );
    for (let index = 0; index < CROWD; index += 3) handles[index].cancel();
    yield* sleep(pause);
  }),
  "future, callbacks": batches(CROWD, function* () {
    const forget = () => {};
    const futures = Array.from({ length: CROWD }, () => new Future<number>());
    for (const future of futures) {
      for (let i = 0; i < 3; i++) future.addDoneCallback(() => future.cancelled());
      future.addDoneCallback(forget);
    }
    yield* sleep(0);
    for (const [index, future] of futures.entries()) {
      if (index % 2 === 0) future.removeDoneCallback(forget);
      if (index % 4 === 0) future.cancel();
      if (index % 4 === 1) future.setException(new Failure());
      if (index % 4 === 2) future.setResult(index);
    }
    yield* sleep(0);
    for (const [index, future] of futures.entries()) {
      if (index % 4 === 1) future.exception();
      if (index % 4 === 3) future.cancel(); // those with callbacks keep a slot as long as they are pending
    }
    yield* sleep(0);
  }),
  "future, awaited": crowds(2, function* (index) {
    const future = new Future<number>();
    getRunningLoop().callSoon(() => index % 2 === 0 || future.done() || future.setResult(index));
    if (index % 2 === 1) return yield* future;
    return yield* ended(createTask(cancelledSoon(future)));
  }),
  gather: crowds(4, function* (index, pause) {
    yield* gather(sleep(pause), index % 5 === 0 ? failing(pause) : sleep(0), createTask(spin(2)));
  }),
  "gather, exceptions": crowds(4, function* (_, pause) {
    yield* gather([sleep(pause), failing(0), spin(2)], { returnExceptions: true });
  }),
  wait: crowds(5, function* (index, pause) {
    const some = [createTask(sleep(FOR_EVER)), createTask(sleep(pause)), createTask(spin(1))];
    try {
      yield* wait(some, {
        returnWhen: index % 2 === 0 ? FIRST_COMPLETED : FIRST_EXCEPTION,
        timeout: index % 3 === 0 ? pause / 2 : pause,
      });
    } finally {
      for (const task of some) task.cancel();
    }
    yield* wait(some);
  }),
  asCompleted: crowds(4, function* (index, pause) {
    const some = [createTask(sleep(index % 4 === 0 ? FOR_EVER : pause)), createTask(spin(1))];
    try {
      for (const next of asCompleted(some, { timeout: pause })) {
        yield* next;
        if (index % 5 === 0) break;
      }
    } finally {
      for (const task of some) task.cancel();
    }
  }),
  waitFor: crowds(3, (index, pause) => waitFor(sleep(index % 2 === 0 ? 0 : FOR_EVER), index % 4 === 3 ? 0 : pause)),
  shield: crowds(3, function* (index, pause) {
    yield* shield(index % 2 === 0 ? sleep(pause) : createTask(spin(4)));
  }),
  timeout: crowds(3, (index, pause) =>
    timeout(index % 3 === 0 ? 0 : pause).with(function* (scope) {
      if (index % 5 === 0) scope.reschedule(null);
      yield* timeout(FOR_EVER).with(() => sleep(index % 2 === 0 || index % 5 === 0 ? pause / 2 : FOR_EVER));
    }),
  ),
  moveOnAfter: crowds(2, (index, pause) =>
    moveOnAfter(pause).with(() => sleep(index % 2 === 0 ? pause / 2 : FOR_EVER)),
  ),
  race: crowds(4, (index, pause) =>
    race(sleep(pause), index % 2 === 0 ? failing(pause / 2) : spin(2), sleep(FOR_EVER)),
  ),
  shielded: crowds(2, (_, pause) => shielded(() => moveOnAfter(pause).with(() => nested(2, FOR_EVER)))),
  AsyncExitStack: crowds(2, (_, pause) =>
    new AsyncExitStack().with(function* (stack) {
      yield* stack.enterAsyncContext(moveOnAfter(pause));
      stack.pushAsyncCallback(spin, 1);
      yield* sleep(FOR_EVER);
    }),
  ),
  "task with a signal": crowds(2, function* (index, pause) {
    const aborted = index % 4 === 0 ? AbortSignal.abort() : lasting.signal;
    yield* createTask(sleep(pause), { signal: aborted, eagerStart: index % 3 === 0 });
  }),
  "TaskGroup, cancelled": crowds(3, (index, pause) =>
    new TaskGroup().with(function* (group) {
      group.createTask(sleep(FOR_EVER));
      if (index % 2 === 0) yield* sleep(pause);
      group.cancel();
    }),
  ),
  TaskGroup: crowds(4, function* (index, pause) {
    try {
      yield* new TaskGroup().with(function* (group) {
        group.createTask(sleep(pause));
        group.createTask(index % 4 === 0 ? failing(pause / 2) : sleep(pause / 2));
        group.createTask(index % 5 === 0 ? failing(0) : spin(1));
      });
    } catch (error) {
      if (!(error instanceof ExceptionGroup)) throw error;
    }
  }),
  "call graphs": crowds(2, function* (_, pause) {
    const inner = createTask(sleep(pause));
    getRunningLoop().callSoon(() => captureCallGraph(inner));
    yield* inner;
  }),
  *"debug mode"(count, pause) {
    const loop = getRunningLoop();
    loop.setDebug(true);
    try {
      return yield* crowds(3, (_, pause) => waitFor(nested(2, pause), FOR_EVER))(count, pause);
    } finally {
      loop.setDebug(false);
    }
  },
  "context variables": crowds(2, function* (index, pause) {
    const token = variable.set(index);
    const context = copyContext();
    context.run(() => variable.set(index + 1));
    const inner = createTask(sleep(pause), { context: index % 2 === 0 ? context : new Context() });
    try {
      yield* inner;
    } finally {
      variable.reset(token);
    }
  }),
};

/** Awaits a future that is cancelled in the next iteration. */
function* cancelledSoon(future: Future<number>): Coroutine<number> {
  getRunningLoop().callSoon(() => future.cancel("soak"));
  return yield* future;
}
