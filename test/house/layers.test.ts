// The layers of the source: what a folder may import, types included. Arrows point down only.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Import, circles, importsIn, importsOf, readSources, runtimeCircles } from "../support/imports.ts";

/**
 * The tiers of src/, from the ground up. A folder imports from the tiers below it, and from the folders before it in
 * its own. A new folder is a word here.
 */
const TIERS: readonly (readonly string[])[] = [
  ["errors", "support"], // the ground
  ["core"],
  ["drivers"],
  ["trace"],
  ["runtime"],
  ["waiting"],
  ["sync", "queues", "tasks", "bridges", "introspection", "runners"], // asyncio's chapters
  ["extras", "pool"], // what asyncio has not
  ["promises", "async"], // the language's
  ["streams", "net", "subprocess"], // bytes
  ["executors", "multiprocessing", "bullmq"], // work beside the loop
  ["postgres"], // databases
  ["edge", "node-http", "serve", "client"], // services
  ["eslint", "timeline", "testing", "transform"], // tools
  ["lowered", "lowered-timers", "vitest", "register", "index.ts"], // doors that are nothing else
  ["cli"], // the command
];

/** Folders without a door of their own, and the door that they leave by: it stands on them. */
const LEAVES_BY: Readonly<Record<string, string>> = { net: "src/streams/index.ts" };

/**
 * The folders of hosts, which see the drivers and the ground only: a loop gets the one that its program runs on by
 * `#host`.
 */
const HOSTS = "hosts";
const SEEN_BY_HOSTS = ["errors", "support", "drivers"];

/** Who imports a host by its folder all the same: virtual time is no host that conditions could choose. */
const VIRTUAL = "src/hosts/virtual/";
const USES_VIRTUAL = "testing";

/** Inside testing, from the ground up. What is no folder stands on all of them. */
const INSIDE_TESTING = ["outside", "strategies", "simulation", "search", "sweep", "linearizability"];

/** Who may import what is outside of src/. */
const OUTSIDE: Record<string, readonly string[]> = {
  core: ["#core", "as-bind/dist/as-bind.esm.js", "build/core.wasm", "build/core.wasm?module", "build/core.base64.js"],
  runtime: ["#host"],
  net: ["#network"],
  subprocess: ["#processes"],
  executors: ["#workers"],
  postgres: ["pg"],
  bullmq: ["bullmq", "ioredis", "node:module", "node:worker_threads"],
  client: ["#http"],
  hosts: ["cloudflare:sockets"],
  "node-http": ["node:http", "node:net", "node:stream", "node:stream/web", "node:tls"],
  serve: [
    "node:cluster",
    "node:events",
    "node:fs",
    "node:http",
    "node:net",
    "node:os",
    "node:path",
    "node:stream",
    "node:url",
    "ws",
  ],
  cli: [
    "#cluster",
    "wasyncio",
    "wasyncio/bullmq",
    "node:fs",
    "node:os",
    "node:path",
    "node:process",
    "node:url",
    "node:util",
  ],
  transform: ["node:fs", "node:fs/promises", "node:path", "node:url", "oxc-parser"],
  register: ["#loading", "node:fs", "node:module", "node:path", "node:url"],
  vitest: ["vitest"],
};

/** Most files that may name each other's types in a circle. */
const LARGEST_CIRCLE = 4;

const ORDER = TIERS.flat();
const sources = readSources("src");
const imports = importsOf(sources);

/** The folder of a file in src/, or the name of what is outside. */
function folderOf(file: string): string {
  return file.startsWith("src/") ? file.split("/")[1] : file;
}

/** The place of a file inside testing, from the ground up. */
function placeInTesting(file: string): number {
  const [, , folder, ...rest] = file.split("/");
  return rest.length === 0 ? INSIDE_TESTING.length : INSIDE_TESTING.indexOf(folder);
}

/** What is wrong with an import, or null. */
function complaint({ file, line, target }: Import): string | null {
  const folder = folderOf(file);
  const imported = folderOf(target);
  const place = `${file}:${line} imports ${target}`;
  if (/^src\/([\w-]+\/)*index\.ts$/.test(target)) return `${place}: nothing imports a door`;
  if (!target.startsWith("src/"))
    return OUTSIDE[folder]?.includes(target) ? null : `${place}: ${folder} may not import that`;
  if (folder === HOSTS)
    return imported === HOSTS || SEEN_BY_HOSTS.includes(imported) ? null : `${place}: hosts see the drivers only`;
  if (imported === HOSTS)
    return folder === USES_VIRTUAL && target.startsWith(VIRTUAL) ? null : `${place}: hosts are chosen by conditions`;
  if (folder === "testing" && imported === "testing")
    return placeInTesting(target) <= placeInTesting(file) ? null : `${place}: that stands above it inside testing`;
  if (LEAVES_BY[imported] === file) return null;
  return ORDER.indexOf(imported) <= ORDER.indexOf(folder) ? null : `${place}: ${imported} stands above ${folder}`;
}

describe("src/", () => {
  test("has no layer that this test does not know, and none that is gone", () => {
    expect([...new Set([...sources.keys()].map(folderOf))].sort()).toEqual([...ORDER, HOSTS].sort());
    const inTesting = [...sources.keys()].filter((file) => file.startsWith("src/testing/"));
    expect(inTesting.filter((file) => placeInTesting(file) < 0)).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  test("imports only from layers below, types included", () => {
    expect(imports.map(complaint).filter((text) => text !== null)).toEqual([]);
  });

  test("imports only files that are there", () => {
    const missing = imports.filter(
      ({ target }) => target.startsWith("src/") && !sources.has(target.replace(/\?page$/, "")),
    );
    expect(missing).toEqual([]);
  });

  test("has no circle of files that load each other", () => {
    expect(runtimeCircles(imports).map((circle) => circle.join(" -> "))).toEqual([]);
  });

  test(`has no circle of more than ${LARGEST_CIRCLE} files that name each other's types`, () => {
    expect(circles(imports).filter((files) => files.length > LARGEST_CIRCLE)).toEqual([]);
  });
});

describe("assembly/", () => {
  const assembly = readSources("assembly");

  test("imports nothing from outside", () => {
    const outside = importsOf(assembly).filter(({ target }) => !assembly.has(`${target}.ts`));
    expect(outside.map(({ file, line, target }) => `${file}:${line} imports ${target}`)).toEqual([]);
  });

  test("declares what it asks of its host in host.ts only", () => {
    const compiled = [...assembly].filter(([file]) => !file.endsWith(".d.ts"));
    const declaring = compiled.filter(([, source]) => /^\s*(export\s+)?declare\s|@external/m.test(source));
    expect(declaring.map(([file]) => file)).toEqual(["assembly/host.ts"]);
  });

  test("is compiled to a module that asks its host for nothing else", () => {
    const wasm = new WebAssembly.Module(readFileSync(new URL("../../build/core.wasm", import.meta.url)));
    const asked = WebAssembly.Module.imports(wasm).map(({ module, name }) => `${module}.${name}`);
    expect(asked.sort()).toEqual(["host.compare", "host.wake"]);
  });
});

describe("this test", () => {
  const at = (file: string, source: string) => importsIn(file, source).map(complaint);

  test("sees every form of import, and none in comments", () => {
    const source = `
      import a, { type B } from "./a.ts";
      import type { C } from "./c.ts";
      import "./d.ts";
      import {
        e,
      } from "../core/e.ts";
      export { f } from "./f.ts";
      export type { G } from "./g.ts";
      export * from "./h.ts";
      const i = await import("./i.ts");
      const text = "no import"; // import { j } from "./j.ts";
      /** import { k } from "./k.ts"; */
      import { l } from "#host";`;
    expect(importsIn("src/tasks/x.ts", source).map(({ line, target, typeOnly }) => [line, target, typeOnly])).toEqual([
      [2, "src/tasks/a.ts", false],
      [3, "src/tasks/c.ts", true],
      [4, "src/tasks/d.ts", false],
      [5, "src/core/e.ts", false],
      [8, "src/tasks/f.ts", false],
      [9, "src/tasks/g.ts", true],
      [10, "src/tasks/h.ts", false],
      [11, "src/tasks/i.ts", false],
      [14, "#host", false],
    ]);
  });

  test("complains with the offending import", () => {
    expect(at("src/runtime/x.ts", `import type { A } from "../tasks/a.ts";`)).toEqual([
      "src/runtime/x.ts:1 imports src/tasks/a.ts: tasks stands above runtime",
    ]);
    expect(at("src/sync/x.ts", `import { A } from "../queues/a.ts";`)[0]).toContain("queues stands above sync");
    expect(at("src/queues/x.ts", `import { A } from "../sync/a.ts";`)).toEqual([null]);
    expect(at("src/tasks/x.ts", `\nimport { createHost } from "#host";`)[0]).toMatch(
      /^src\/tasks\/x\.ts:2 imports #host/,
    );
    expect(at("src/runtime/x.ts", `import fs from "node:fs";`)[0]).toContain("imports node:fs");
    expect(at("src/hosts/node/x.ts", `import type { A } from "../../runtime/task.ts";`)[0]).toContain("drivers only");
    expect(at("src/hosts/node/x.ts", `import type { A } from "../../drivers/clock.ts";`)).toEqual([null]);
    expect(at("src/tasks/x.ts", `import { A } from "../hosts/node/clock.ts";`)[0]).toContain("chosen by conditions");
    expect(at("src/testing/x.ts", `import { A } from "../hosts/virtual/clock.ts";`)).toEqual([null]);
    expect(at("src/testing/x.ts", `import { A } from "../hosts/node/clock.ts";`)[0]).toContain("chosen by conditions");
    expect(at("src/tasks/x.ts", `import { run } from "../index.ts";`)[0]).toContain("nothing imports a door");
  });

  test("looks inside testing", () => {
    expect(at("src/testing/search/x.ts", `import { A } from "../simulation/a.ts";`)).toEqual([null]);
    expect(at("src/testing/simulation/x.ts", `import { A } from "../search/a.ts";`)[0]).toContain("inside testing");
    expect(at("src/testing/search/x.ts", `import { A } from "../explore.ts";`)[0]).toContain("inside testing");
    expect(at("src/testing/x.ts", `import { A } from "./sweep/a.ts";`)).toEqual([null]);
  });

  test("finds circles, and lets types go round in them", () => {
    const circle = (second: string) =>
      runtimeCircles([
        ...importsIn("src/a.ts", `import { b } from "./b.ts";`),
        ...importsIn("src/b.ts", second),
        ...importsIn("src/c.ts", `import { a } from "./a.ts"; import { b } from "./b.ts";`),
      ]);
    expect(circle(`import { a } from "./a.ts";`)).toEqual([["src/a.ts", "src/b.ts", "src/a.ts"]]);
    expect(circle(`import type { A } from "./a.ts";`)).toEqual([]);
  });

  test("finds the files that reach each other, whatever is left of their imports", () => {
    const found = circles([
      ...importsIn("src/a.ts", `import type { B } from "./b.ts";`),
      ...importsIn("src/b.ts", `import type { C } from "./c.ts"; import { e } from "./e.ts";`),
      ...importsIn("src/c.ts", `import { a } from "./a.ts";`),
      ...importsIn("src/d.ts", `import { a } from "./a.ts";`),
    ]);
    expect(found).toEqual([["src/a.ts", "src/b.ts", "src/c.ts"]]);
  });
});
