// The stacks that engines write, and what is left of them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { CancelledError, InternalError } from "wasyncio";
import { esbuildPlugin } from "../../../scripts/wasm-plugins.mjs";
import { ofProgram, readFrames } from "../../../src/support/engine-frames.ts";
import { rewriteStack } from "../../../src/support/error-stack.ts";
import { StackFrame, ownFile } from "../../../src/support/stack.ts";
import { root, start } from "../../support/processes.ts";

const waiting = [
  new StackFrame("main", "https://app/main.js", 7, 5),
  new StackFrame("(anonymous)", "https://app/a.js", 1, 2),
];

/** The lines of a stack when it has been rewritten. */
function rewritten(stack: string, message = ""): string[] {
  const error = new Error(message);
  error.stack = stack;
  rewriteStack(error, waiting);
  return String(error.stack).split("\n");
}

test("V8's stack is cut where the step of the task begins, and loses V8's own lines", () => {
  const stack = [
    "Error: two",
    "    at lines",
    "    at query (https://app/db.js:3:4)",
    "    at query.next (<anonymous>)",
    "    at Array.map (<anonymous>)",
    "    at https://app/main.js:5:6",
    "    at resumeCoroutine (https://lib/chunk.js:1:1)",
    "    at turn (https://lib/chunk.js:2:2)",
  ];
  expect(rewritten(stack.join("\n"), "two\n    at lines")).toEqual([
    "Error: two",
    "    at lines",
    "    at query (https://app/db.js:3:4)",
    "    at Array.map (<anonymous>)",
    "    at https://app/main.js:5:6",
    "    at async main (https://app/main.js:7:5)",
    "    at async https://app/a.js:1:2",
  ]);
});

test("stacks of other engines keep their form", () => {
  const stack =
    "query@https://app/db.js:3:4\nresumeCoroutine@https://lib/chunk.js:1:1\nturn@https://lib/chunk.js:2:2\n";
  expect(rewritten(stack)).toEqual([
    "query@https://app/db.js:3:4",
    "async main@https://app/main.js:7:5",
    "async @https://app/a.js:1:2",
  ]);
});

test("an error without frames gets those that wait, and one without a stack its text", () => {
  const lines = ["    at async main (https://app/main.js:7:5)", "    at async https://app/a.js:1:2"];
  expect(rewritten("Error: no frames", "no frames")).toEqual(["Error: no frames", ...lines]);
  const error = new RangeError("none");
  Object.defineProperty(error, "stack", { value: undefined, configurable: true });
  rewriteStack(error, waiting);
  expect(String(error.stack).split("\n")).toEqual(["RangeError: none", ...lines]);
});

test("what Node runs a program in is left out, and what the program calls of Node's is not", () => {
  const stack = [
    "Error",
    "    at readFileSync (node:fs:440:20)",
    "    at query (https://app/db.js:3:4)",
    "    at AsyncLocalStorage.run (node:internal/async_local_storage/async_context_frame:63:14)",
    "    at AsyncLocalStorage.run (node:async_hooks:346:14)",
  ];
  expect(rewritten(stack.join("\n")).slice(0, -waiting.length)).toEqual(stack.slice(0, 3));
});

test("what a program has written behind the frames stays behind them", () => {
  const details = ["Details: see the log", "  of midnight", "", "resumeCoroutine"];
  const v8 = ["Error", "    at query (https://app/db.js:3:4)", "    at resumeCoroutine (https://lib/chunk.js:1:1)"];
  const v8Lines = ["    at async main (https://app/main.js:7:5)", "    at async https://app/a.js:1:2"];
  expect(rewritten([...v8, ...details].join("\n"))).toEqual([...v8.slice(0, 2), ...v8Lines, ...details]);
  const other = ["query@https://app/db.js:3:4", "map@[native code]", "resumeCoroutine@https://lib/chunk.js:1:1", "a"];
  const otherLines = ["async main@https://app/main.js:7:5", "async @https://app/a.js:1:2"];
  expect(rewritten([...other, ...details].join("\n"))).toEqual([...other.slice(0, 2), ...otherLines, ...details]);
});

test("a message that has changed since the stack was made hides no frame", () => {
  const error = new Error("short");
  error.stack = "Error: short\n    at query (https://app/db.js:3:4)\n    at resumeCoroutine (https://lib/chunk.js:1:1)";
  error.message = "a message that is longer than the stack ".repeat(5);
  rewriteStack(error, []);
  expect(error.stack).toBe("Error: short\n    at query (https://app/db.js:3:4)");
});

test("a fault of the library's keeps the library's frames, a cancellation has none rather than these alone", () => {
  const frames = ["    at next (LIBRARY)", "    at turn (LIBRARY)"].map((line) =>
    line.replace("LIBRARY", `${ownFile()}:1:2`),
  );
  const rewrittenAs = (error: Error, waits: readonly StackFrame[]): string[] => {
    error.stack = [error.name, ...frames].join("\n");
    rewriteStack(error, waits);
    return String(error.stack).split("\n").slice(1);
  };
  expect(rewrittenAs(new InternalError("lost"), waiting).slice(0, 2)).toEqual(frames);
  expect(rewrittenAs(new RangeError("made by a timer"), [])).toEqual(frames);
  expect(rewrittenAs(new RangeError("awaited"), waiting)).toHaveLength(waiting.length);
  expect(rewrittenAs(new CancelledError(), [])).toEqual([]);
});

test("nothing is taken for the library's where others may be in its file or beside it", () => {
  const frames = readFrames([
    "    at fail (https://app/node_modules/.vite/deps/other.js:1:2)",
    "    at load (https://app/node_modules/.vite/deps/wasyncio.js:3:4)",
  ]).filter((frame) => frame !== null);
  const folder = "https://app/node_modules/.vite/deps";
  for (const own of [
    `${folder}/wasyncio.js`,
    "https://app/support/main.js",
    "https://app/dist/wasyncio-Dk3_x9aB.js",
    "https://app/wasyncio-library.js",
    "",
  ])
    expect(ofProgram(frames, own)).toBe(null);
  expect(ofProgram(frames, `${folder}/dist/wasyncio-library.js`)).toEqual(frames);
});

describe("in a bundle with the program", () => {
  /** The functions that are named in the stack of what a program in a bundle fails with. */
  async function namesIn(
    program: string,
    external?: { readonly file: string; readonly text: string },
  ): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), "wasyncio-bundle-"));
    const outfile = join(folder, "bundle/program.mjs");
    if (external !== undefined) writeFileSync(join(folder, external.file), external.text);
    const printing = "run(main, { debug: true }).catch(({ stack }) => console.log(stack));";
    await build({
      absWorkingDir: root,
      stdin: {
        contents: `import { gather, run, sleep } from "./src/index.ts";\n${program}\n${printing}`,
        resolveDir: root,
      },
      outfile,
      bundle: true,
      external: external === undefined ? [] : [`../${external.file}`],
      format: "esm",
      platform: "neutral",
      conditions: ["node"],
      target: "es2022",
      plugins: [esbuildPlugin],
      logLevel: "silent",
    });
    const { stdout } = await start([process.execPath, outfile], { env: {} }).ended;
    rmSync(folder, { recursive: true, force: true });
    return [...stdout.matchAll(/^ {4}at (.*?) \(/gm)].map(([, name = ""]) => name);
  }

  test("those who wait are told by their coroutines", async () => {
    const program = `
      function* load() {
        yield* sleep(0);
        throw new RangeError("the reason");
      }
      function* main() {
        yield* gather(load());
      }`;
    expect(await namesIn(program)).toEqual(["load", "async main"]);
  });

  test("the program's frames stay beside those of a module that is not in it", async () => {
    const program = `
      import { fail } from "../database.mjs";
      function* load() {
        yield* sleep(0);
        fail();
      }
      function* main() {
        yield* gather(load());
      }`;
    const text = "export function fail() { throw new RangeError('the reason'); }";
    expect(await namesIn(program, { file: "database.mjs", text })).toEqual(["fail", "load", "async main"]);
  });
});
