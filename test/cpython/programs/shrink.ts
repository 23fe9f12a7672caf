// Simpler variants of a program, the boldest first: what shrinking tries.

import type { Program } from "./program.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = readonly (string | number)[];

/** Arrays of which any part can be left out. */
const LISTS = new Set(["main", "body", "otherwise", "finally", "handlers", "of", "slots"]);
/** Statements inside a statement that can stand in its place. */
const BODIES = ["body", "otherwise", "finally"];
/** Keys that can be left out. */
const OPTIONS = new Set(["soft", "context", "eager", "debug", "stubborn", "threadsafe"]);
/** The plainest value of a key. */
const PLAIN: Readonly<Record<string, Json>> = {
  delay: 0,
  timeout: null,
  message: null,
  value: null,
  again: null,
  returnExceptions: false,
  absolute: false,
  asynchronous: false,
  immediate: false,
  times: 1,
  error: "ValueError",
  catches: "Any",
  mode: "ALL_COMPLETED",
  maxsize: 0,
  lock: null,
};

/** Programs that have one thing less than `program` each. */
export function* simplifications(program: Program): Generator<Program> {
  const root = program as unknown as Json;
  for (const [path, list] of lists(root)) {
    for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start + size <= list.length; start += size) {
        yield replace(root, path, [...list.slice(0, start), ...list.slice(start + size)]);
      }
    }
  }
  for (const [path, list] of lists(root)) {
    for (const [index, item] of list.entries()) {
      for (const inner of insides(item))
        yield replace(root, path, [...list.slice(0, index), ...inner, ...list.slice(index + 1)]);
    }
  }
  for (const [path, node] of nodes(root)) {
    if (path[0] !== "objects" || ["maxsize", "lock"].includes(String(path.at(-1)))) yield* plainer(root, path, node);
  }
  yield* withoutUnusedObjects(program);
}

/** The lists in a program, outer ones first. */
function* lists(root: Json): Generator<[Path, Json[]]> {
  for (const [path, node] of nodes(root)) {
    if (Array.isArray(node) && LISTS.has(String(path.at(-1)))) yield [path, node];
  }
}

function* nodes(node: Json, path: Path = []): Generator<[Path, Json]> {
  yield [path, node];
  if (typeof node !== "object" || node === null) return;
  for (const [key, child] of Object.entries(node)) {
    yield* nodes(child, [...path, Array.isArray(node) ? Number(key) : key]);
  }
}

/**
 * What can stand in place of an item of a list: the lists inside it; of a callback only nothing, as it runs at another
 * time.
 */
function* insides(item: Json): Generator<Json[]> {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return;
  if (typeof item["source"] === "string") {
    if ("of" in item) yield [item["of"]].flat();
    return;
  }
  for (const key of BODIES) {
    const body = item[key];
    if (Array.isArray(body) && body.length > 0) yield body;
  }
  const { handlers } = item;
  if (Array.isArray(handlers)) for (const handler of handlers) yield* insides(handler);
  const { source } = item;
  if (typeof source === "object" && source !== null && !Array.isArray(source) && Array.isArray(source["body"])) {
    yield source["body"];
  }
}

function* plainer(root: Json, path: Path, node: Json): Generator<Program> {
  const key = String(path.at(-1));
  if (typeof node === "object" && node !== null && !Array.isArray(node)) {
    for (const option of Object.keys(node)) {
      if (!OPTIONS.has(option) || node[option] === false) continue;
      const { [option]: _, ...rest } = node;
      // The program's own `eager` has to be there.
      yield replace(root, path, option === "eager" && path.length === 0 ? { ...rest, eager: false } : rest);
    }
    if (typeof node["source"] === "string") {
      const { of } = node;
      if (typeof of === "object" && of !== null) for (const one of [of].flat()) yield replace(root, path, one);
      if (node["source"] === "sleep") return;
      yield replace(root, path, { source: "sleep", delay: 0, value: null });
      if (node["source"] !== "coroutine") yield replace(root, path, { source: "coroutine", body: [] });
    }
    return;
  }
  const plain = plainest(root, path);
  // A priority queue's items have to be of one kind.
  if (plain === undefined || node === plain || (key === "value" && Array.isArray(node))) return;
  yield replace(root, path, plain);
}

/** The plainest value that can be at a path; undefined when it stays as it is. */
function plainest(root: Json, path: Path): Json | undefined {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1).reduce<Json>((node, step) => (node as Record<string | number, Json>)[step], root);
  const owner = parent as { [key: string]: Json };
  if (key === "message" && ("error" in owner || owner["op"] === "report")) return ""; // has to be a text
  if (key === "value" && "object" in owner) return 0; // in a queue, whose text Python writes in its own words
  return PLAIN[key];
}

/** Programs without an object that nothing refers to. */
function* withoutUnusedObjects(program: Program): Generator<Program> {
  const references = [...nodes(program as unknown as Json)].filter(
    ([path, node]) => ["object", "lock"].includes(String(path.at(-1))) && typeof node === "number",
  );
  for (const unused of program.objects.keys()) {
    if (references.some(([, object]) => object === unused)) continue;
    let without: Program = { ...program, objects: program.objects.filter((_, index) => index !== unused) };
    for (const [path, object] of references) {
      if ((object as number) < unused) continue;
      const moved =
        path[0] === "objects" ? ["objects", (path[1] as number) - Number((path[1] as number) > unused), "lock"] : path;
      without = replace(without as unknown as Json, moved, (object as number) - 1);
    }
    yield without;
  }
}

/** A copy of `root` with another value at a path. */
function replace(root: Json, path: Path, value: Json): Program {
  const put = (node: Json, depth: number): Json => {
    if (depth === path.length) return structuredClone(value);
    const copy = structuredClone(node) as Record<string | number, Json>;
    const key = path[depth];
    copy[key] = put(copy[key], depth + 1);
    return copy;
  };
  return put(root, 0) as unknown as Program;
}
