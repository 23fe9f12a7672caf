// What lowered files run on: the loop, or the promises of the realm that they run in. Each is a script that every realm
// evaluates, since a realm has promises and errors of its own.

import { resolve } from "node:path";
import { type Plugin, build } from "esbuild";
import { doorFiles } from "../../scripts/doors.mjs";
import { root } from "../../scripts/exec.mjs";
import { esbuildPlugin } from "../../scripts/wasm-plugins.mjs";

/**
 * What the script's value is: what lowered files import, and how a test is run by it.
 *
 * `run` calls `start` with a function that ends the test, and tells of its end: once, with the error or with nothing.
 */
export interface Runner {
  readonly helpers: object;
  run(start: (end: (error?: unknown) => void) => void, isAsync: boolean, told: (error?: unknown) => void): void;
}

const ON_PROMISES = `
import * as helpers from "./test/support/host-helpers.ts";
export { helpers };
export function run(start, isAsync, told) {
  start(told);
  if (!isAsync) told();
}`;

const ON_LOOP = `
import * as helpers from "wasyncio/lowered";
import { Future } from "wasyncio";
import { simulate } from "wasyncio/testing";
export { helpers };
export function run(start, isAsync, told) {
  let outcome = null;
  const { status, error } = simulate(function* () {
    const ended = new Future();
    start((error) => {
      outcome ??= [error];
      if (!ended.done()) ended.setResult();
    });
    if (isAsync) yield* ended;
    else outcome ??= [];
  }, { debug: false, globals: "virtual", maxSteps: 20000 });
  // A test that has ended has passed, whatever becomes of the promises that nobody looks at.
  if (outcome === null) told(error ?? new Error(status));
  else told(outcome[0]);
}`;

const doors = doorFiles("dist");

/** The doors that the package has: a lowered program runs on the loop if that of its helpers is among them. */
export const hasLoop = "wasyncio/lowered" in doors;

const doorsPlugin: Plugin = {
  name: "doors",
  setup({ onResolve }) {
    onResolve({ filter: /^wasyncio(\/|$)/ }, ({ path }) => ({ path: doors[path] ?? "" }));
  },
};

/** The script of a runner. */
export async function scriptOf(runner: "loop" | "promises"): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: runner === "loop" ? ON_LOOP : ON_PROMISES, resolveDir: resolve(root) },
    tsconfigRaw: {}, // its paths lead to the sources
    bundle: true,
    write: false,
    format: "iife",
    globalName: "runner",
    platform: "neutral",
    conditions: ["generic"],
    target: "es2022",
    logOverride: { "ignored-bare-import": "silent" }, // a chunk that only stands there for the order
    plugins: [doorsPlugin, esbuildPlugin],
  });
  return `${outputFiles[0]?.text ?? ""}\nrunner`;
}
