// A file that is lowered: its text, its tree, and the places of tokens that the tree does not tell.

import { InternalError } from "../errors/base.ts";
import { type Node, type ParseResult, type Program, parseSync, visitorKeys } from "oxc-parser";

/** How a file's exports leave it. */
export type Format = "module" | "commonjs";

/** Types are not run: nothing in them is lowered. */
const TYPES = new Set([
  "implements",
  "returnType",
  "superTypeArguments",
  "typeAnnotation",
  "typeArguments",
  "typeParameters",
]);

const childKeys = new Map<string, readonly string[]>();

/** The names of a node's fields that have nodes which are run. */
function keysOf(type: string): readonly string[] {
  let keys = childKeys.get(type);
  if (keys === undefined) {
    keys = (visitorKeys[type] ?? []).filter((key) => !TYPES.has(key));
    childKeys.set(type, keys);
  }
  return keys;
}

/** Calls `visit` with each child of a node that is run, in the order of the source. */
export function eachChild(node: Node, visit: (child: Node) => void): void {
  for (const key of keysOf(node.type)) {
    const value = (node as unknown as Record<string, Node | (Node | null)[] | null | undefined>)[key];
    if (Array.isArray(value)) {
      for (const each of value) if (each !== null) visit(each);
    } else if (value !== null && value !== undefined) visit(value);
  }
}

export const isDirective = (node: Node): boolean =>
  node.type === "ExpressionStatement" && typeof node.directive === "string";

/** What only CommonJS has. */
export const COMMON_JS = /\brequire\s*\(|\bmodule\s*\.\s*exports\b|\bexports\s*[.[]/;

export class Source {
  readonly code: string;
  readonly file: string;
  readonly format: Format;
  readonly program: Program;

  /** Throws SyntaxError when the file cannot be parsed. */
  constructor(code: string, file: string, format: Format | undefined) {
    this.code = code;
    this.file = file;
    const { result, isModule } = parse(code, file, format);
    if (result.errors.length > 0) {
      const [{ message, labels }] = result.errors as [(typeof result.errors)[number]];
      throw new SyntaxError(`Cannot lower ${this.place(labels[0]?.start ?? 0)}: ${message}`);
    }
    this.program = result.program;
    this.format = isModule ? "module" : "commonjs";
  }

  /** Where something is: "src/shop.ts:12:5". */
  place(at: number): string {
    const before = this.code.slice(0, at);
    const column = at - before.lastIndexOf("\n");
    return `${this.file}:${before.split("\n").length}:${column}`;
  }

  /** Where a token of one sign, or a word, comes first from `at` on, in no comment. */
  find(token: string, at: number): number {
    for (let i = this.next(at); i < this.code.length; i = this.next(i + 1))
      if (this.code.startsWith(token, i)) return i;
    throw new InternalError(`Cannot find ${token} behind ${this.place(at)}`);
  }

  /** Behind a blank, if one is at `at`: lowering takes one away with a word. */
  skipBlank(at: number): number {
    return this.code[at] === " " ? at + 1 : at;
  }

  /** Where the next token begins, which is at `at` or behind blanks and comments. */
  next(at: number): number {
    const blank = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y;
    blank.lastIndex = at;
    return at + (blank.exec(this.code)?.[0].length ?? 0);
  }
}

function parse(code: string, file: string, format: Format | undefined): { result: ParseResult; isModule: boolean } {
  const lang = file.endsWith(".tsx") ? "tsx" : /\.[cm]?ts$/.test(file) ? "ts" : "jsx";
  const wanted = format ?? (/\.m[jt]s$/.test(file) ? "module" : /\.c[jt]s$/.test(file) ? "commonjs" : undefined);
  const as = (sourceType: Format | "unambiguous"): ParseResult => parseSync(file, code, { lang, sourceType });
  const result = wanted === undefined ? null : as(wanted);
  // Node makes a module of a file with a module's syntax, where package.json says nothing of it.
  if (result !== null && (wanted === "module" || result.errors.length === 0))
    return { result, isModule: wanted === "module" };
  const found = as("unambiguous");
  if (found.module.hasModuleSyntax) return { result: found, isModule: true };
  if (result !== null) return { result, isModule: false };
  // A file that neither imports nor exports: a module, unless it does what only CommonJS can.
  const isCommonJs = COMMON_JS.test(code);
  if (found.errors.length === 0) return { result: found, isModule: !isCommonJs };
  return { result: as(isCommonJs ? "commonjs" : "module"), isModule: !isCommonJs };
}
