// Bad input for tasks, timeouts and groups, and for the bridges.

import {
  Lock,
  type Coroutine,
  TaskGroup,
  Timeout,
  abortable,
  allTasks,
  dumpTasks,
  asCompleted,
  createEagerTaskFactory,
  createTask,
  currentTask,
  eagerTaskFactory,
  ensureFuture,
  forEach,
  gather,
  shield,
  sleep,
  timeout,
  timeoutAt,
  wait,
  waitFor,
  withAsync,
  wrapFuture,
} from "wasyncio";
import { empty, row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { refused } from "./rules.ts";
import { VALUES } from "./values.ts";
import type { World } from "./world.ts";

const { anything, returned } = rules;

/** Makes a task while a factory is set that gives a value. */
function withFactory<T>({ loop }: World, value: never, make: () => T): T {
  loop.setTaskFactory(() => value);
  try {
    return make();
  } finally {
    loop.setTaskFactory(null);
  }
}

const notATask = /Cannot create task: expected a task of this loop from the task factory, got /;
const ownFutures = ["future", "done future", "cancelled future"];
const factoryResult = refused("TypeError", notATask, { ok: ownFutures, "late RangeError": ["failed future"] });

const notListed = /^expect a list of futures, (?:not|got) /;
const notIterable = /^expects an iterable of awaitables, not /;
/** Messages of `wait` and `asCompleted` give the class of a future, as asyncio's do. */
const unnamed = { named: false };

/** Values with names of their own. */
const NAMED = ["string", "object", "array", "unshowable object", ...rules.FUTURES, ...rules.LOOPS];

/** Enters a manager and leaves it with an error. */
function* leave(manager: Timeout | TaskGroup, error: never): Coroutine<void> {
  yield* manager.aenter();
  yield* manager.aexit(error, true);
}

/** Leaves a block in place with an error, which has to come out of it. */
function* passThrough(scope: Timeout, error: never): Coroutine<void> {
  scope.enter().fail(error);
  try {
    scope.exit();
  } catch (thrown) {
    if (!Object.is(thrown, error)) throw thrown;
  }
}

const manager = (aenter: () => unknown, aexit: () => unknown): never => ({ aenter, aexit }) as never;

/** Options that are spread: of what has no names of its own none is wrong. */
const spreadOptions: rules.Rule = {
  ...refused("TypeError", /^Invalid options: there is no /, {}, unnamed),
  but: { ok: Object.keys(VALUES).filter((name) => !NAMED.includes(name)) },
};

export const TASK_ROWS = [
  row("createTask", "coro", rules.coroutine, (value) => createTask(value)),
  row("createTask", "options", rules.options, (value) => createTask(waiting(), value)),
  row("createTask", "name", rules.text, (name) => createTask(waiting(), { name })),
  row("createTask", "context", rules.context, (context) => createTask(waiting(), { context })),
  row("createTask", "signal", rules.signal, (signal) => createTask(waiting(), { signal })),
  row("createTask", "eagerStart", anything, (eagerStart) => createTask(waiting(), { eagerStart })),
  row("createTask", "what the factory returns", factoryResult, (value, world) =>
    withFactory(world, value, () => createTask(waiting())),
  ),
  row("ensureFuture", "awaitable", rules.awaitable, (value) => ensureFuture(value)),
  row("ensureFuture", "options", rules.options, (value) => ensureFuture(waiting(), value)),
  row("ensureFuture", "options for a promise", rules.options, (value) => ensureFuture(Promise.resolve(), value)),
  row("ensureFuture", "options for a future", rules.options, (value, { loop }) =>
    ensureFuture(loop.createFuture(), value),
  ),
  row("ensureFuture", "loop", rules.openLoop, (loop) => ensureFuture(waiting(), { loop })),
  row("ensureFuture", "what the factory returns", factoryResult, (value, world) =>
    withFactory(world, value, () => ensureFuture(waiting())),
  ),
  row("sleep", "delay", rules.delay, (value) => sleep(value)),
  row("sleep", "result", anything, (value) => sleep(0, value)),
  row("currentTask", "loop", givenLoop(), (value) => void currentTask(value)),
  row("allTasks", "loop", givenLoop(), (value) => allTasks(value)),
  row("dumpTasks", "loop", givenLoop(), (value) => dumpTasks(value)),
  row("gather", "first awaitable", { ...rules.ownAwaitable, ...emptyArrayIsTaken() }, (value) => gather(value)),
  row("gather", "in the list", rules.ownAwaitable, (value) => gather([value])),
  row(
    "gather",
    "options",
    refused(
      "TypeError",
      /^(?:Cannot gather: expected options behind the list, got |Invalid options: there is no )/,
      {
        ok: rules.options.but["ok"]
          .filter((name) => !/promise|coroutine|finished generator|running generator/.test(name))
          .concat("null"),
      },
      unnamed,
    ),
    (value) => gather([waiting()], value),
  ),
  row("gather", "returnExceptions", anything, (returnExceptions) => gather([waiting()], { returnExceptions })),
  row("gather", "what the factory returns", factoryResult, (value, world) =>
    withFactory(world, value, () => gather(waiting())),
  ),
  row(
    "wait",
    "futures",
    refused("TypeError", notListed, { RangeError: ["empty string", "empty array"] }, unnamed),
    (value) => wait(value),
  ),
  row(
    "wait",
    "in the list",
    refused("TypeError", /^expect a list of futures, got .* in it$/, {
      ok: rules.FUTURES,
      TypeError: rules.COROUTINES,
    }),
    (value) => wait([value]),
  ),
  row("wait", "options", rules.options, (value, { loop }) => wait([loop.createFuture()], value)),
  row("wait", "timeout", rules.timeoutOption, (timeout, { loop }) => wait([loop.createFuture()], { timeout })),
  row(
    "wait",
    "returnWhen",
    refused("RangeError", /^Invalid returnWhen value: /, { ok: ["undefined"], RangeError: ["string", "empty string"] }),
    (returnWhen, { loop }) => wait([loop.createFuture()], { returnWhen }),
  ),
  row("waitFor", "awaitable", rules.lateAwaitable, (value) => waitFor(value, 1)),
  row(
    "waitFor",
    "awaitable, with no time",
    refused("late TypeError", rules.lateAwaitable.says, {
      ok: ["done future", "cancelled future", "future of another loop"],
      "late TimeoutError": [...rules.COROUTINES, ...rules.PROMISES, "future"],
      "late RangeError": ["failed future"],
      "late RuntimeError": ["future of a closed loop"],
    }),
    (value) => waitFor(value, 0),
  ),
  row(
    "waitFor",
    "timeout",
    {
      ...rules.delayOrNull,
      but: { ok: ["null", "number", "Infinity", "1.5", "2**53"], "late TimeoutError": ["zero", "-1", "-Infinity"] },
    },
    (value) => waitFor(waiting(), value),
  ),
  row("shield", "awaitable", rules.awaitable, (value) => shield(value)),
  row(
    "asCompleted",
    "awaitables",
    refused("TypeError", notIterable, { ok: ["empty string", "empty array"], TypeError: ["string", "array"] }, unnamed),
    (value) => void asCompleted(value),
  ),
  row(
    "asCompleted",
    "in the list",
    refused("TypeError", rules.ownAwaitable.says, {
      ok: ["done future", "cancelled future"],
      "late TimeoutError": [...rules.COROUTINES, ...rules.PROMISES, "future"],
      "late RangeError": ["failed future"],
      RangeError: rules.FOREIGN,
    }),
    (value) => awaitEach(asCompleted([value], { timeout: 0 })),
  ),
  row("asCompleted", "options", rules.options, (value) => void asCompleted([], value)),
  row("asCompleted", "timeout", rules.timeoutOption, (timeout) => void asCompleted([], { timeout })),
  row("timeout", "delay", rules.delayOrNull, (value) => timeout(value)),
  row("timeoutAt", "when", rules.deadline, (value) => timeoutAt(value)),
  row("Timeout.constructor", "when", rules.deadline, (value) => new Timeout(value)),
  row("Timeout.reschedule", "when", { ...rules.deadline, rest: "late TypeError" }, (value) =>
    timeout(9).with(function* (scope) {
      scope.reschedule(value);
    }),
  ),
  row(
    "Timeout.with",
    "body",
    rules.body,
    (value, _, scope) => scope.with(value),
    () => timeout(9),
  ),
  row(
    "Timeout.with",
    "what the body returns",
    returned,
    (value, _, scope) => scope.with(() => value),
    () => timeout(9),
  ),
  row("Timeout.aexit", "error", anything, (value) => leave(timeout(9), value)),
  row("Timeout.fail", "error", anything, (value) => passThrough(timeout(9), value)),
  row("eagerTaskFactory", "loop", rules.openLoop, (value) => eagerTaskFactory(value, waiting(), {})),
  row(
    "eagerTaskFactory",
    "coro",
    { ...rules.coroutine, but: { ok: ["coroutine", "finished generator"], "late TypeError": ["running generator"] } },
    (value, { loop }) => eagerTaskFactory(loop, value, {}),
  ),
  row("eagerTaskFactory", "options", spreadOptions, (value, { loop }) => eagerTaskFactory(loop, waiting(), value)),
  row(
    "createEagerTaskFactory",
    "constructor",
    refused("TypeError", /^Cannot create eager task factory: expected a Task class or a function, got /, {
      ok: rules.FUNCTIONS,
    }),
    (value) => createEagerTaskFactory(value),
  ),
  row(
    "createEagerTaskFactory",
    "constructor, at work",
    refused("TypeError", /expected a (?:Task class|task of this loop)/, { TypeError: rules.FUNCTIONS }),
    (value, { loop }) => {
      loop.setTaskFactory(createEagerTaskFactory(value));
      try {
        return createTask(waiting());
      } finally {
        loop.setTaskFactory(null);
      }
    },
  ),

  row("TaskGroup.createTask", "coro", lateInGroup(rules.coroutine), (value) =>
    new TaskGroup().with(function* (group) {
      group.createTask(value);
    }),
  ),
  row("TaskGroup.createTask", "options", lateInGroup(rules.options), (value) =>
    new TaskGroup().with(function* (group) {
      group.createTask(waiting(), value);
    }),
  ),
  row("TaskGroup.createTask", "context", lateInGroup(rules.context), (context) =>
    new TaskGroup().with(function* (group) {
      group.createTask(waiting(), { context });
    }),
  ),
  row(
    "TaskGroup.createTask",
    "what the factory returns",
    { ...lateInGroup(factoryResult), but: { ok: ownFutures, "late ExceptionGroup": ["failed future"] } },
    (value, world) =>
      new TaskGroup().with(function* (group) {
        withFactory(world, value, () => group.createTask(waiting()));
      }),
  ),
  row(
    "TaskGroup.with",
    "body",
    {
      ...rules.body,
      but: { ok: ["generator function"], "late ExceptionGroup": ["function", "class", "class of errors"] },
    },
    (value, _, group) => group.with(value),
    () => new TaskGroup(),
  ),
  row(
    "TaskGroup.with",
    "what the body returns",
    lateInGroup(returned),
    (value, _, group) => group.with(() => value),
    () => new TaskGroup(),
  ),
  row(
    "TaskGroup.aexit",
    "error",
    refused("late ExceptionGroup", /^unhandled errors in a TaskGroup/, {}, unnamed),
    (value) => leave(new TaskGroup(), value),
  ),
  row(
    "TaskGroup.fail",
    "error",
    refused("late ExceptionGroup", /^unhandled errors in a TaskGroup/, {}, unnamed),
    function* (value) {
      const group = new TaskGroup().enter();
      group.fail(value);
      yield* group.exit();
    },
  ),

  row(
    "wrapFuture",
    "promise",
    refused("TypeError", /^Cannot wrap future: expected a promise, got /, {
      ok: [...rules.PROMISES, ...ownFutures, ...rules.FOREIGN],
      "late RangeError": ["failed future"],
    }),
    (value) => wrapFuture(value),
  ),
  row("wrapFuture", "options", rules.options, (value) => wrapFuture(Promise.resolve(), value)),
  row("wrapFuture", "loop", rules.loop, (loop) => wrapFuture(Promise.resolve(), { loop })),
  row(
    "abortable",
    "fn",
    refused("TypeError", /^Cannot call abortable: expected a function, got /, { "late TypeError": rules.FUNCTIONS }),
    (value) => abortable(value),
  ),
  row(
    "abortable",
    "what fn returns",
    refused("late TypeError", /^Cannot wrap future: expected a promise, got /, {
      ok: [...rules.PROMISES, ...ownFutures],
      "late RangeError": ["failed future"],
      "late RuntimeError": rules.FOREIGN,
    }),
    (value) => abortable(() => value),
  ),
  row(
    "withAsync",
    "manager",
    refused("TypeError", /^Cannot enter: expected an object with aenter and aexit, got /),
    (value) => withAsync(value, empty),
  ),
  row(
    "withAsync",
    "body",
    rules.body,
    (value, _, lock) => withAsync(lock, value),
    () => new Lock(),
  ),
  row(
    "withAsync",
    "what the body returns",
    returned,
    (value, _, lock) => withAsync(lock, () => value),
    () => new Lock(),
  ),
  row("withAsync", "what aenter returns", returned, (value) =>
    withAsync(
      manager(() => value, empty),
      empty,
    ),
  ),
  row("withAsync", "what aexit returns", returned, (value) =>
    withAsync(
      manager(empty, () => value),
      empty,
    ),
  ),
  row(
    "forEach",
    "iterable",
    refused("TypeError", /^Cannot iterate: expected an async iterable, got /, { ok: ["async generator"] }),
    (value) => forEach(value, empty),
  ),
  row(
    "forEach",
    "body",
    refused("TypeError", /^Cannot iterate: expected a function for the body, got /, { ok: rules.FUNCTIONS }),
    (value) => forEach((async function* () {})(), value),
  ),
  row(
    "forEach",
    "what the body returns",
    { ...anything, but: { "late RangeError": ["failed future"], "late RuntimeError": rules.FOREIGN } },
    (value) => forEach(counting(1), () => value),
  ),
  row(
    "forEach",
    "what anext returns",
    {
      ...returned,
      // What these give is no result of an iterator.
      but: {
        ...returned.but,
        ok: [...rules.PROMISES, "future", "cancelled future"],
        "late TypeError": [...rules.COROUTINES, "done future"],
      },
    },
    (value) => forEach({ anext: () => value }, () => false),
  ),
  row(
    "forEach",
    "what anext gives",
    refused("late TypeError", /^Cannot iterate: expected an iterator result, got /, { ok: rules.OBJECTS }),
    (value) => forEach(iteratorOf(value), () => false),
  ),
  row(
    "forEach",
    "what [Symbol.asyncIterator] returns",
    refused("TypeError", /^Cannot iterate: expected an async iterator of the iterable, got /, {
      ok: [...rules.COROUTINES, "async generator"],
    }),
    (value) => forEach({ [Symbol.asyncIterator]: () => value }, () => false),
  ),
];

function iteratorOf(value: never): { anext(): Coroutine<never> } {
  return {
    *anext() {
      return value;
    },
  };
}

/** An async iterator of coroutines that gives some numbers. */
function counting(count: number): { anext(): Coroutine<IteratorResult<number, undefined>> } {
  let given = 0;
  return {
    *anext() {
      return given++ < count ? { done: false, value: given } : { done: true, value: undefined };
    },
  };
}

function* awaitEach(each: Iterable<Coroutine<unknown>>): Coroutine<void> {
  for (const next of each) yield* next;
}

/** The rule where it is thrown inside a group. */
function lateInGroup(rule: rules.Rule): rules.Rule {
  const endings = Object.keys(rule.but).filter((ending) => ending !== "ok");
  return {
    rest: "late ExceptionGroup",
    but: { ok: rule.but.ok ?? [], "late ExceptionGroup": endings.flatMap((ending) => rule.but[ending] ?? []) },
    says: new RegExp(rule.says.source.replace("^", "")),
    named: rule.named,
  };
}

/** Options that are futures have a loop: asyncio's word for where a task is to be made. */
function givenLoop(): rules.Rule {
  return { ...rules.loop, but: { ok: ["undefined", ...rules.LOOPS] } };
}

/** `gather` of an empty list is done; a list of anything else is one of awaitables. */
function emptyArrayIsTaken(): Pick<rules.Rule, "but"> {
  const { but } = rules.ownAwaitable;
  return { but: { ...but, ok: [...(but.ok ?? []), "empty array"], TypeError: ["array"] } };
}
