// The stacks that engines write, and what is left of them.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { esbuildPlugin } from "../../../scripts/wasm-plugins.mjs";
import { rewriteStack } from "../../../src/support/error-stack.ts";
import { StackFrame } from "../../../src/support/stack.ts";
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

test("in a bundle with the program, those who wait are told by their coroutines", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-bundle-"));
  const program = `
    import { gather, run, sleep } from "./src/index.ts";
    function* load() {
      yield* sleep(0);
      throw new RangeError("the reason");
    }
    function* main() {
      yield* gather(load());
    }
    run(main, { debug: true }).catch(({ stack }) => console.log(stack));`;
  const outfile = join(folder, "program.mjs");
  const stdin = { contents: program, resolveDir: root };
  await build({
    absWorkingDir: root,
    stdin,
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: ["node"],
    target: "es2022",
    plugins: [esbuildPlugin],
    logLevel: "silent",
  });
  const { stdout } = await start([process.execPath, outfile], { env: {} }).ended;
  rmSync(folder, { recursive: true, force: true });
  const names = [...stdout.matchAll(/^ {4}at (.*?) \(/gm)].map(([, name]) => name);
  expect(names).toEqual(["load", "async main"]);
});
