// Bad input for shields, deadlines that do not throw, races, and managers.

import {
  type AsyncContextManager,
  AsyncExitStack,
  type Coroutine,
  Future,
  aclosing,
  getRunningLoop,
  mapConcurrently,
  moveOnAfter,
  moveOnAt,
  nullContext,
  race,
  shielded,
} from "wasyncio";
import { empty, nothing, row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { refused } from "./rules.ts";

const { anything, returned } = rules;

const manager = (aenter: () => unknown, aexit: () => unknown): AsyncContextManager<unknown> =>
  ({ aenter, aexit }) as never;

const notManager = /^Cannot enter: expected an object with aenter and aexit, got /;
const newStack = (): AsyncExitStack => new AsyncExitStack();

/** A stack that is closed when something was pushed on it. */
function closing(push: (stack: AsyncExitStack) => void): Coroutine<void> {
  const stack = new AsyncExitStack();
  push(stack);
  return stack.aclose();
}

export const SCOPE_ROWS = [
  row("shielded", "body", rules.body, (value) => shielded(value)),
  // What never ends cannot be got out of a shield.
  row("shielded", "what the body returns", returned, (value) => (isEndless(value) ? empty() : shielded(() => value))),
  row("moveOnAfter", "delay", rules.delayOrNull, (value) => void moveOnAfter(value)),
  row("moveOnAfter", "body", rules.body, (value) => moveOnAfter(9).with(value)),
  row("moveOnAfter", "what the body returns", returned, (value) => moveOnAfter(9).with(() => value)),
  row("moveOnAt", "when", rules.deadline, (value) => void moveOnAt(value)),
  row("race", "first", { ...rules.awaitable, but: lateForeign() }, (value) => race(value)),
  row("race", "second", { ...rules.awaitable, but: { ...lateForeign(), ...lateDone() } }, (value) =>
    race(waiting(), value),
  ),

  row(
    "mapConcurrently",
    "fn",
    refused("TypeError", /^Invalid fn: expected a function, got /, { ok: rules.FUNCTIONS }),
    (value) => mapConcurrently(value, [], { limit: 1 }),
  ),
  row(
    "mapConcurrently",
    "limit",
    refused("TypeError", /^Invalid limit: expected a whole number, got /, {
      ok: ["number", "2**53"],
      RangeError: ["zero", "-1", "Infinity", "-Infinity", "1.5", "NaN"],
    }),
    (value) => mapConcurrently(waiting, [], { limit: value }),
  ),

  row("AsyncExitStack.enterAsyncContext", "manager", refused("TypeError", notManager), (value) =>
    newStack().enterAsyncContext(value),
  ),
  row("AsyncExitStack.enterAsyncContext", "what aenter returns", returned, (value) =>
    newStack().enterAsyncContext(manager(() => value, empty)),
  ),
  row(
    "AsyncExitStack.pushAsyncExit",
    "exit",
    refused("TypeError", notManager, { ok: rules.FUNCTIONS }),
    (value) => void newStack().pushAsyncExit(value),
  ),
  row("AsyncExitStack.pushAsyncExit", "what the exit returns", returned, (value) =>
    closing((stack) => void stack.pushAsyncExit(() => value)),
  ),
  row("AsyncExitStack.pushAsyncExit", "what aexit returns", returned, (value) =>
    closing((stack) => void stack.pushAsyncExit(manager(empty, () => value))),
  ),
  row(
    "AsyncExitStack.pushAsyncCallback",
    "callback",
    functionOnly(),
    (value) => void newStack().pushAsyncCallback(value),
  ),
  row(
    "AsyncExitStack.pushAsyncCallback",
    "argument",
    anything,
    (value) => void newStack().pushAsyncCallback(empty as (value: unknown) => Coroutine<void>, value),
  ),
  row("AsyncExitStack.pushAsyncCallback", "what the callback returns", returned, (value) =>
    closing((stack) => void stack.pushAsyncCallback(() => value)),
  ),
  row("AsyncExitStack.callback", "callback", functionOnly(), (value) => void newStack().callback(value)),
  row(
    "AsyncExitStack.callback",
    "argument",
    anything,
    (value) => void newStack().callback(nothing as (value: unknown) => void, value),
  ),
  row("AsyncExitStack.with", "body", rules.body, (value, _, stack) => stack.with(value), newStack),
  row("AsyncExitStack.with", "what the body returns", returned, (value, _, stack) => stack.with(() => value), newStack),

  row(
    "aclosing",
    "thing",
    refused("TypeError", /^Cannot close: expected an object with aclose, or an async iterator, got /, {
      ok: ["async generator"],
    }),
    (value) => void aclosing(value),
  ),
  row("aclosing", "what aclose returns", returned, (value) => aclosing({ aclose: () => value }).with(empty)),
  row("aclosing", "body", rules.body, (value) => aclosing({ aclose: empty }).with(value)),
  row("nullContext", "value", anything, (value) => nullContext(value).with(empty)),
  row("nullContext", "body", rules.body, (value) => nullContext().with(value)),
];

/** Whether it is a future of the loop that is not done, or a promise: those do not come through in virtual time. */
function isEndless(value: unknown): boolean {
  const isOwn = value instanceof Future && value.getLoop() === getRunningLoop();
  return value instanceof Promise || (isOwn && !value.done());
}

/** Futures of other loops are refused when the race begins. */
function lateForeign(): rules.Rule["but"] {
  return {
    ok: rules.awaitable.but.ok?.filter((name) => !rules.FOREIGN.includes(name)) ?? [],
    "late RangeError": ["failed future", ...rules.FOREIGN],
  };
}

/** What is done already wins. */
function lateDone(): rules.Rule["but"] {
  return { "late RangeError": ["failed future", ...rules.FOREIGN] };
}

function functionOnly(): rules.Rule {
  return rules.aFunction("callback", { ok: rules.FUNCTIONS, TypeError: [] });
}
