// What a program can read that is another thing in each run: random numbers, clocks, the machine, files, other threads.

import { execFileSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { runInThisContext } from "node:vm";
import { type MessagePort, MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";

/** Something to read. */
export interface Reading {
  readonly name: string;
  /** Gives another value than the time before. */
  readonly read: () => unknown;
}

const PATIENCE_MS = 20_000;

/** Reads until it is another value than the last: clocks and counters may stand still between two runs. */
function changing<T>(read: () => T): () => T {
  let last: T | undefined;
  return () => {
    const end = performance.now() + PATIENCE_MS;
    let value = read();
    while (value === last) {
      if (performance.now() > end) throw new Error(`Cannot go on: it stays at ${last}`);
      value = read();
    }
    return (last = value);
  };
}

/** Takes some memory, for a while. */
function allocate(): void {
  if (hoard.push(Buffer.alloc(1 << 16, 1)) > 100) hoard.length = 0;
}
const hoard: Buffer[] = [];

const folder = mkdtempSync(join(tmpdir(), "wasyncio-readings-"));
let files = 0;

/** A file that is new each time, with a line in it. */
function newFile(): string {
  const file = join(folder, `file-${files++}`);
  writeFileSync(file, "line\n");
  return file;
}

/** Text of the error for a file that is not there, in a folder with a random name. */
function messageWithPath(): string {
  try {
    return readFileSync(join(mkdtempSync(join(folder, "missing-")), "file"), "utf8");
  } catch (error) {
    return String(error);
  }
}

let symbols = 0;
let compiled = 0;

/** Stack of an error in code that was compiled under a name of its own, as templates are. */
function stackOfCompiled(): string {
  return String(runInThisContext('new Error("x").stack', { filename: `template-${++compiled}.js` }));
}

/** A time of day in a time zone that changes with the environment. */
function localTime(): string {
  process.env["TZ"] = process.env["TZ"] === "Asia/Tokyo" ? "America/Lima" : "Asia/Tokyo";
  return new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "long" }).format(0);
}
const timeZone = process.env["TZ"];

// Another thread: it counts in shared memory, and sends what it has counted.
const shared = new Int32Array(new SharedArrayBuffer(4));
const { port1: here, port2: there } = new MessageChannel();
let thread: Worker | null = null;

/** Starts the thread, once. */
function startThread(): void {
  thread ??= new Worker(
    `const { workerData: { shared, port } } = require("node:worker_threads");
     for (;;) { port.postMessage(Atomics.add(shared, 0, 1)); Atomics.notify(shared, 0); Atomics.wait(shared, 0, -1, 1); }`,
    { eval: true, workerData: { shared, port: there }, transferList: [there] },
  );
}

function receive(port: MessagePort): unknown {
  const received: { message: unknown } | undefined = receiveMessageOnPort(port);
  return received?.message;
}

/** Ends the thread, removes the files, and puts the time zone back. */
export async function cleanUp(): Promise<void> {
  await thread?.terminate();
  here.close();
  rmSync(folder, { recursive: true, force: true });
  if (timeZone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = timeZone;
}

export const READINGS: readonly Reading[] = [
  // Random numbers.
  { name: "Math.random", read: () => Math.random() },
  { name: "crypto.randomUUID", read: () => crypto.randomUUID() },
  { name: "crypto.getRandomValues", read: () => crypto.getRandomValues(new Uint32Array(4)).join() },
  { name: "randomBytes of node:crypto", read: () => randomBytes(16).toString("hex") },
  { name: "randomInt of node:crypto", read: () => randomInt(2 ** 47) },
  {
    name: "a sort with a random comparison",
    read: () =>
      Array.from({ length: 40 }, (_, index) => index)
        .sort(() => Math.random() - 0.5)
        .join(),
  },
  {
    name: "a sort by random ids",
    read: () =>
      Array.from({ length: 40 }, (_, index) => ({ index, id: crypto.randomUUID() }))
        .sort((left, right) => (left.id < right.id ? -1 : 1))
        .map(({ index }) => index)
        .join(),
  },

  // Clocks.
  { name: "Date.now", read: changing(() => Date.now()) },
  { name: "new Date", read: changing(() => new Date().toISOString()) },
  { name: "performance.now", read: changing(() => performance.now()) },
  { name: "process.hrtime.bigint", read: changing(() => process.hrtime.bigint()) },
  { name: "process.uptime", read: changing(() => process.uptime()) },

  // The process and the machine.
  { name: "process.cpuUsage", read: changing(() => process.cpuUsage().user) },
  { name: "process.memoryUsage", read: changing(() => (allocate(), process.memoryUsage().arrayBuffers)) },
  { name: "the statistics of the heap", read: changing(() => (allocate(), getHeapStatistics().used_heap_size)) },
  { name: "freemem of node:os", read: changing(() => (allocate(), freemem())) },
  { name: "the number of a new process", read: () => execFileSync("/bin/sh", ["-c", "echo $$"], { encoding: "utf8" }) },
  { name: "a time in the time zone of the environment", read: changing(localTime) },

  // Files.
  { name: "the time of a file", read: changing(() => statSync(newFile(), { bigint: true }).mtimeNs) },
  { name: "the name of a temporary folder", read: () => mkdtempSync(join(folder, "temporary-")) },
  { name: "the message of an error with a path", read: messageWithPath },
  { name: "the files in a folder", read: () => (newFile(), readdirSync(folder).length) },

  // Other threads.
  { name: "shared memory", read: changing(() => (startThread(), Atomics.load(shared, 0))) },
  { name: "messages of another thread", read: changing(() => (startThread(), receive(here))) },

  // Numbers that the process counts on.
  { name: "the description of a symbol", read: () => Symbol(`symbol-${++symbols}`).toString() },
  { name: "the text of a stack", read: stackOfCompiled },
  {
    name: "entries of performance.mark",
    read: () => (performance.mark("run"), performance.getEntriesByName("run").length),
  },
];
