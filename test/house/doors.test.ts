// The doors: package.json lists them, and nothing else does. A new one is an entry there and a folder in src/.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { aliases, doors } from "../../scripts/doors.mjs";
import { root } from "../../scripts/exec.mjs";

const read = (file: string): string => readFileSync(join(root, file), "utf8");

describe("package.json", () => {
  const entries = Object.entries(packageJson.exports).flatMap(([path, target]) =>
    typeof target === "object" ? [{ path, ...target }] : [],
  );

  test.each(entries)("$path has its declarations beside its script", ({ types, default: script }) => {
    expect(types).toBe(script.replace(/js$/, "d.ts"));
  });

  test("lists every door and every alias once, each of a file that is there", () => {
    const names = [...doors.map(({ name }) => name), ...Object.keys(aliases)];
    expect(names.sort()).toEqual(entries.map(({ path }) => join(packageJson.name, path)).sort());
    expect(doors.filter(({ source }) => !existsSync(join(root, source)))).toEqual([]);
    expect(Object.values(aliases)).not.toContain(undefined);
  });

  test("has an entry for each folder that calls itself a door", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const files = folders.map(({ name }) => `src/${name}/index.ts`).filter((file) => existsSync(join(root, file)));
    expect(doors.map(({ source }) => source).sort()).toEqual([...files, "src/index.ts"].sort());
  });
});

test("the sources tell what a door needs", () => {
  const needs = Object.fromEntries(doors.map(({ name, needsNode, peers }) => [name, [needsNode, ...peers]]));
  expect(needs).toMatchObject({
    wasyncio: [false],
    "wasyncio/bullmq": [true, "bullmq", "ioredis"],
    "wasyncio/eslint": [false],
    "wasyncio/extras": [false],
    "wasyncio/node-http": [true],
    "wasyncio/pool": [false],
    "wasyncio/postgres": [false, "pg"],
    "wasyncio/register": [true, "oxc-parser"],
    "wasyncio/transform": [true, "oxc-parser"],
    "wasyncio/vitest": [true, "oxc-parser", "vitest"],
  });
});

describe("no tool has a list of its own", () => {
  const scripts = readdirSync(join(root, "scripts")).map((name) => `scripts/${name}`);
  const configs = readdirSync(root).filter((name) => /^(tsconfig.*\.json|.*\.config\.ts)$/.test(name));

  test.each([...configs, "tools/docs/typedoc.json", ...scripts])("%s", (file) => {
    // Comments may name a door, and programs go through some: scripts/size.mjs measures them.
    const text = read(file).replaceAll(/^\s*(\/\/|\/?\*).*| from "[^"]*"/gm, "");
    const folders = doors.flatMap(({ name }) => name.split("/").slice(1));
    const named = folders.filter((folder) =>
      new RegExp(`(wasyncio|src|dist)/${folder}\\b|["/]${folder}/index`).test(text),
    );
    expect(named).toEqual([]);
  });
});
