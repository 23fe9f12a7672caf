// Logical stacks: the frames of the coroutines between a task's step and the place where it waits.
//
// JavaScript has no frame objects. But a step resumes the whole chain of `yield*` from the outermost coroutine to the innermost,
// so an Error made inside it sees every one of them on the native stack. The two functions below are where a step begins: the
// frames behind them are the loop's, not the program's.

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

/** Resumes a coroutine with nothing. */
export function resumeCoroutine<T>(coro: Generator<unknown, T, unknown>): IteratorResult<never, T> {
  return coro.next() as IteratorResult<never, T>;
}

/** Resumes a coroutine by throwing into it. */
export function throwIntoCoroutine<T>(coro: Generator<unknown, T, unknown>, error: unknown): IteratorResult<never, T> {
  return coro.throw(error) as IteratorResult<never, T>;
}

/** `Error` where the engine lets one say how much of the stack an error captures. */
const CapturingError = Error as ErrorConstructor & { stackTraceLimit?: number };

/** V8: "    at name (file:line:column)" or "    at file:line:column". */
const V8_FRAME = /^\s*at (?:(?:async )?(.*?) \()?(.*?):(\d+):(\d+)\)?$/;
/** Other engines: "name@file:line:column". */
const OTHER_FRAME = /^(.*?)@(.*?):(\d+):(\d+)$/;
const OWN_FRAMES =
  /(?:^|\.)(?:captureStack|noteSuspension|#parked|park|sleep|FutureIterator\.next|getStack|printStack)$|^(?:park|sleep)$/;
const STEP_FRAMES = /(?:resumeCoroutine|throwIntoCoroutine)$/;
const DEPTH = 50;

/** The frames of the running coroutines, innermost first; at most 50. */
export function captureStack(): StackFrame[] {
  const frames: StackFrame[] = [];
  for (const line of stackText(DEPTH).split("\n")) {
    const match = V8_FRAME.exec(line) ?? OTHER_FRAME.exec(line);
    if (match === null) continue;
    const name = (match[1] ?? "").replace(/^Object\./, "").replace(/\.next$|\.throw$/, "");
    if (STEP_FRAMES.test(name)) return frames;
    if (name === "Generator" || name === "[Generator]" || line.includes("<anonymous>")) continue;
    if (frames.length === 0 && OWN_FRAMES.test(match[1] ?? "")) continue;
    frames.push(
      new StackFrame(name === "" ? "(anonymous)" : name, match[2] as string, Number(match[3]), Number(match[4])),
    );
  }
  return frames;
}

/** Where the program was when it made something: up to 10 lines of the engine's stack, without this library's innermost ones. */
export function captureOrigin(): string {
  const lines = stackText(13).split("\n");
  return lines
    .filter((line) => V8_FRAME.test(line) || OTHER_FRAME.test(line))
    .slice(2)
    .map((line) => line.trim())
    .join("\n");
}

/** The engine's stack, up to `depth` frames. */
function stackText(depth: number): string {
  const limit = CapturingError.stackTraceLimit ?? depth;
  CapturingError.stackTraceLimit = depth;
  const { stack } = new Error();
  CapturingError.stackTraceLimit = limit;
  return stack ?? "";
}

/** Makes an error without capturing a stack, where the engine allows that: it costs more than all else about the error. */
export function withoutStack<E extends Error>(make: () => E): E {
  const limit = CapturingError.stackTraceLimit ?? 0;
  CapturingError.stackTraceLimit = 0;
  const error = make();
  CapturingError.stackTraceLimit = limit;
  return error;
}
