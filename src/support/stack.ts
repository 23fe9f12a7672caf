// Logical stacks: the frames of the coroutines between a task's step and the place where it waits.
//
// JavaScript has no frame objects. But a step resumes the whole chain of `yield*` from the outermost coroutine to the
// innermost, so an Error made inside it sees every one of them on the native stack. The two functions below are where a
// step begins, for task.ts alone: the frames behind them are the loop's, not the program's.

import { type EngineFrame, framesOf, isStep, ofProgram, outsideOf } from "./engine-frames.ts";
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

  /** @internal "name (file:line:column)", as engines write it. */
  get text(): string {
    const place = `${this.file}:${this.line}:${this.column}`;
    return this.name === "(anonymous)" ? place : `${this.name} (${place})`;
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

/** Lines that a stack has: V8 writes two for most coroutines. */
const DEPTH = 100;
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

  /** The frames of the coroutines that were running, innermost first, from the program's own call on. */
  frames(): readonly StackFrame[] {
    return (this.#frames ??= this.#ofProgram((frames) => frames.findIndex(isStep)).flatMap(stackFrame));
  }

  /**
   * Where the program was: up to 10 lines "name (file:line:column)", innermost first; "" where only the library's code
   * was running.
   */
  origin(): string {
    if (this.#origin !== null) return this.#origin;
    // A task that another one begins eagerly has frames of both.
    const frames = this.#ofProgram((all) => all.findLastIndex(isStep)).slice(0, ORIGIN_DEPTH);
    return (this.#origin = frames.map(({ text }) => text).join("\n"));
  }

  /**
   * The program's frames, as far as `end` tells; in a bundle those of generators, if the engine tells these, else of
   * other files.
   */
  #ofProgram(end: (frames: readonly EngineFrame[]) => number): readonly EngineFrame[] {
    const all = framesOf(this.#error);
    const index = end(all);
    const frames = index < 0 ? all : all.slice(0, index);
    const own = all[0]?.file ?? "";
    const shown = ofProgram(frames, own);
    if (shown !== null) return shown;
    const generators = frames.filter(({ isGenerator }) => isGenerator);
    if (generators.length > 0) return generators;
    const outside = outsideOf(frames, own); // a place is better guessed than hidden among the library's
    return outside.length > 0 ? outside : frames;
  }
}

/** Captures where a coroutine is, to be kept. */
export function captureSuspension(): Capture {
  return captureToKeep(DEPTH);
}

/** Captures where the program is, to be kept. */
export function captureToKeep(depth = OWN_DEPTH + ORIGIN_DEPTH): Capture {
  return keep === null ? new Capture(depth) : keep(depth);
}

/** Captures `depth` frames, or gives what was captured at the same place before. */
export type Keep = (depth: number) => Capture;

let keep: Keep | null = null;

/** Has what is kept be captured otherwise: null for a capture of its own each time. Returns what was before. */
export function switchKeep(to: Keep | null): Keep | null {
  const before = keep;
  keep = to;
  return before;
}

/** The frames of the running coroutines, innermost first, from the program's own call on. */
export function captureStack(): readonly StackFrame[] {
  return captureSuspension().frames();
}

/** Where the program is, as `Capture.origin` tells it. */
export function captureOrigin(): string {
  return new Capture().origin();
}

function stackFrame({ name, file, line, column }: EngineFrame): StackFrame | [] {
  const shortName = name.replace(/^Object\./, "").replace(/\.next$|\.throw$/, "");
  if (shortName === "Generator" || shortName === "[Generator]" || file === "<anonymous>") return [];
  const isNamed = shortName !== "" && shortName !== "<anonymous>";
  return new StackFrame(isNamed ? shortName : "(anonymous)", file, line, column);
}

/** This file, as the engine writes it. */
export function ownFile(): string {
  return framesOf(errorWithStack(1))[0]?.file ?? "";
}

/** An error that captures up to `depth` frames. */
export function errorWithStack(depth: number): Error {
  const limit = CapturingError.stackTraceLimit;
  if (limit === undefined) return new Error();
  CapturingError.stackTraceLimit = depth;
  const error = new Error();
  CapturingError.stackTraceLimit = limit;
  return error;
}

/** The limit that is to be put back, while it is raised. */
let ordinaryLimit: number | undefined;

/** Lets all errors capture deep stacks from now on, or takes that back. A limit that is higher, or none, is left. */
export function captureDeeply(deep: boolean): void {
  if (!deep && ordinaryLimit === undefined) return;
  const limit = CapturingError.stackTraceLimit;
  if (!deep) {
    if (limit === DEPTH) CapturingError.stackTraceLimit = ordinaryLimit;
    ordinaryLimit = undefined;
  } else if (limit !== undefined && limit > 0 && limit < DEPTH) {
    ordinaryLimit = limit;
    CapturingError.stackTraceLimit = DEPTH;
  }
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
