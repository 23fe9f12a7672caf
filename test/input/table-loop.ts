// Bad input for loops and runners.

import { EventLoop, Runner, run, setEventLoop } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { nothing, row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { refused } from "./rules.ts";
import type { World } from "./world.ts";

const { anything } = rules;
const unnamed = { named: false };
const notReport = refused("TypeError", /^Invalid context: expected an object, got /, { ok: rules.OBJECTS });
/** Debug mode refuses what is no callback at once; else it fails when its turn comes, and the report shows it. */
const callback = anything;
const debugCallback = (method: string) =>
  refused(
    "TypeError",
    new RegExp(
      `^(?:coroutines cannot be used with ${method}\\(\\)$|a callable object was expected by ${method}\\(\\), got )`,
    ),
    {
      ok: ["function", "class", "class of errors"],
      TypeError: ["generator function", ...rules.COROUTINES],
    },
  );

/** A name of a signal; of the values none is one. */
const signal = refused("TypeError", /^signal must be a name such as "SIGTERM", not /, {
  RangeError: ["string", "empty string"],
});

/** Makes a call on a real loop, for in virtual time there are no signals. */
function withSignals(call: (loop: EventLoop) => unknown): void {
  const loop = new EventLoop();
  try {
    call(loop);
  } finally {
    loop.close();
  }
}

const randomName = refused("TypeError", /^Invalid name: expected a string, got /, {
  ok: ["undefined", "string", "empty string"],
});
const items = refused("TypeError", /^Invalid items: expected an array, got /, { ok: ["array", "empty array"] });

/** Makes a call in debug mode. */
function inDebugMode<T>(loop: EventLoop, call: () => T): T {
  loop.setDebug(true);
  try {
    return call();
  } finally {
    loop.setDebug(false);
  }
}

function withoutHandler(loop: EventLoop, call: () => void): void {
  const handler = loop.getExceptionHandler();
  loop.setExceptionHandler(null);
  try {
    call();
  } finally {
    loop.setExceptionHandler(handler);
  }
}

export const LOOP_ROWS = [
  row(
    "setEventLoop",
    "loop",
    refused("TypeError", /^loop must be an instance of EventLoop or null, not /, { ok: ["null", ...rules.LOOPS] }),
    (value) => {
      setEventLoop(value);
      setEventLoop(null);
    },
  ),
  row(
    "EventLoop.constructor",
    "host",
    refused(
      "TypeError",
      /^Invalid host: expected an object with now, start, wakeSoon, wakeAt, stop, close, report, got /,
      { ok: ["undefined"] },
    ),
    (value) => new EventLoop(value).close(),
  ),
  row("EventLoop.createTask", "coro", rules.coroutine, (value, { loop }) => loop.createTask(value)),
  row("EventLoop.createTask", "options", rules.options, (value, { loop }) => loop.createTask(waiting(), value)),
  row("EventLoop.createTask", "context", rules.context, (context, { loop }) => loop.createTask(waiting(), { context })),
  row("EventLoop.callSoon", "callback", callback, (value, { loop }) => loop.callSoon(value)),
  row("EventLoop.callSoon", "callback in debug mode", debugCallback("callSoon"), (value, { loop }) =>
    inDebugMode(loop, () => loop.callSoon(value)),
  ),
  row("EventLoop.callSoon", "argument", anything, (value, { loop }) =>
    loop.callSoon(nothing, ...([value] as unknown as [])),
  ),
  row("EventLoop.callSoon", "context", anything, (context, { loop }) =>
    loop.callSoon(nothing, ...([{ context }] as unknown as [])),
  ),
  row("EventLoop.callSoonThreadsafe", "callback", callback, (value, { loop }) => loop.callSoonThreadsafe(value)),
  row(
    "EventLoop.callSoonThreadsafe",
    "callback in debug mode",
    debugCallback("callSoonThreadsafe"),
    (value, { loop }) => inDebugMode(loop, () => loop.callSoonThreadsafe(value)),
  ),
  row(
    "EventLoop.callLater",
    "delay",
    { ...rules.delay, says: /^(?:delay must not be null$|Invalid delay: )/ },
    (value, { loop }) => loop.callLater(value, nothing),
  ),
  row("EventLoop.callLater", "callback", callback, (value, { loop }) => loop.callLater(1, value)),
  row("EventLoop.callLater", "callback in debug mode", debugCallback("callLater"), (value, { loop }) =>
    inDebugMode(loop, () => loop.callLater(1, value)),
  ),
  row(
    "EventLoop.callAt",
    "when",
    refused("TypeError", /^Invalid when: expected seconds, got /, {
      ok: rules.NUMBERS,
      TypeError: ["undefined", "null"],
    }),
    (value, { loop }) => loop.callAt(value, nothing),
  ),
  row("EventLoop.callAt", "callback", callback, (value, { loop }) => loop.callAt(1, value)),
  row("EventLoop.callAt", "callback in debug mode", debugCallback("callAt"), (value, { loop }) =>
    inDebugMode(loop, () => loop.callAt(1, value)),
  ),
  row(
    "EventLoop.setTaskFactory",
    "factory",
    refused("TypeError", /^task factory must be a callable or null$/, { ok: ["null", ...rules.FUNCTIONS] }, unnamed),
    (value, { loop }) => {
      loop.setTaskFactory(value);
      loop.setTaskFactory(null);
    },
  ),
  row(
    "EventLoop.setExceptionHandler",
    "handler",
    refused("TypeError", /^A callable object or null is expected, got /, { ok: ["null", ...rules.FUNCTIONS] }),
    (value, { loop }) => {
      const handler = loop.getExceptionHandler();
      loop.setExceptionHandler(value);
      loop.setExceptionHandler(handler);
    },
  ),
  row("EventLoop.callExceptionHandler", "context", notReport, (value, { loop }) => loop.callExceptionHandler(value)),
  row("EventLoop.callExceptionHandler", "context, without a handler", notReport, (value, { loop }) =>
    withoutHandler(loop, () => loop.callExceptionHandler(value)),
  ),
  row("EventLoop.callExceptionHandler", "context.message", anything, (message, { loop }) =>
    withoutHandler(loop, () => loop.callExceptionHandler({ message })),
  ),
  row("EventLoop.callExceptionHandler", "context.exception", anything, (exception, { loop }) =>
    withoutHandler(loop, () => loop.callExceptionHandler({ exception })),
  ),
  row("EventLoop.callExceptionHandler", "context.task", anything, (task, { loop }) =>
    withoutHandler(loop, () => loop.callExceptionHandler({ task })),
  ),
  row("EventLoop.callExceptionHandler", "context.handle", anything, (handle, { loop }) =>
    withoutHandler(loop, () => loop.callExceptionHandler({ handle })),
  ),
  row("EventLoop.defaultExceptionHandler", "context", notReport, (value, { loop }) =>
    loop.defaultExceptionHandler(value),
  ),
  row("EventLoop.random", "name", randomName, (value, { loop }) => loop.random(value)),
  row(
    "EventLoop.random",
    "limit of a stream's integers",
    refused("RangeError", /^Invalid limit: expected a whole number from 1 to 2\^32, got /, { ok: ["number"] }),
    (value, { loop }) => loop.random("s").integer(value),
  ),
  row(
    "EventLoop.random",
    "items to choose from",
    { ...items, but: { ok: ["array"], RangeError: ["empty array"] } },
    (value, { loop }) => void loop.random("s").choice(value),
  ),
  row("EventLoop.random", "items to shuffle", items, (value, { loop }) => void loop.random("s").shuffle(value)),
  row("EventLoop.setDebug", "enabled", anything, (value, { loop }) => {
    loop.setDebug(value);
    loop.setDebug(false);
  }),
  row("EventLoop.addSignalHandler", "callback", debugCallback("addSignalHandler"), (value) =>
    withSignals((loop) => loop.addSignalHandler("SIGTERM", value)),
  ),
  row("EventLoop.addSignalHandler", "signal", signal, (value) =>
    withSignals((loop) => loop.addSignalHandler(value, nothing)),
  ),
  row("EventLoop.addSignalHandler", "argument", anything, (value) =>
    withSignals((loop) => loop.addSignalHandler("SIGTERM", nothing, ...([value] as unknown as []))),
  ),
  row("EventLoop.removeSignalHandler", "signal", signal, (value) =>
    withSignals((loop) => loop.removeSignalHandler(value)),
  ),
  row(
    "EventLoop.removeSignalHandler",
    "signal in virtual time",
    refused("NotAvailableError", /^Cannot use removeSignalHandler: no signal comes in virtual time$/, {}, unnamed),
    (value, { loop }) => loop.removeSignalHandler(value),
  ),

  row("Runner.constructor", "options", rules.options, (value) => new Runner(value)),
  row(
    "Runner.constructor",
    "loopFactory",
    rules.aFunction("loopFactory", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }),
    (loopFactory) => new Runner({ loopFactory }),
  ),
  row(
    "Runner.constructor",
    "hostContext",
    refused("TypeError", /^Invalid hostContext: expected a boolean, got /, { ok: ["undefined", "true"] }),
    (hostContext) => new Runner({ hostContext }),
  ),
  row("Runner.constructor", "debug", anything, (debug, { loop }) => {
    new Runner({ debug, loopFactory: () => loop }).getLoop();
    loop.setDebug(false);
  }),
  row(
    "Runner.getLoop",
    "what loopFactory returns",
    refused("TypeError", /^Cannot run: an EventLoop was expected of loopFactory, got /, { ok: rules.LOOPS }),
    (value) => void new Runner({ loopFactory: () => value }).getLoop(),
  ),
];

/** An awaitable that a run is for: in virtual time nobody settles what waits for the outside world. */
const completion = refused("TypeError", rules.awaitable.says, {
  ok: ["coroutine", "finished generator", "done future"],
  DeadlockError: [...rules.PROMISES, "future"],
  CancelledError: ["cancelled future"],
  RangeError: ["failed future", ...rules.FOREIGN],
  TypeError: ["running generator"],
});
/** A program, which is awaited in a task. */
const program = refused("TypeError", /^Cannot run: a coroutine, a function or an awaitable is required, got /, {
  ok: [...(completion.but.ok ?? []), "generator function"],
  DeadlockError: [...rules.PROMISES, "future"],
  CancelledError: ["cancelled future"],
  RangeError: ["failed future"],
  RuntimeError: rules.FOREIGN,
  TypeError: ["function", "class", "class of errors", "running generator"],
});
const programResult = {
  ...program,
  says: rules.awaitable.says,
  but: { ...program.but, ok: completion.but.ok ?? [], TypeError: ["running generator"] },
};

const runnerOf = ({ loop }: World): Runner => new Runner({ loopFactory: () => loop });

/** Calls that run a loop, made outside any. */
export const RUN_ROWS = [
  // A program gets a loop of its own, to which no future belongs that there is already.
  row(
    "run",
    "main",
    { ...program, but: { ...program.but, DeadlockError: rules.PROMISES, RuntimeError: [...rules.FOREIGN, "future"] } },
    (value) => run(value, { loopFactory: () => new VirtualEventLoop() }),
  ),
  row("run", "options", rules.options, (value) => run(waiting, value)),
  row("Runner.run", "main", program, (value, _, runner) => runner.run(value), runnerOf),
  row("Runner.run", "what main returns", programResult, (value, _, runner) => runner.run(() => value), runnerOf),
  row("Runner.run", "options", rules.options, (value, _, runner) => runner.run(waiting, value), runnerOf),
  row("run", "signal", rules.signal, (signal) => run(waiting, { signal })),
  row("Runner.run", "signal", rules.signal, (signal, _, runner) => runner.run(waiting, { signal }), runnerOf),
  row("Runner.run", "context", rules.context, (context, _, runner) => runner.run(waiting, { context }), runnerOf),
  row("EventLoop.runUntilComplete", "awaitable", completion, (value, { loop }) => loop.runUntilComplete(value)),
  row("VirtualEventLoop.runUntilCompleteSync", "awaitable", completion, (value, { loop }) =>
    loop.runUntilCompleteSync(value),
  ),
];
