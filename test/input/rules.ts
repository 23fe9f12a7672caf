// What is to come of bad values: a table has a row for each parameter, and a rule says how the call ends for each
// value.

import { VALUES } from "./values.ts";
import type { World } from "./world.ts";

/**
 * How a call ends: "ok", or the class of its error, with "late" before it when that comes while what was returned is
 * awaited.
 */
export type Ending = string;

export interface Rule {
  /** How it ends for what is not listed. */
  readonly rest: Ending;
  /** Values for which it ends otherwise. */
  readonly but: Readonly<Record<Ending, readonly string[]>>;
  /** What the message of `rest` is like. */
  readonly says: RegExp;
  /** Whether that message has the value in it. */
  readonly named: boolean;
}

export interface Row {
  /** As `publicNames` has it. */
  readonly name: string;
  readonly parameter: string;
  readonly rule: Rule;
  /** Makes the call with a value. */
  readonly call: (value: never, world: World, subject: never) => unknown;
  /** What the call is made on: it must be as it was when the call throws. */
  readonly subject: (world: World) => unknown;
}

/** Values that throw when they are looked at: a call may end with their error as well. */
export const TOUCHY: readonly string[] = [
  "object without prototype",
  "revoked proxy",
  "revoked function",
  "unshowable object",
  "untouchable object",
];

export const NUMBERS = ["zero", "number", "-1", "Infinity", "-Infinity", "1.5", "2**53"];
/** What can be called. A class cannot, but says so when it is. */
export const FUNCTIONS = ["function", "class", "class of errors", "generator function"];
export const COROUTINES = ["coroutine", "finished generator", "running generator"];
export const PROMISES = ["promise", "pending promise"];
export const FOREIGN = ["future of another loop", "future of a closed loop"];
export const FUTURES = ["future", "done future", "failed future", "cancelled future", ...FOREIGN];
export const LOOPS = ["the loop", "another loop", "closed loop"];
export const OBJECTS = Object.keys(VALUES).filter((name) =>
  /object|array|date|^error$|promise|coroutine|generator$|future|loop/.test(name),
);

/** Everything is taken as it is. */
export const anything: Rule = { rest: "ok", but: {}, says: /./, named: false };

/** Refused at the call with an error of a class, but for what is listed. */
export function refused(
  rest: Ending,
  says: RegExp,
  but: Rule["but"] = {},
  { named = true }: { named?: boolean } = {},
): Rule {
  return { rest, but, says, named };
}

const required = /^A Future, a coroutine or an awaitable is required, got /;
const otherwise = { "late RangeError": ["failed future"] };
const takenAwaitables = [...COROUTINES, ...PROMISES, "future", "done future", "cancelled future"];

/** Anything that can be awaited, wherever it belongs. */
export const awaitable = refused("TypeError", required, { ok: [...takenAwaitables, ...FOREIGN], ...otherwise });
/** The same, of this loop. */
export const ownAwaitable = refused("TypeError", required, {
  ok: takenAwaitables,
  RangeError: FOREIGN,
  ...otherwise,
});
/** The same, refused when it is awaited. */
export const lateAwaitable = refused("late TypeError", required, {
  ok: takenAwaitables,
  "late RuntimeError": FOREIGN,
  ...otherwise,
});

export const coroutine = refused("TypeError", /^a coroutine was expected, got /, { ok: COROUTINES });
/** Options of which each has to have a name that there is. */
export const options = refused(
  "TypeError",
  /^Invalid options: (?:expected an object, got |there is no )/,
  {
    ok: [
      "undefined",
      "empty object",
      "object without prototype",
      "empty array",
      "date",
      "error",
      ...PROMISES,
      ...COROUTINES,
      "async generator",
    ],
  },
  { named: false },
);
export const context = refused("TypeError", /^Invalid context: expected a Context, got /, { ok: ["undefined"] });
export const loop = refused("TypeError", /^Invalid loop: expected an EventLoop, got /, {
  ok: ["undefined", "null", ...LOOPS],
});
/** A loop in which a task is to be made. */
export const openLoop = refused("TypeError", /^Invalid loop: expected an EventLoop, got /, {
  ok: ["undefined", "null", "the loop", "another loop"],
  RuntimeError: ["closed loop"],
});
/** Texts of delays name the type of what is neither a number nor an object. */
const notDelays = /^Invalid (?:delay|timeout): (?:NaN|expected seconds or )/;
export const delay = refused("TypeError", notDelays, { ok: NUMBERS }, { named: false });
export const delayOrNull = refused("TypeError", notDelays, { ok: ["null", ...NUMBERS] }, { named: false });
export const timeoutOption = refused(
  "TypeError",
  notDelays,
  { ok: ["undefined", "null", ...NUMBERS] },
  { named: false },
);
export const deadline = refused("TypeError", /^Invalid deadline: expected seconds or null, got /, {
  ok: ["null", ...NUMBERS],
});
export const limit = refused("TypeError", /^Invalid limit: expected an integer, got /, {
  ok: ["undefined", "zero", "number", "-1", "2**53"],
});
export const future = refused("TypeError", / object does not appear to be compatible with Future$/, { ok: FUTURES });
export const message = refused("TypeError", /^Invalid message: expected a string, got /, {
  ok: ["undefined", "string", "empty string"],
});
export const signal = refused("TypeError", /^Invalid signal: expected an AbortSignal, got /, { ok: ["undefined"] });
/** A name: whatever it is, it becomes a text. */
export const text = anything;

export function aFunction(what: string, but: Rule["but"] = {}): Rule {
  return refused("TypeError", new RegExp(`^Invalid ${what}: expected a function, got `), {
    ok: ["undefined", ...FUNCTIONS.filter((name) => name !== "class")],
    TypeError: ["class"],
    ...but,
  });
}

/** The body of an `async with`. */
export const body = refused("TypeError", /^Cannot enter: expected a function for the body, got /, {
  ok: ["generator function"],
  "late TypeError": ["function", "class", "class of errors"],
});
/** What such a body, or a method of the program's own, returns: `yield*` awaits it. */
export const returned = refused(
  "late TypeError",
  /^Cannot await what (?:the )?\w+ returned: expected a coroutine, got /,
  {
    ok: [...COROUTINES, ...PROMISES, "future", "done future", "cancelled future"],
    "late RangeError": ["failed future"],
    "late RuntimeError": FOREIGN,
  },
);
