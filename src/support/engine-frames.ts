// What engines write into the stacks of errors, a line a frame, and which of these are the program's.

/** A line of an engine's stack. */
export interface EngineFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line, without what stands before each. */
  readonly text: string;
  /** Whether it is a generator's, as far as the engine says so. */
  readonly isGenerator: boolean;
}

/** V8, and JavaScriptCore in Bun: "    at name (file:line:column)" or "    at file:line:column". */
const V8_FRAME = /^\s*at (?:async )?(?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/;
/** Other engines: "name@file:line:column". */
const OTHER_FRAME = /^(.*?)@(.*?):(\d+):(\d+)$/;
/** What V8 writes behind a generator: its own method by which that was resumed. */
const RESUMPTION = /^\s*at .*\.(?:next|throw|return) \(<anonymous>\)$/;
/** Where `stack.ts` is when it is in no bundle with a program; scripts/build.mjs names the files of dist/. */
const IN_ITS_PACKAGE = /[\\/](?:support[\\/]stack\.ts|dist[\\/]wasyncio-library\.js)$/;
/** What Node runs a program in, and not what the program calls, such as node:fs. */
const INSIDE_NODE = /^node:(?:internal\/|async_hooks$)/;
/** V8 writes behind a name that is not the method's by which method it was called. */
const STEP_FRAMES = /(?:resumeCoroutine|throwIntoCoroutine)(?: \[as start\])?$/;

/** Reads the lines of a stack: null for what is no frame of a file. */
export function readFrames(lines: readonly string[]): (EngineFrame | null)[] {
  return lines.map((text, index) => {
    const match = V8_FRAME.exec(text) ?? OTHER_FRAME.exec(text);
    if (match === null) return null;
    const [, name = "", file = "", line, column] = match;
    return {
      name,
      file,
      line: Number(line),
      column: Number(column),
      text: text.replace(/^\s*at /, ""),
      isGenerator: isResumption(lines[index + 1]),
    };
  });
}

/** Whether a line of a stack says only that the engine has resumed a generator. */
export function isResumption(line = ""): boolean {
  return RESUMPTION.test(line);
}

/** The frames that an error tells of, innermost first. */
export function framesOf(error: object): EngineFrame[] {
  const { stack } = error as { stack?: unknown }; // a program's own formatting may make anything of it
  return typeof stack === "string" ? readFrames(stack.split("\n")).filter((frame) => frame !== null) : [];
}

/** Whether a step of a task begins in a frame: those behind it are the loop's. */
export function isStep(frame: EngineFrame | null): boolean {
  return frame !== null && STEP_FRAMES.test(frame.name);
}

/**
 * The frames that are neither the library's nor the engine's inside: there may be none. Null where the library may be
 * bundled with others, the program among them: nothing tells the frames apart then, and a guess would take some away.
 * @param own the file of `stack.ts`, as a stack has it that has been captured there just now
 */
export function ofProgram(frames: readonly EngineFrame[], own: string): readonly EngineFrame[] | null {
  return IN_ITS_PACKAGE.test(own) ? outsideOf(frames, own) : null;
}

/** The frames that are not of the folder of the library's file `own`: in a bundle there may be others in that, too. */
export function outsideOf(frames: readonly EngineFrame[], own: string): readonly EngineFrame[] {
  const folder = own.slice(0, Math.max(own.lastIndexOf("/"), own.lastIndexOf("\\")) + 1).replace(/support[\\/]$/, "");
  return frames.filter(({ file }) => !file.startsWith(folder) && !INSIDE_NODE.test(file));
}
