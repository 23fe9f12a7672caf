// The lowering of a file: async functions become generators that a task of the loop drives.

import { checkBoolean, checkNames } from "../support/checks.ts";
import { format as show } from "../support/format.ts";
import { LOWERED } from "./helpers.ts";
import { Lowering } from "./lowering.ts";
import { type SourceMap, mapOf } from "./source-map.ts";
import { type Format, Source } from "./source.ts";

export interface LowerAsyncOptions {
  /** The file's name: for places and source maps, and its ending says what language it is in. Default: "module.js" */
  readonly file?: string;
  /** How the file's exports leave it. Default: as its ending or its text say */
  readonly format?: Format;
  /**
   * Whether stacks show the names of the source: statements that run when the file is loaded see to that, so bundlers
   * leave nothing of it out. Default: false
   */
  readonly names?: boolean;
}

/** A lowered file. */
export interface Lowered {
  readonly code: string;
  /** The source map: made when it is asked for. */
  readonly map: SourceMap;
  /** How its exports leave it. */
  readonly format: Format;
  /** What was left as it is, each with its place. */
  readonly warnings: readonly string[];
}

/** Whether a file can have anything that is lowered. */
const MAY_HAVE_ANY =
  /\b(async|await|Promise|queueMicrotask|nextTick|(set|clear)(Timeout|Interval|Immediate)|timers\/promises|fetch)\b/;

const IS_LOWERED = new RegExp(`\\b(from |require\\()"${LOWERED}"`);

const OPTIONS = ["file", "format", "names"];

/**
 * Lowers the async functions of a file in JavaScript or TypeScript, with JSX or without, to generators that a task of
 * the running loop drives. Its types, its formatting and its lines stay as they are. The promises and the timers of the
 * host that it names become the loop's. The file then imports `wasyncio/lowered`.
 * @returns null when there is nothing to lower
 * @throws TypeError for a code that is no string, and for bad options
 * @throws SyntaxError for what cannot be parsed, and for a function that cannot be lowered, with the place
 *
 * @example
 * const lowered = lowerAsync("export async function f() { await null; }", { file: "f.ts" });
 * console.log(lowered?.code);
 */
export function lowerAsync(code: string, options: LowerAsyncOptions = {}): Lowered | null {
  if (typeof code !== "string") throw new TypeError(`Cannot lower the code: expected a string, got ${show(code)}`);
  const { file = "module.js", format, names } = checkNames(options, OPTIONS);
  checkBoolean(names, "names");
  if (typeof file !== "string") throw new TypeError(`Invalid file: expected a string, got ${show(file)}`);
  if (format !== undefined && format !== "module" && format !== "commonjs")
    throw new TypeError(`Invalid format: expected "module" or "commonjs", got ${show(format)}`);

  if (!MAY_HAVE_ANY.test(code) || IS_LOWERED.test(code)) return null;
  const source = new Source(code, file, format);
  const lowering = new Lowering(source, names === true);
  lowering.run();
  const { edits, warnings } = lowering;
  if (edits.isEmpty) return null;
  const pieces = edits.pieces();
  let map: SourceMap | undefined;
  return {
    code: pieces.map(({ text }) => text).join(""),
    get map() {
      return (map ??= mapOf(pieces, file, code));
    },
    format: source.format,
    warnings,
  };
}
