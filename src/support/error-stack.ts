// Stacks of errors as debug mode shows them: the program's frames alone, and behind them who waits for it, as engines
// write the callers of async functions.

import { CancelledError } from "../errors/asyncio.ts";
import { InternalError } from "../errors/base.ts";
import { type EngineFrame, isResumption, isStep, ofProgram, readFrames } from "./engine-frames.ts";
import { isA } from "./is-a.ts";
import { type StackFrame, ownFile } from "./stack.ts";

/** A stack, line by line. */
interface Parts {
  /** What stands before the frames: with V8 the text of the error. */
  readonly head: readonly string[];
  readonly frames: readonly string[];
  /** What a program has written behind them. */
  readonly tail: readonly string[];
  readonly asV8: boolean;
}

const V8_LINE = /^ {4}at /;
/** Lines of other engines: "name@file:line:column", "name@[native code]", a bare name, nothing. */
const OTHER_LINE = /@(?:.*:\w+|\[native code\])$|^\S*$/;

/** Stands behind all frames, of which there may be none, before those of who has cancelled. */
export const CANCELLED_AT = "Cancelled at:";

/** Takes out of an error's stack what is not the program's, and puts the frames of those who wait behind it. */
export function rewriteStack(error: unknown, waiting: readonly StackFrame[]): void {
  if (!isA(error, Error)) return;
  try {
    const { message, stack = String(error) } = error;
    const { head, frames, tail, asV8 } = partsOf(stack, message);
    const shown = isA(error, InternalError) ? frames : programLines(frames); // who reports a fault tells where it is
    const isEmpty = shown.length === 0 && waiting.length === 0 && !isA(error, CancelledError);
    const lines = [...head, ...(isEmpty ? frames : shown), ...waiting.map((frame) => lineOf(frame, asV8)), ...tail];
    Object.defineProperty(error, "stack", { value: lines.join("\n"), writable: true, configurable: true });
  } catch {
    // It is frozen, or throws when it is looked at: no stack is worth losing the error.
  }
}

/** The text of an error is taken for no frames, whatever it looks like. */
function partsOf(stack: string, message: string): Parts {
  const text = stack.indexOf(message); // none, when the message has changed since
  const start = stack.indexOf("\n    at ", text < 0 ? 0 : text + message.length);
  const asV8 = start >= 0 && stack.slice(0, start).split("\n").at(-1) !== CANCELLED_AT;
  const lines = stack.slice(asV8 ? start + 1 : 0).split("\n");
  if (!asV8 && readFrames(lines)[0] === null) {
    const cancelled = lines.lastIndexOf(CANCELLED_AT);
    const count = cancelled < 0 ? lines.length : cancelled;
    return { head: lines.slice(0, count), frames: [], tail: lines.slice(count), asV8: true };
  }
  const line = asV8 ? V8_LINE : OTHER_LINE;
  const end = lines.findIndex((each) => !line.test(each));
  const count = end < 0 ? lines.length : end;
  return { head: asV8 ? [stack.slice(0, start)] : [], frames: lines.slice(0, count), tail: lines.slice(count), asV8 };
}

/** The lines up to where the task's step began, without the frames of the library and of the engine. */
function programLines(lines: readonly string[]): string[] {
  const all = readFrames(lines);
  const step = all.findLastIndex(isStep);
  const frames = step < 0 ? all : all.slice(0, step);
  const own = frames.filter((frame) => frame !== null);
  const shown = new Set<EngineFrame | null>(ofProgram(own, ownFile()) ?? own);
  return lines.filter((line, index) => {
    if (index >= frames.length) return false;
    const frame = frames[index];
    return frame === null ? !isResumption(line) : shown.has(frame);
  });
}

/** The line of a frame of who waits. */
function lineOf({ text, name, file, line, column }: StackFrame, asV8: boolean): string {
  return asV8 ? `    at async ${text}` : `async ${name === "(anonymous)" ? "" : name}@${file}:${line}:${column}`;
}
