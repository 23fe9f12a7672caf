// Stacks of errors as debug mode shows them: the program's frames alone, and behind them who waits for it, as engines
// write the callers of async functions.

import { type EngineFrame, isResumption, isStep, ofProgram, readFrames } from "./engine-frames.ts";
import { isA } from "./is-a.ts";
import { type StackFrame, ownFile } from "./stack.ts";

/** Takes out of an error's stack what is not the program's, and puts the frames of those who wait behind it. */
export function rewriteStack(error: unknown, waiting: readonly StackFrame[]): void {
  if (!isA(error, Error)) return;
  try {
    const { message, stack = String(error) } = error;
    const [head, lines] = partsOf(stack, message);
    const own = programLines(lines);
    const shown = own.length > 0 || waiting.length > 0 ? own : lines;
    const value = [...(head === null ? [] : [head]), ...shown, ...waiting.map((frame) => lineOf(frame, head !== null))];
    Object.defineProperty(error, "stack", { value: value.join("\n"), writable: true, configurable: true });
  } catch {
    // It is frozen, or throws when it is looked at: no stack is worth losing the error.
  }
}

/** What stands before the lines of frames, and these. Engines other than V8 write nothing before them: null. */
function partsOf(stack: string, message: string): [head: string | null, lines: string[]] {
  const start = stack.indexOf("\n    at ", Math.max(stack.indexOf(message), 0) + message.length);
  if (start >= 0) return [stack.slice(0, start), stack.slice(start + 1).split("\n")];
  const lines = stack.split("\n");
  return readFrames(lines)[0] === null ? [stack, []] : [null, lines];
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
