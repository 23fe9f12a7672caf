// Bad input for futures and tasks themselves, for contexts, call graphs and errors.

import {
  CancelledError,
  Context,
  ContextVar,
  ExceptionGroup,
  Future,
  IncompleteReadError,
  InternalError,
  LimitOverrunError,
  NotAvailableError,
  Task,
  captureCallGraph,
  createTask,
  currentTask,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  isCoroutine,
  isCoroutineFunction,
  isFuture,
  printCallGraph,
} from "wasyncio";
import { nothing, row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { type Rule, refused } from "./rules.ts";
import type { World } from "./world.ts";

const { anything } = rules;
const unnamed = { named: false };

const pending = ({ loop }: World): Future<unknown> => loop.createFuture<unknown>();
const running = (): Task<unknown> => currentTask() as Task<unknown>;
const group = (): ExceptionGroup => new ExceptionGroup("m", [new RangeError("x"), new TypeError("y")]);
const variable = (): ContextVar<unknown> => new ContextVar<unknown>("n");

/** What is called when its turn comes, as by `callSoon`: outside debug mode it is not looked at before. */
const callback = anything;

const notSet = (name: string): Rule =>
  refused("RuntimeError", new RegExp(`^Task does not support ${name} operation$`), {}, unnamed);

/** What an error's message is made of: the language makes a text of it, and refuses a symbol. */
const messageOfError: Rule = { ...anything, but: { TypeError: ["symbol"] } };

const condition = refused(
  "TypeError",
  /^Cannot split exception group: expected (?:a class or a predicate|classes in the list), got /,
  { ok: [...rules.FUNCTIONS, "empty array"], TypeError: ["class", "array"] },
);
const variableRule = refused("TypeError", /^Invalid variable: expected a ContextVar, got /);

export const RUNTIME_ROWS = [
  row("isCoroutine", "value", anything, (value) => void isCoroutine(value)),
  row("isCoroutineFunction", "value", anything, (value) => void isCoroutineFunction(value)),
  row("isFuture", "value", anything, (value) => void isFuture(value)),

  row("Future.constructor", "options", rules.options, (value) => new Future(value)),
  row("Future.constructor", "loop", rules.loop, (loop) => new Future({ loop })),
  row("Future.setResult", "value", anything, (value, _, future) => future.setResult(value), pending),
  row(
    "Future.setException",
    "error",
    refused("TypeError", /^Cannot set exception: expected an Error or a class of errors, got /, {
      ok: ["error", "class of errors"],
    }),
    (value, _, future) => {
      future.setException(value);
      future.exception(); // looked at, so that nobody reports it
    },
    pending,
  ),
  row("Future.cancel", "message", rules.message, (value, _, future) => void future.cancel(value), pending),
  row(
    "Future.addDoneCallback",
    "callback",
    callback,
    (value, _, future) => {
      future.addDoneCallback(value);
      future.cancel();
    },
    pending,
  ),
  row(
    "Future.addDoneCallback",
    "options",
    rules.options,
    (value, _, future) => {
      future.addDoneCallback(nothing, value);
      future.removeDoneCallback(nothing);
    },
    pending,
  ),
  row(
    "Future.addDoneCallback",
    "context",
    rules.context,
    (context, _, future) => {
      future.addDoneCallback(nothing, { context });
      future.removeDoneCallback(nothing);
    },
    pending,
  ),
  row(
    "Future.removeDoneCallback",
    "callback",
    anything,
    (value, _, future) => future.removeDoneCallback(value),
    pending,
  ),
  row("Future.then", "onFulfilled", anything, (value, _, future) => settleBehind(future, future.then(value)), pending),
  row(
    "Future.then",
    "onRejected",
    anything,
    (value, _, future) => settleBehind(future, future.then(null, value)),
    pending,
  ),

  row("Task.constructor", "coro", rules.coroutine, (value) => new Task(value)),
  row("Task.constructor", "options", rules.options, (value) => new Task(waiting(), value)),
  row("Task.constructor", "loop", rules.openLoop, (loop) => new Task(waiting(), { loop })),
  row("Task.constructor", "name", rules.text, (name) => new Task(waiting(), { name })),
  row("Task.constructor", "context", rules.context, (context) => new Task(waiting(), { context })),
  row("Task.constructor", "eagerStart", anything, (eagerStart) => new Task(waiting(), { eagerStart })),
  row("Task.setName", "name", rules.text, (value, _, task) => task.setName(value), running),
  row(
    "Task.setResult",
    "value",
    notSet("setResult"),
    (value, _, task) => (task as Future<unknown>).setResult(value),
    running,
  ),
  row(
    "Task.setException",
    "error",
    notSet("setException"),
    (value, _, task) => (task as Future<unknown>).setException(value),
    running,
  ),
  row(
    "Task.cancel",
    "message",
    rules.message,
    (value, _, task) => {
      task.cancel(value);
      return task;
    },
    () => createTask(waiting()),
  ),
  row("Task.getStack", "options", rules.options, (value, _, task) => task.getStack(value), running),
  row("Task.getStack", "limit", rules.limit, (limit, _, task) => task.getStack({ limit }), running),
  row("Task.printStack", "options", rules.options, (value, _, task) => silently(() => task.printStack(value)), running),
  row("Task.printStack", "limit", rules.limit, (limit, _, task) => task.printStack({ limit, write: nothing }), running),
  row(
    "Task.printStack",
    "write",
    rules.aFunction("write", { ok: ["undefined", "null", ...rules.FUNCTIONS.filter((name) => name !== "class")] }),
    (write, _, task) => silently(() => task.printStack({ write })),
    running,
  ),

  row(
    "ContextVar.constructor",
    "name",
    refused("TypeError", /^Cannot create context variable: its name is .*, not a string$/, {
      ok: ["string", "empty string"],
    }),
    (value) => new ContextVar(value),
  ),
  row("ContextVar.constructor", "options", rules.options, (value) => new ContextVar("n", value)),
  row("ContextVar.constructor", "default", anything, (value) => new ContextVar("n", { default: value })),
  row("ContextVar.get", "fallback", anything, (value, _, each) => void each.get(value), variable),
  row("ContextVar.set", "value", anything, (value, _, each) => each.reset(each.set(value)), variable),
  row(
    "ContextVar.reset",
    "token",
    refused("TypeError", /^Cannot reset context variable 'n': expected a Token, got /),
    (value, _, each) => each.reset(value),
    variable,
  ),
  row(
    "Context.run",
    "fn",
    {
      ...rules.aFunction("callback"),
      but: { ok: ["function", "class of errors", "generator function"], TypeError: ["class"] },
    },
    (value, _, each) => void each.run(value),
    () => new Context(),
  ),
  row(
    "Context.get",
    "variable",
    variableRule,
    (value, _, each) => each.get(value),
    () => new Context(),
  ),
  row(
    "Context.has",
    "variable",
    variableRule,
    (value, _, each) => each.has(value),
    () => new Context(),
  ),

  row(
    "captureCallGraph",
    "future",
    { ...rules.future, but: { ok: ["undefined", "null", ...rules.FUTURES] } },
    (value) => captureCallGraph(value),
  ),
  row("captureCallGraph", "options", rules.options, (value) => captureCallGraph(null, value)),
  row("captureCallGraph", "limit", rules.limit, (limit) => captureCallGraph(null, { limit })),
  row("formatCallGraph", "future", { ...rules.future, but: { ok: ["undefined", "null", ...rules.FUTURES] } }, (value) =>
    formatCallGraph(value),
  ),
  row("formatCallGraph", "options", rules.options, (value) => formatCallGraph(null, value)),
  row("formatCallGraph", "limit", rules.limit, (limit) => formatCallGraph(null, { limit })),
  row("printCallGraph", "future", { ...rules.future, but: { ok: ["undefined", "null", ...rules.FUTURES] } }, (value) =>
    printCallGraph(value, { write: nothing }),
  ),
  row("printCallGraph", "options", rules.options, (value) => silently(() => printCallGraph(null, value))),
  row("printCallGraph", "limit", rules.limit, (limit) => printCallGraph(null, { limit, write: nothing })),
  row(
    "printCallGraph",
    "write",
    rules.aFunction("write", { ok: ["undefined", "null", ...rules.FUNCTIONS.filter((name) => name !== "class")] }),
    (write) => silently(() => printCallGraph(null, { write })),
  ),
  row("futureAddToAwaitedBy", "future", rules.future, (value, { loop }) =>
    futureAddToAwaitedBy(value, loop.createFuture()),
  ),
  row(
    "futureAddToAwaitedBy",
    "waiter",
    rules.future,
    (value, _, future) => futureAddToAwaitedBy(future, value),
    pending,
  ),
  row("futureDiscardFromAwaitedBy", "future", rules.future, (value, { loop }) =>
    futureDiscardFromAwaitedBy(value, loop.createFuture()),
  ),
  row(
    "futureDiscardFromAwaitedBy",
    "waiter",
    rules.future,
    (value, _, future) => futureDiscardFromAwaitedBy(future, value),
    pending,
  ),

  row(
    "ExceptionGroup.constructor",
    "message",
    refused("TypeError", /^Cannot create exception group: the message is .*, not a string$/, {
      ok: ["string", "empty string"],
    }),
    (value) => void new ExceptionGroup(value, [1]),
  ),
  row("ExceptionGroup.constructor", "errors", listOfErrors(), (value) => void new ExceptionGroup("m", value)),
  row("ExceptionGroup.split", "condition", condition, (value, _, each) => each.split(value), group),
  row(
    "ExceptionGroup.split",
    "in the list",
    { ...condition, but: { ok: rules.FUNCTIONS } },
    (value, _, each) => each.split([value]),
    group,
  ),
  row("ExceptionGroup.subgroup", "condition", condition, (value, _, each) => void each.subgroup(value), group),
  row("ExceptionGroup.derive", "errors", listOfErrors(), (value, _, each) => void each.derive(value), group),
  row("CancelledError.constructor", "message", messageOfError, (value) => void new CancelledError(value)),
  row("InternalError.constructor", "message", messageOfError, (value) => void new InternalError(value)),
  row("NotAvailableError.constructor", "name", messageOfError, (value) => void new NotAvailableError(value)),
  row(
    "IncompleteReadError.constructor",
    "partial",
    refused("TypeError", /^Invalid partial: expected a Uint8Array, got /, {}, unnamed),
    (value) => void new IncompleteReadError(value, 1),
  ),
  row(
    "IncompleteReadError.constructor",
    "expected",
    messageOfError,
    (value) => void new IncompleteReadError(new Uint8Array(), value),
  ),
  row("LimitOverrunError.constructor", "message", messageOfError, (value) => void new LimitOverrunError(value, 1)),
  row("LimitOverrunError.constructor", "consumed", anything, (value) => void new LimitOverrunError("", value)),
];

/** A future iterates over itself, and what it gives is for a task only: it says so, or throws what it ended with. */
function listOfErrors(): Rule {
  return refused("TypeError", /^Cannot create exception group: the errors are .*, not a list$/, {
    ok: ["array", "coroutine"],
    RangeError: ["empty array", "finished generator", "done future", "failed future"],
    RuntimeError: ["future", ...rules.FOREIGN],
    CancelledError: ["cancelled future"],
    TypeError: ["running generator"],
  });
}

/** Settles a future, whose promise a bad callback may reject. */
function settleBehind(future: Future<unknown>, promise: Promise<unknown>): void {
  promise.catch(nothing);
  future.setResult(1);
}

/** Keeps the console quiet meanwhile. */
function silently(call: () => void): void {
  const { error, log } = console;
  console.error = console.log = nothing;
  try {
    call();
  } finally {
    console.error = error;
    console.log = log;
  }
}
