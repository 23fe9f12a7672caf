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

/** Where others' callbacks come in that touch no loop, with who passes them on. */
const PASSED_ON = [
  "src/bullmq/lock-thread.ts", // a thread without a loop
  "src/bullmq/redis-queue.ts", // submissions.ts
  "src/postgres/driver.ts", // session.ts
  "src/serve/service.ts", // node-http, and web-sockets.ts
  "src/cli/serve.ts", // nobody: its log
];

test("what waits for the outside is called back by way of arrivals", () => {
  // Each place in which the outside gets a function of ours to call, where that touches a loop.
  const outside =
    /\.then\(\s*(?:\(value\)|fulfil)|onCollected\?\.\(|onInterrupt\?\.\(|addEventListener\("|\bpull: |\bcancel: |\.on\("/;
  const files = filesWith(outside).filter(
    (file) => !/^src\/(testing|timeline|vitest|node-http)\//.test(file) && !PASSED_ON.includes(file),
  );
  expect(files.sort()).toEqual([
    "src/bullmq/queue-worker.ts",
    "src/client/client-web-socket.ts",
    "src/edge/exchange.ts",
    "src/edge/stream-of.ts",
    "src/executors/job-server.ts",
    "src/multiprocessing/asking.ts",
    "src/postgres/session.ts",
    "src/runners/runner.ts",
    "src/runtime/abort.ts",
    "src/runtime/arrivals.ts",
    "src/runtime/reports.ts",
    "src/serve/node-cluster.ts",
    "src/serve/server-web-socket.ts",
    "src/serve/web-socket-pings.ts",
    "src/serve/worker.ts",
  ]);
  for (const file of files) expect(sources.get(file), file).toMatch(/\bdeliver\(|\bnew Source\b/);
});
