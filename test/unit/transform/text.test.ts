// The text that comes out: its lines, its map, what it imports, and what it leaves alone.

import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { lowerAsync } from "wasyncio/transform";
import { lowered } from "../../support/lowered-program.ts";
import { logOf } from "./evaluate.ts";

const ASYNC = "async function f() { await 1; }";

describe("imports", () => {
  test.each([
    ["before the first statement", `// @ts-check\n/* c */ x; ${ASYNC}`, /^\/\/ @ts-check\n\/\* c \*\/ import \{/],
    ["behind directives", `"use client"; ${ASYNC}`, /^"use client"; import \{/],
    ["behind the line that names the program", `#!/usr/bin/env node\n${ASYNC}`, /^#!.*\nimport \{/],
  ])("stand %s", (_, code, expected) => {
    expect(lowered(code, "a.mjs")).toMatch(expected);
  });

  test("are of the kind of the file: by its ending, by what it says, or as asked", () => {
    const isModule = (code: string, options: object): boolean | undefined =>
      lowerAsync(code, options)?.code.includes(`from "wasyncio/lowered"`);
    expect(isModule(ASYNC, { file: "a.mjs" })).toBe(true);
    expect(isModule(ASYNC, { file: "a.cts" })).toBe(false);
    expect(isModule(`exports.f = ${ASYNC}`, { file: "a.js" })).toBe(false);
    expect(isModule(`const x = require("x"); return; ${ASYNC}`, { file: "a.js" })).toBe(false);
    expect(isModule(`export ${ASYNC}`, { file: "a.js" })).toBe(true);
    expect(isModule(`${ASYNC} await f();`, { file: "a.js" })).toBe(true);
    expect(isModule(ASYNC, {})).toBe(true);
    expect(isModule(ASYNC, { format: "commonjs" })).toBe(false);
    expect(isModule("with (a) b; require(c); async function f() {}", { file: "a.js" })).toBe(false);
  });

  test("name what is used, and nothing else", () => {
    expect(lowered(ASYNC, "a.mjs")).toMatch(/^import \{ await_ as \$w_await, runAs as \$w_runAs \} from/);
    expect(lowered(ASYNC)).toMatch(
      /^const \{ await_: \$w_await, runAs: \$w_runAs \} = require\("wasyncio\/lowered"\);/,
    );
  });
});

describe("names of the host", () => {
  const names = (code: string): string[] => {
    const result = lowerAsync(code, { file: "a.mts" });
    const [, list = ""] = /\bimport \{ (.*?) \} from "wasyncio\/lowered";/.exec(result?.code ?? "") ?? [];
    return list.split(", ").flatMap((each) => each.split(" as ")[0] || []);
  };

  test("become imports where nothing declares them", () => {
    expect(names(`setTimeout(() => new Promise(queueMicrotask), 1); fetch(""); process.nextTick(f);`)).toEqual([
      "Promise",
      "fetch",
      "nextTick",
      "queueMicrotask",
      "timer",
    ]);
    expect(
      names(`typeof Promise; class P extends Promise<void> {} ({ Promise, setImmediate: 1 }); x instanceof Promise;`),
    ).toEqual(["Promise"]);
  });

  test.each([
    `import Promise from "bluebird"; Promise.resolve();`,
    `import { fetch } from "undici"; fetch("");`,
    `function f(Promise) { return new Promise(); }`,
    `{ let setTimeout = 1; setTimeout; }`,
    `function f() { if (x) { var fetch = 1; } return fetch; }`,
    `try {} catch (Promise) { Promise; }`,
    `(function fetch() { fetch(); }); class A { static x = (() => { class Promise {} return Promise; })(); }`,
    `for (const Promise of x) Promise; const { a: { setTimeout = 1 } } = y; setTimeout;`,
    `globalThis.Promise; window.fetch(""); a.setTimeout(1); ({ Promise: 1, fetch() {} }); process.exit();`,
    `let a: Promise<void>; type B = Promise<number>; interface C { fetch(): Promise<void> } declare const fetch: () => void; label: for (;;) break label;`,
    `Promise = require("bluebird"); Promise.resolve();`,
    `({ Promise } = x); [fetch] = y; fetch(); for (setTimeout of z); clearTimeout++; new Promise();`,
  ])("are left alone in: %s", (code) => {
    expect(names(code)).toEqual([]);
  });

  test("are found around what shadows them", () => {
    const text = lowered(
      `function f(fetch) { return fetch(Promise); } fetch(f); { const Promise = 1; Promise; } var x = Promise;`,
      "a.mjs",
    );
    expect(text).toContain(
      "function f(fetch) { return fetch($w_Promise); } $w_fetch(f); { const Promise = 1; Promise; } var x = $w_Promise;",
    );
  });
});

test("a timer's name asks what it stands for, where it is read", () => {
  expect(
    lowered("const original = setTimeout; setTimeout = f; ({ setTimeout }); setTimeout?.(g, 1);", "a.mjs"),
  ).toMatch(
    /; const original = \$w_timer\("setTimeout"\); setTimeout = f; \(\{ setTimeout: \$w_timer\("setTimeout"\) \}\); \$w_timer\("setTimeout"\)\?\.\(g, 1\);$/,
  );
});

describe("timers/promises", () => {
  test.each([
    [`import { setTimeout as pause } from "node:timers/promises";`, "a.mjs"],
    [`import timers from 'timers/promises';`, "a.mjs"],
    [`export { setTimeout as pause } from "timers/promises";`, "a.mjs"],
    [`export * from "node:timers/promises";`, "a.mts"],
    [`const pause = () => import("node:timers/promises");`, "a.mjs"],
    [`const { setTimeout: pause } = require("timers/promises");`, "a.cjs"],
  ])("is another module in: %s", (code, file) => {
    expect(lowered(code, file)).toBe(code.replace(/["'].*["']/, `"wasyncio/lowered-timers"`));
  });

  test.each([`import type { Scheduler } from "timers/promises";`, `f("timers/promises");`, `import "node:timers";`])(
    "is left in: %s",
    (code) => {
      expect(lowerAsync(code, { file: "a.mts" })).toBe(null);
    },
  );
});

describe("what has nothing to lower", () => {
  test.each(["", "const x = 1;", "// async", "const text = 'await';", "let p: Promise<void>;", "await x;"])(
    "is null: %s",
    (code) => {
      expect(lowerAsync(code, { file: "a.mts" })).toBe(null);
    },
  );

  test("as has what is lowered already", () => {
    expect(lowerAsync(lowered(ASYNC, "a.mjs"), { file: "a.mjs" })).toBe(null);
  });
});

test("thousands of operands in a row are lowered", () => {
  const code = `async function f() { return ${'"x" + '.repeat(20_000)} await g() }`;
  expect(lowered(code)).toContain(`"x" +  (yield* $w_await(($w_d.f = g, g()))) }`);
});

describe("the source map", () => {
  const code = `const a = 1;\nexport async function load(url) {\n  const text = await read(url, a); return text.length;\n}\n`;

  test("gives the columns of what was kept, and the place of what was written", () => {
    const result = lowerAsync(code, { file: "a.mjs" });
    if (result === null) throw new Error("nothing to lower");
    const map = new SourceMap(result.map as never);
    const lines = result.code.split("\n");
    const columnsOf = (word: string, line: number): [number, number] => {
      const { originalLine, originalColumn } = map.findEntry(line, (lines[line] ?? "").indexOf(word)) as {
        originalLine: number;
        originalColumn: number;
      };
      return [originalLine, originalColumn];
    };
    const inSource = (word: string, line: number): [number, number] => [
      line,
      (code.split("\n")[line] ?? "").indexOf(word),
    ];
    expect(columnsOf("a = 1", 0)).toEqual(inSource("a = 1", 0));
    for (const word of ["read(url", "url, a", "length", "return"])
      expect(columnsOf(word, 2)).toEqual(inSource(word, 2));
    expect(columnsOf("$w_run", 1)).toEqual([1, code.split("\n")[1]?.indexOf("(url)")]);
    expect(result.map).toMatchObject({ version: 3, sources: ["a.mjs"], sourcesContent: [code] });
    expect(result.map).toBe(result.map);
  });
});

describe("bad input", () => {
  test.each([
    [1, {}, "expected a string, got 1"],
    [ASYNC, null, "options"],
    [ASYNC, { fil: "a.js" }, "there is no 'fil', only file, format"],
    [ASYNC, { file: 1 }, "Invalid file: expected a string, got 1"],
    [ASYNC, { format: "esm" }, `Invalid format: expected "module" or "commonjs", got 'esm'`],
  ])("is refused: %s %s", (code, options, message) => {
    expect(() => lowerAsync(code as string, options as object)).toThrow(TypeError);
    expect(() => lowerAsync(code as string, options as object)).toThrow(message);
  });

  test("what cannot be parsed is refused with its place", () => {
    expect(() => lowerAsync(`async function f() {\n  await ;\n}`, { file: "src/a.ts" })).toThrow(
      /^Cannot lower src\/a\.ts:2:9: /,
    );
    expect(() => lowerAsync(`await (`, {})).toThrow(SyntaxError);
  });

  test("what is left as it is is told with its place", () => {
    expect(lowerAsync(`async function f() {\n  eval("1"); }`, { file: "a.cjs" })?.warnings).toEqual([
      "a.cjs:2:3: async functions in what a direct eval evaluates are left as they are",
    ]);
    const decorated = `class C { async f(@x() a = 1) { await a; } async g() {} }`;
    const result = lowerAsync(decorated, { file: "c.ts" });
    expect(result?.code).toContain("async f(@x() a = 1) { await a; } g()");
    expect(result?.warnings).toEqual([
      "c.ts:1:18: a function with decorated parameters that are more than names is left as it is",
    ]);
  });
});

test("names of the source are told where stacks are to show them, before anything can be called", async () => {
  const code = `"use strict"; const fail = () => { throw new Error(); };
    const show = (f) => f().catch(({ stack }) => log(/at (?:async )?(\\S+)/.exec(stack.split("\\n")[2])[1]));
    class C { async method() { fail(); } static async own() { fail(); } async #hidden() { fail(); } call() { return this.#hidden(); } }
    for (const each of [declared, inside, block, () => new C().method(), C.own, () => new C().call()]) show(each);
    async function declared() { fail(); }
    async function inside() { "use strict"; return await late(); async function late() { fail(); } }
    async function block() { { async function nested() { fail(); } await nested(); } }`;
  const result = lowerAsync(code, { file: "names.cjs", names: true });
  const names = await logOf(result?.code ?? "");
  const found = names.map((name) => name.replace(/^.*\./, "")).sort();
  expect(found).toEqual(["#hidden", "declared", "late", "method", "nested", "own"]);
  expect(result?.code.split("\n")).toHaveLength(code.split("\n").length);
  expect(() => lowerAsync(code, { names: "all" as never })).toThrow("Invalid names: expected a boolean");
});

test("docs/transform.md shows what comes out", () => {
  const document = readFileSync(resolve(import.meta.dirname, "../../../docs/transform.md"), "utf8");
  const [source = "", result] = [...document.matchAll(/```js\n([^]*?)```/g)].map(([, code = ""]) => code);
  expect(lowerAsync(source, { file: "shop.js" })?.code).toBe(result);
});
