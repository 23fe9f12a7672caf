// The imports of TypeScript files, read off their text.

import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, resolve, sep } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** One import or re-export. */
export interface Import {
  /** The importing file, from the root of the repository. */
  readonly file: string;
  readonly line: number;
  /** The imported file, from the root, or the name as it stands for what is not relative. */
  readonly target: string;
  /**
   * Whether nothing of it is left at run time. `import { type A }` leaves an import of nothing, which still loads the
   * file.
   */
  readonly typeOnly: boolean;
}

const IMPORT = /\b(import|export)\b(\s+type\b)?(?:[^;"'`]*?\bfrom)?\s*\(?\s*["']([^"'\n]+)["']/g;
const COMMENT = /\/\*[^]*?\*\/|^\s*\/\/.*|\s\/\/ .*/gm;

/** The imports in the text of a file. */
export function importsIn(file: string, source: string): Import[] {
  const code = source.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, " "));
  return [...code.matchAll(IMPORT)].map(({ index, 2: type, 3: name = "" }) => ({
    file,
    line: code.slice(0, index).split("\n").length,
    target: name.startsWith(".")
      ? normalize(join(dirname(file), name))
          .split(sep)
          .join("/")
      : name,
    typeOnly: type !== undefined,
  }));
}

/** The TypeScript files of a folder at any depth, from the root of the repository, with their text. */
export function readSources(folder: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const path = join(entry.parentPath, entry.name);
    const file = path
      .slice(root.length + 1)
      .split(sep)
      .join("/");
    sources.set(file, readFileSync(path, "utf8"));
  }
  return new Map([...sources].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The imports of all files. */
export function importsOf(sources: ReadonlyMap<string, string>): Import[] {
  return [...sources].flatMap(([file, source]) => importsIn(file, source));
}

/** The circles of files that import each other at run time, each from its first file back to that. */
export function runtimeCircles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target, typeOnly } of imports) {
    if (!typeOnly) targets.set(file, [...(targets.get(file) ?? []), target]);
  }
  const circles: string[][] = [];
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file]);
    if (path.includes(file) || finished.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}

/** The groups of files that reach each other by imports, types included, each in order. */
export function circles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) targets.set(file, [...(targets.get(file) ?? []), target]);
  const reachable = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const target of targets.get(file) ?? []) if (!seen.has(target)) open.push(target);
      for (const target of targets.get(file) ?? []) seen.add(target);
    }
    return seen;
  };
  const reached = new Map([...targets.keys()].map((file) => [file, reachable(file)]));
  const groups: string[][] = [];
  for (const [file, others] of reached) {
    if (!others.has(file) || groups.some((group) => group.includes(file))) continue;
    groups.push([...others].filter((other) => reached.get(other)?.has(file) === true).sort());
  }
  return groups;
}
