// One entrance for the outside: nothing but src/runtime/arrivals.ts wakes a loop, and what host code calls back goes
// through it.

import { expect, test } from "vitest";
import { readSources } from "../support/imports.ts";

const sources = readSources("src");

/** The files with a text, hosts and their interface left out. */
function filesWith(text: RegExp): string[] {
  const found = [...sources].filter(([, source]) => text.test(source.replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "")));
  return found.map(([file]) => file).filter((file) => !/^src\/(hosts|drivers)\//.test(file));
}

test("nothing else asks a host for a turn because something came", () => {
  expect(filesWith(/\bwakeSoon\(/)).toEqual(["src/runtime/arrivals.ts"]);
});

test("the pump alone asks for the next turn of a loop that goes on, or that waits for a deadline", () => {
  expect(filesWith(/\b(yieldTurn|wakeAt)\(/)).toEqual(["src/runtime/pump.ts"]);
});

test("only arrivals post sources in the core, and only the pump rests", () => {
  expect(filesWith(/\bcore\.(openSource|post|closeSource)\(/)).toEqual(["src/runtime/arrivals.ts"]);
  expect(filesWith(/\bcore\.rest\(/)).toEqual(["src/runtime/pump.ts"]);
});

test("what waits for the outside is called back by way of arrivals", () => {
  // Each place in which the outside gets a function of ours to call, where that touches a loop.
  const outside =
    /\.then\(\s*(?:\(value\)|fulfil)|onCollected\?\.\(|onInterrupt\?\.\(|addEventListener\("abort"|\bpull: |\bcancel: |\.on\("/;
  const files = filesWith(outside).filter(
    (file) => !/^src\/(testing|timeline|vitest|node-http)\/|postgres\/driver\.ts/.test(file),
  );
  expect(files).toEqual([
    "src/edge/exchange.ts",
    "src/edge/stream-of.ts",
    "src/executors/job-server.ts",
    "src/multiprocessing/asking.ts",
    "src/postgres/session.ts",
    "src/runners/runner.ts",
    "src/runtime/abort.ts",
    "src/runtime/arrivals.ts",
    "src/runtime/reports.ts",
  ]);
  for (const file of files) expect(sources.get(file), file).toMatch(/\bdeliver\(/);
});
