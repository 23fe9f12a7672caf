// Logical stacks: the frames of the coroutines between a task's step and the place where it waits.
//
// JavaScript has no frame objects. But a step resumes the whole chain of `yield*` from the outermost coroutine to the
// innermost, so an Error made inside it sees every one of them on the native stack. The two functions below are where a
// step begins, for task.ts alone: the frames behind them are the loop's, not the program's.

import { format } from "./format.ts";

/** One frame of a logical stack. */
export class StackFrame {
  /** Name of the function, or "(anonymous)". */
  readonly name: string;
  /** URL or path of the file, or "" when the engine does not say. */
  readonly file: string;
  /** Line from 1, or 0. */
  readonly line: number;
  /** Column from 1, or 0. */
  readonly column: number;

  constructor(name: string, file: string, line: number, column: number) {
    this.name = name;
    this.file = file;
    this.line = line;
    this.column = column;
  }

  toString(): string {
    return `File '${this.file}', line ${this.line}, in ${this.name}()`;
  }
}

// What the calls below give is looked at before it is returned: in tail position JavaScriptCore would drop the frames
// that tell where a step began.

/**
 * Resumes a coroutine with nothing; `next` is its method, looked up once for all its steps. Throws TypeError when it
 * gives no result.
 */
export function resumeCoroutine<T>(
  coro: Generator<unknown, T, unknown>,
  next: Generator<unknown, T, unknown>["next"],
): IteratorResult<never, T> {
  const step = next.call(coro) as IteratorResult<never, T>;
  if (typeof step === "object" && step !== null) return step;
  throw new TypeError(`Iterator result ${format(step)} is not an object`);
}

/** Resumes a coroutine by throwing into it. Throws TypeError when it gives no result. */
export function throwIntoCoroutine<T>(coro: Generator<unknown, T, unknown>, error: unknown): IteratorResult<never, T> {
  if (typeof coro.throw !== "function")
    throw new TypeError("Cannot throw into a coroutine: its throw is gone", { cause: error });
  const step = coro.throw(error) as IteratorResult<never, T>;
  if (typeof step === "object" && step !== null) return step;
  throw new TypeError(`Iterator result ${format(step)} is not an object`);
}

// A bundler may rename the functions, but what a stack shows is their `name`.
Object.defineProperty(resumeCoroutine, "name", { value: "resumeCoroutine" });
Object.defineProperty(throwIntoCoroutine, "name", { value: "throwIntoCoroutine" });

/** `Error` where the engine lets one say how much of the stack an error captures. */
const CapturingError = Error as unknown as { new (): Error; stackTraceLimit: number | undefined };

/** V8: "    at name (file:line:column)" or "    at file:line:column". */
const V8_FRAME = /^\s*at (?:(?:async )?(.*?) \()?(.*?):(\d+):(\d+)\)?$/;
/** Other engines: "name@file:line:column". */
const OTHER_FRAME = /^(.*?)@(.*?):(\d+):(\d+)$/;
/** Where this file is when it is in no bundle with a program. */
const IN_ITS_PACKAGE = /[\\/](?:support[\\/]stack\.[jt]s|wasyncio[\\/]dist[\\/][^\\/]*)$/;
const STEP_FRAMES = /(?:resumeCoroutine|throwIntoCoroutine)$/;
const DEPTH = 50;
const ORIGIN_DEPTH = 10;
/** Most frames that the library itself has between a program's call and the capture of an origin. */
const OWN_DEPTH = 12;

/**
 * A place in the program that was captured, and is put into words when somebody asks: engines capture quickly, and take
 * their time to describe, above all where source maps have to be looked up.
 */
export class Capture {
  readonly #error: Error;
  #frames: readonly StackFrame[] | null = null;
  #origin: string | null = null;

  constructor(depth = OWN_DEPTH + ORIGIN_DEPTH) {
    this.#error = errorWithStack(depth);
  }

  /** The frames of the coroutines that were running, innermost first, from the program's own call on; at most 50. */
  frames(): readonly StackFrame[] {
    return (this.#frames ??= coroutineFrames(engineFrames(this.#error)));
  }

  /** Where the program was: up to 10 lines "name (file:line:column)", innermost first. */
  origin(): string {
    if (this.#origin !== null) return this.#origin;
    const frames = engineFrames(this.#error);
    const first = frames.findIndex((frame) => !isLibrary(frame, frames));
    // Where all is bundled into one folder, nothing tells the program's frames from the library's.
    const lines = frames.slice(Math.max(first, 0)).slice(0, ORIGIN_DEPTH);
    return (this.#origin = lines.map(({ text }) => text).join("\n"));
  }
}

/** Captures where a coroutine is: as deep as `frames` tells. */
export function captureSuspension(): Capture {
  return new Capture(DEPTH);
}

/** The frames of the running coroutines, innermost first, from the program's own call on; at most 50. */
export function captureStack(): readonly StackFrame[] {
  return captureSuspension().frames();
}

/** Where the program is: up to 10 lines "name (file:line:column)", innermost first. */
export function captureOrigin(): string {
  return new Capture().origin();
}

function coroutineFrames(frames: readonly EngineFrame[]): StackFrame[] {
  const step = frames.findIndex(({ name }) => STEP_FRAMES.test(name));
  const own = frames.slice(0, step < 0 ? frames.length : step);
  const ofProgram = own.filter((frame) => !isLibrary(frame, frames));
  // A coroutine that is all the library's has none; but where all is bundled into one folder, nothing tells the two
  // apart.
  const shown = ofProgram.length > 0 || IN_ITS_PACKAGE.test(frames[0]?.file ?? "") ? ofProgram : own;
  return shown.flatMap(({ name, file, line, column }) => {
    const shortName = name.replace(/^Object\./, "").replace(/\.next$|\.throw$/, "");
    if (shortName === "Generator" || shortName === "[Generator]" || file === "<anonymous>") return [];
    const isNamed = shortName !== "" && shortName !== "<anonymous>";
    return new StackFrame(isNamed ? shortName : "(anonymous)", file, line, column);
  });
}

/** A line of the engine's stack. */
interface EngineFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** The frames that the engine tells of, innermost first: the first one is of this file. */
function engineFrames(error: Error): EngineFrame[] {
  const frames: EngineFrame[] = [];
  const { stack } = error as { stack?: unknown }; // a program's own formatting may make anything of it
  for (const text of typeof stack === "string" ? stack.split("\n") : []) {
    const match = V8_FRAME.exec(text) ?? OTHER_FRAME.exec(text);
    if (match === null) continue;
    const [, name = "", file = "", line, column] = match;
    frames.push({ name, file, line: Number(line), column: Number(column), text: text.replace(/^\s*at /, "") });
  }
  return frames;
}

/**
 * Whether a frame is of this library: of the folder, src/ or dist/, that the innermost frame's file is in, which is
 * this one.
 */
function isLibrary({ file }: EngineFrame, frames: readonly EngineFrame[]): boolean {
  const own = frames[0]?.file ?? "";
  const folder = own.slice(0, Math.max(own.lastIndexOf("/"), own.lastIndexOf("\\")) + 1).replace(/support[\\/]$/, "");
  return file.startsWith(folder) || file.startsWith("node:");
}

/** An error that captures up to `depth` frames. */
function errorWithStack(depth: number): Error {
  const limit = CapturingError.stackTraceLimit;
  if (limit === undefined) return new Error();
  CapturingError.stackTraceLimit = depth;
  const error = new Error();
  CapturingError.stackTraceLimit = limit;
  return error;
}

/**
 * Makes an error without capturing a stack, where the engine allows that: it costs more than all else about the error.
 * V8 looks for frames even when the limit is 0, and does not when there is none.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = CapturingError.stackTraceLimit;
  if (limit === undefined) return make();
  CapturingError.stackTraceLimit = undefined;
  try {
    return make();
  } finally {
    CapturingError.stackTraceLimit = limit;
  }
}
