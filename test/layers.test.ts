// The layers of the source: what a folder may import, types included. Arrows point down only.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Import, importsIn, importsOf, readSources, runtimeCircles } from "./support/imports.ts";

/** For each layer of src/, from the ground up, the layers and outside names that it may import. */
const LAYERS: Record<string, readonly string[]> = {
  "errors.ts": [],
  core: ["errors.ts", "#core", "as-bind/dist/as-bind.esm.js", "build/core.wasm", "build/core.wasm?module"],
  runtime: ["errors.ts", "core", "#host"],
  hosts: ["runtime/host.ts"],
  sync: ["errors.ts", "core", "runtime"],
  queues: ["errors.ts", "core", "runtime"],
  tasks: ["errors.ts", "runtime", "queues"],
  bridges: ["errors.ts", "runtime"],
  introspection: ["errors.ts", "runtime"],
  runners: ["errors.ts", "runtime", "tasks"],
  // The doors.
  edge: ["errors.ts", "runtime", "sync", "tasks", "runners"],
  "node-http": ["runtime", "edge", "node:http", "node:net", "node:stream", "node:stream/web", "node:tls"],
  streams: ["errors.ts", "runtime", "sync", "tasks"],
  testing: ["errors.ts", "core", "runtime", "hosts", "tasks", "runners"],
  vitest: ["runtime", "testing", "vitest"],
  "index.ts": ["errors.ts", "runtime", "sync", "queues", "tasks", "bridges", "introspection", "runners"],
};

const sources = readSources("src");
const imports = importsOf(sources);

/** The layer of a file in src/, or the name of what is outside. */
function layerOf(file: string): string {
  return file.startsWith("src/") ? file.split("/")[1] : file;
}

/** What is wrong with an import, or null. */
function complaint({ file, line, target, typeOnly }: Import): string | null {
  const layer = layerOf(file);
  const allowed = LAYERS[layer] ?? [];
  const place = `${file}:${line} imports ${target}`;
  if (/^src\/([\w-]+\/)*index\.ts$/.test(target)) return `${place}: nothing imports a door`;
  if (layer === "hosts" && layerOf(target) === "runtime" && !typeOnly)
    return `${place}: hosts import only types from the runtime`;
  if (layerOf(target) === layer) return null;
  if (allowed.includes(layerOf(target)) || allowed.includes(target.replace(/^src\//, ""))) return null;
  return `${place}: ${layer} may import only ${allowed.join(", ") || "nothing"}`;
}

describe("src/", () => {
  test("has no layer that this test does not know, and none that is gone", () => {
    expect([...new Set([...sources.keys()].map(layerOf))].sort()).toEqual(Object.keys(LAYERS).sort());
    expect(imports.length).toBeGreaterThan(100);
  });

  test("has layers that stand on each other without a circle", () => {
    const names = Object.keys(LAYERS);
    const upward = Object.entries(LAYERS).flatMap(([layer, below]) =>
      below.filter((name) => names.indexOf(name) > names.indexOf(layer)).map((name) => `${layer} on ${name}`),
    );
    expect(upward).toEqual([]);
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
    const wasm = new WebAssembly.Module(readFileSync(new URL("../build/core.wasm", import.meta.url)));
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
      "src/runtime/x.ts:1 imports src/tasks/a.ts: runtime may import only errors.ts, core, #host",
    ]);
    expect(at("src/sync/x.ts", `import { A } from "../queues/a.ts";`)).toHaveLength(1);
    expect(at("src/tasks/x.ts", `\nimport { createHost } from "#host";`)[0]).toMatch(
      /^src\/tasks\/x\.ts:2 imports #host/,
    );
    expect(at("src/runtime/x.ts", `import fs from "node:fs";`)[0]).toContain("imports node:fs");
    expect(at("src/hosts/x.ts", `import { A } from "../runtime/host.ts";`)[0]).toContain("only types");
    expect(at("src/hosts/x.ts", `import type { A } from "../runtime/task.ts";`)[0]).toContain("may import only");
    expect(at("src/tasks/x.ts", `import { run } from "../index.ts";`)[0]).toContain("nothing imports a door");
    expect(at("src/hosts/x.ts", `import type { A } from "../runtime/host.ts";`)).toEqual([null]);
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
});
