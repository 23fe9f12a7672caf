// Bad input for simulations, searches, sweeps, and pictures of their logs.

import {
  History,
  type Simulation,
  type SimulationLog,
  eventually,
  explore,
  runSync,
  simulate,
  simulated,
  sweep,
} from "wasyncio/testing";
import { toTimeline, toTimelinePage } from "wasyncio/timeline";
import { row, waiting } from "./row.ts";
import * as rules from "./rules.ts";
import { refused } from "./rules.ts";

const unnamed = { named: false };

/** Throws what a program has failed with. */
function valueOf({ status, value, error }: Pick<Simulation<unknown>, "status" | "value" | "error">): unknown {
  if (status !== "ok") throw error;
  return value;
}

const program = refused("TypeError", /^Invalid program: expected a function, got /, { ok: rules.FUNCTIONS });
/** What a program returns, if it is no coroutine function. A promise could never settle. */
const programResult = refused("TypeError", rules.awaitable.says, {
  ok: ["coroutine", "finished generator", "done future"],
  TypeError: ["running generator", ...rules.PROMISES],
  RuntimeError: [...rules.FOREIGN, "future"],
  RangeError: ["failed future"],
  CancelledError: ["cancelled future"],
});
/** As in `simulate`, but a promise is waited for in vain, as by every loop in virtual time. */
const syncResult = refused("TypeError", rules.awaitable.says, {
  ...programResult.but,
  DeadlockError: rules.PROMISES,
  TypeError: ["running generator"],
});
const syncProgram = refused("TypeError", /./, { ok: ["generator function"] }, unnamed);
const notOptions =
  /^Invalid (?:options: (?:expected an object, got |there is no '\w+', only )|throw: expected a boolean)/;
const generators = ["coroutine", "finished generator", "running generator", "async generator"];
const emptyObjects = ["empty object", "object without prototype", "empty array", "date", "error", ...rules.PROMISES];
/** Options with a name that there is not are refused, as what are no options. */
const options = refused("TypeError", notOptions, { ok: ["undefined", ...emptyObjects, ...generators] }, unnamed);
/** One of them is called `throw`: a generator has that. */
const sweepOptions = refused("TypeError", notOptions, { ok: ["undefined", ...emptyObjects] }, unnamed);
const seed = refused("RangeError", /^Invalid seed: expected a whole number from 0, got /, {
  ok: ["undefined", "zero", "number"],
});
const strategy = refused(
  "TypeError",
  /^Invalid strategy: expected an? (?:name or an )?object/,
  { ok: ["undefined"], RangeError: ["string", "empty string"] },
  unnamed,
);
const setting = (name: string) =>
  refused("TypeError", new RegExp(`^Invalid ${name}: expected a whole number, got `), {
    ok: ["undefined", "number"],
    RangeError: ["zero", "-1", "2**53"],
  });
const token = refused("TypeError", /^Invalid token: expected a string, got /, {
  ok: ["undefined"],
  TokenError: ["string", "empty string"],
});
const check = rules.aFunction("check");
/** A check that is called: a class cannot be, and a coroutine would have to be awaited. */
const calledCheck = {
  ...check,
  but: { ok: ["undefined", "function", "class of errors"], TypeError: ["class", "generator function"] },
};
const window = refused(
  "TypeError",
  /^Invalid window: (?:NaN|expected seconds or )/,
  { ok: ["undefined", "null", "zero", "number", "1.5", "2**53"], RangeError: ["-1", "Infinity", "-Infinity"] },
  unnamed,
);
const maxTime = refused(
  "TypeError",
  /^Invalid maxTime: (?:NaN|expected seconds or )/,
  { ok: ["undefined", "null", "zero", "number", "1.5", "2**53", "Infinity"], RangeError: ["-1", "-Infinity"] },
  unnamed,
);
const orders = refused("RangeError", /^Invalid orders: expected "any", "asyncio" or "javascript", got /, {
  ok: ["undefined"],
});
const maxSteps = refused("RangeError", /^Invalid maxSteps: expected a whole number from 1 to 2\^31 - 1, got /, {
  ok: ["undefined", "number"],
});
const globals = refused("RangeError", /^Invalid globals: expected "refused", "virtual" or "real", got /, {
  ok: ["undefined"],
});
const epoch = refused("TypeError", /^Invalid epoch: expected a date or milliseconds since 1970, got /, {
  ok: ["undefined", "zero", "number", "-1", "1.5"],
  RangeError: ["NaN", "Infinity", "-Infinity", "2**53", "date"],
});
const atLeastOne = (name: string, ok: readonly string[]) =>
  refused("RangeError", new RegExp(`^Invalid ${name}: expected a whole number from 1, got `), { ok });
const boolean = (name: string) =>
  refused("TypeError", new RegExp(`^Invalid ${name}: expected a boolean, got `), { ok: ["undefined", "true"] });

export const SIMULATION_ROWS = [
  row("runSync", "program", syncProgram, (value) => runSync(value)),
  row("runSync", "what the program returns", syncResult, (value) => runSync(() => value)),
  row("runSync", "options", options, (value) => runSync(waiting, value)),
  row("runSync", "debug", boolean("debug"), (debug) => runSync(waiting, { debug })),
  row("simulate", "program", program, (value) => simulate(value)),
  row("simulate", "what the program returns", programResult, (value) => valueOf(simulate(() => value))),
  row("simulate", "options", options, (value) => simulate(waiting, value)),
  row("simulate", "seed", seed, (value) => simulate(waiting, { seed: value })),
  row("simulate", "policy", strategy, (policy) => simulate(waiting, { policy })),
  row("simulate", "policy's depth", setting("depth"), (depth) =>
    simulate(waiting, { policy: { strategy: "pct", depth } }),
  ),
  row("simulate", "policy's bound", setting("bound"), (bound) =>
    simulate(waiting, { policy: { strategy: "delay", bound } }),
  ),
  row("simulate", "window", window, (value) => simulate(waiting, { window: value })),
  row("simulate", "orders", orders, (value) => simulate(waiting, { orders: value })),
  row("simulate", "maxTime", maxTime, (value) => simulate(waiting, { maxTime: value })),
  row("simulate", "maxSteps", maxSteps, (value) => simulate(waiting, { maxSteps: value })),
  row("simulate", "noLeaks", boolean("noLeaks"), (noLeaks) => simulate(waiting, { noLeaks })),
  row("simulate", "check", calledCheck, (value) => valueOf(simulate(waiting, { check: value }))),
  row("simulate", "replay", token, (replay) => simulate(waiting, { replay })),
  row("simulate", "verify", boolean("verify"), (verify) => simulate(waiting, { verify })),
  row("simulate", "debug", boolean("debug"), (debug) => simulate(waiting, { debug })),
  row("simulate", "globals", globals, (value) => simulate(waiting, { globals: value })),
  row("simulate", "epoch", epoch, (value) => simulate(waiting, { globals: "virtual", epoch: value })),

  row("explore", "program", program, (value) => explore(value, { runs: 3 })),
  row("explore", "options", options, (value) => explore(waiting, value)),
  row("explore", "seed", seed, (value) => explore(waiting, { runs: 3, seed: value })),
  row("explore", "strategy", strategy, (value) => explore(waiting, { runs: 3, strategy: value })),
  // Exhaustive, for that ends by itself.
  row("explore", "runs", atLeastOne("runs", ["undefined", "number", "Infinity", "2**53"]), (runs) =>
    explore(waiting, { strategy: "exhaustive", runs }),
  ),
  row("explore", "check", calledCheck, (value) => {
    const { failure } = explore(waiting, { runs: 3, check: value });
    if (failure !== null) throw failure.error;
  }),
  row("explore", "shrink", boolean("shrink"), (shrink) => explore(waiting, { runs: 3, shrink })),
  row("explore", "coverage", boolean("coverage"), (coverage) => explore(waiting, { runs: 3, coverage })),
  row("explore", "onProgress", rules.aFunction("onProgress"), (onProgress) =>
    explore(waiting, { runs: 3, onProgress }),
  ),
  row("explore", "window", window, (value) => explore(waiting, { runs: 3, window: value })),
  row("explore", "orders", orders, (value) => explore(waiting, { runs: 3, orders: value })),

  row("sweep", "program", program, (value) => sweep(value)),
  row("sweep", "options", sweepOptions, (value) => sweep(waiting, value)),
  row("sweep", "check", rules.aFunction("check", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }), (value) =>
    sweep(waiting, { check: value }),
  ),
  row(
    "sweep",
    "allowed",
    rules.aFunction("allowed", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }),
    (allowed) => sweep(waiting, { allowed }),
  ),
  row("sweep", "cancel", boolean("cancel"), (cancel) => sweep(waiting, { cancel })),
  row("sweep", "noLeaks", boolean("noLeaks"), (noLeaks) => sweep(waiting, { noLeaks })),
  row("sweep", "policy", strategy, (policy) => sweep(waiting, { policy })),
  row("sweep", "maxFailures", atLeastOne("maxFailures", ["undefined", "number", "Infinity", "2**53"]), (maxFailures) =>
    sweep(waiting, { maxFailures }),
  ),

  row("simulated", "program", program, (value) => void simulated(value)),
  row("simulated", "options", options, (value) => void simulated(waiting, value)),
  row(
    "simulated",
    "check",
    { ...check, but: { ok: ["undefined", ...rules.FUNCTIONS] } },
    (value) => void simulated(waiting, { check: value }),
  ),
  row("simulated", "seed", seed, (value) => simulated(waiting, { seed: value })()),
  row("simulated", "replay", token, (replay) => simulated(waiting, { replay })()),
];

const adder = (): { add(count: number): number } => ({ add: (count) => count });

/** Makes a history with an option, and calls for what the option is. */
function historyWith(options: object): void {
  const history = new History(adder, options);
  history.watch(adder()).add(1);
  history.assertLinearizable();
}

const truth = {
  ...rules.anything,
  but: {
    "late TypeError": [...rules.COROUTINES, ...rules.PROMISES, ...rules.FUTURES],
    "late TimeoutError": ["undefined", "null", "zero", "NaN", "empty string"],
  },
};
const within = refused(
  "TypeError",
  /^Invalid within: (?:NaN|expected seconds or )/,
  { ok: ["zero", "number", "1.5", "2**53", "Infinity"], RangeError: ["-1", "-Infinity"] },
  unnamed,
);

/** What makes no model is told by another message. */
const modelMaker = refused(
  "TypeError",
  /^(?:Invalid model: expected (?:a function|an object)|Class constructor )/,
  {},
  unnamed,
);
/** What is asked by a history; the class cannot be called, and the function gives undefined. */
const asked = (name: string, ending: string) =>
  rules.aFunction(name, {
    ok: ["undefined", "class of errors", "generator function"],
    TypeError: ["class"],
    [ending]: ending === "TypeError" ? ["class", "function"] : ["function"],
  });

export const HISTORY_ROWS = [
  row("History.constructor", "model", modelMaker, (model) => void new History(model)),
  row(
    "History.constructor",
    "what the model's function makes",
    refused("TypeError", /^Invalid model: /, { ok: ["async generator", "unshowable object"] }, unnamed),
    (value) => void new History(() => value),
  ),
  row("History.constructor", "options", rules.options, (value) => void new History(adder, value)),
  row("History.constructor", "partition", asked("partition", "TypeError"), (partition) => historyWith({ partition })),
  row("History.constructor", "same", asked("same", "LinearizabilityError"), (same) => historyWith({ same })),
  row(
    "History.constructor",
    "indeterminate",
    rules.aFunction("indeterminate", { ok: ["undefined", ...rules.FUNCTIONS], TypeError: [] }),
    (indeterminate) => historyWith({ indeterminate }),
  ),
  row(
    "History.watch",
    "object",
    refused("TypeError", /^(?:Invalid object: expected an object, got |Cannot watch .* it has no method add)/),
    (value) => new History(adder).watch(value),
  ),
  row("History.watch", "an argument of a method", rules.anything, (value) => {
    const history = new History(() => ({ items: [] as unknown[], add: (item: unknown) => item }));
    history.watch({ add: (item: unknown) => item }).add(value);
    history.assertLinearizable();
  }),
  row(
    "eventually",
    "predicate",
    refused("TypeError", /^Invalid predicate: expected a function, got /, { ok: rules.FUNCTIONS }),
    (value) => void eventually(value, { within: 1 }),
  ),
  row("eventually", "what the predicate gives", truth, (value) => eventually(() => value, { within: 0 })),
  row("eventually", "options", refused("TypeError", /^Invalid (?:options|within): /, {}, unnamed), (value) =>
    eventually(() => true, value),
  ),
  row("eventually", "within", within, (value) => eventually(() => true, { within: value })),
];

const LOG: SimulationLog = simulate(waiting).log;
const log = refused("TypeError", /^Invalid log: /, {}, unnamed);

export const TIMELINE_ROWS = [
  row("toTimeline", "log", log, (value) => toTimeline(value)),
  row("toTimeline", "options", rules.options, (value) => toTimeline(LOG, value)),
  row(
    "toTimeline",
    "scale",
    refused("RangeError", /^Invalid scale: expected "time" or "order", got /, { ok: ["undefined"] }),
    (scale) => toTimeline(LOG, { scale }),
  ),
  row("toTimelinePage", "log", log, (value) => toTimelinePage(value)),
  row("toTimelinePage", "options", rules.options, (value) => toTimelinePage(LOG, value)),
  row(
    "toTimelinePage",
    "title",
    refused("TypeError", /^Invalid title: expected a text, got /, { ok: ["undefined", "string", "empty string"] }),
    (title) => toTimelinePage(LOG, { title }),
  ),
];
