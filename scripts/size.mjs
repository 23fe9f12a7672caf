// `npm run size`: what the package adds to a program, minified and compressed, and what takes the space.
//
// Each entry is a small program, bundled with dist/ as a consumer's bundler does it. A budget is kilobytes (1,000
// bytes) of the compressed bundle: the size that it had, and a little. Who needs more raises it here,
// and says why. The latest: 1 kB for the host's contexts in tasks, callbacks, turns and reports, and for signals; 1 kB
// for the stacks of debug mode, which tell who awaits whom; 0.4 for delays that are late, in the core's choices.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { doorFiles } from "./doors.mjs";
import { exit, isMain, main, root } from "./exec.mjs";
import { setup } from "./setup.mjs";
import { encodeWasm, esbuildPlugin } from "./wasm-plugins.mjs";

const ENTRIES = [
  {
    name: "wasyncio, all of it",
    program: `import * as w from "wasyncio"; console.log(w);`,
    // Shields, races, exit stacks, deadlines that do not throw: 1.3 kB, of which a program has those that it names.
    // No option is taken that there is not, and the outside lets go of closed loops: 0.2; debug mode's stacks: 0.6;
    // cores that loops leave to each other: 0.2; mapConcurrently: 0.3; delays that are late, in the core: 0.1 more;
    // JavaScript's orders, and promises that cancelled readers leave to others: 0.1; a timeout is an
    // OSError: 0.1. Blocks in place: 0.2.
    budget: 41.8,
  },
  {
    name: "run, sleep, gather",
    program: `import { run, sleep, gather } from "wasyncio"; void run(() => gather(sleep(1), sleep(2)));`,
    // `run` and tasks follow abort signals, and a task knows whether it is shielded: 0.2 kB; a deadlock says what each
    // task waits for: 0.7; consoles show texts: 0.1;
    // a coroutine that is used twice, a cancel at any depth, and one reaction a promise: 1.3; cores that are left to
    // others: 0.2; choices of crowds: 0.2; delays that are late, in the core, and not for each timeout: 0.4.
    // A timeout is an OSError: 0.1; JavaScript's orders: 0.1. Timers in a run and a heap: 0.7; one file for the door,
    // of which bundlers leave out a little less: 0.2. Timers that keep no process alive, and that tests replace: 0.1;
    // the task that steps is looked up by who asks for it, and a host may make errors: 0.2; what a program forgot, in
    // debug mode: 0.1; futures whose methods promises hide: 0.1.
    budget: 30.6,
  },
  {
    name: "testing, all of it",
    program: `import * as t from "wasyncio/testing"; console.log(t);`,
    // As above; races that are where a failure begins: 0.8; histories, their check for linearizability, `eventually`:
    // 5.2, which no other program has; promises that are watched, and places that are kept once: 1; who holds locks and
    // how full queues are, in logs: 0.4; the coverage of a search: 0.7; timers that are late, and those that never
    // were: 1.1; who is deferred: 1.4; to tell idle wake-ups: 0.2; JavaScript's orders: 0.4;
    // which sleep of which task kept its place, and what is no later than a timeout: 0.4; to refuse the network: 0.2.
    budget: 69.1,
  },
  {
    name: "run + streams, all of it",
    program: `import { run } from "wasyncio"; import * as s from "wasyncio/streams"; console.log(run, s);`,
    // As above, and what came before an error of a reader is given: 0.1; sockets: 6.5, and TLS: 3.4, which those
    // who name none go without. Async functions are refused as handlers, and simulations refuse the network: 0.3.
    // Blocks in place, of deadlines: 0.1.
    budget: 51.4,
  },
  {
    name: "run + subprocess, all of it",
    program: `import { run } from "wasyncio"; import * as s from "wasyncio/subprocess"; console.log(run, s);`,
    // Streams, and transports over pipes; the host's own call is not in it.
    budget: 40,
  },
  {
    name: "run + executors, all of it",
    program: `import { run } from "wasyncio"; import * as e from "wasyncio/executors"; console.log(run, e);`,
    // 12 kB over `run`: pools, what their workers do, and the classes of all errors that may come from one. A job has a
    // key and an attempt, for queues: 0.1. Which argument cannot be copied: 0.2; what multiprocessing hooks into: 0.5.
    // Blocks in place, of deadlines: 0.1.
    budget: 43.6,
  },
  {
    name: "run + extras and a pool",
    program: `import { run } from "wasyncio"; import * as x from "wasyncio/extras"; import * as p from "wasyncio/pool";
      console.log(run, x, p);`,
    // 9 over `run`, with what they stand on: locks, groups, shields, timeouts, containers. Blocks in place: 0.1.
    budget: 39.4,
  },
  {
    name: "run + client, all of it",
    program: `import { run } from "wasyncio"; import * as c from "wasyncio/client"; console.log(run, c);`,
    // 21 kB over `run`: 13 of the client's own; a stream's reader, semaphores, timeouts, and what fetch takes.
    budget: 52,
  },
  {
    name: "run + multiprocessing, all of it",
    program: `import { run } from "wasyncio"; import * as m from "wasyncio/multiprocessing"; console.log(run, m);`,
    // Executors: 12; locks, values, queues, managers, processes, pools, and what is asked of a loop: 10.
    budget: 52.9,
  },
  {
    name: "run + a stream reader",
    program: `import { run } from "wasyncio"; import { StreamReader as R } from "wasyncio/streams"; console.log(run, R);`,
    budget: 33.6,
  },
  {
    name: "run + lowered modules",
    program: `import { run, sleep, gather } from "wasyncio";
      import { Promise, run as start, runAs, call, d, await_, pass, agen, yield_, yieldStar, aiter, stack, superOf } from "wasyncio/lowered";
      console.log(run, sleep, gather, Promise, start, runAs, call, d, await_, pass, agen, yield_, yieldStar, aiter, stack, superOf);`,
    // What the language needs is 5 at most beside "run, sleep, gather"; the host's timers and fetch by name: 1.2 more.
    // Rejections that nobody handles, reactions that are taken back, and callbacks of the host: 0.4; async generators
    // that run in place: 0.1. Steps of those without generators, room on the stack, methods that are hidden: 0.6.
    budget: 36.6,
  },
];

/** Bundles a program with our doors, in dist/ or in src/. Returns the text, and its bytes by file. */
async function bundle(program, folder) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: root },
    absWorkingDir: root,
    alias: doorFiles(folder),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    format: "esm",
    platform: "neutral",
    conditions: ["browser"],
    external: ["node:*"],
    target: "es2022",
    plugins: [esbuildPlugin],
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  return { text: outputFiles[0].text, inputs };
}

/** Measures an entry. The wasm stands in the bundle as text: it takes what a bundle without that lacks. */
async function measure({ name, program, budget }) {
  const { text } = await bundle(program, "dist");
  const rest = text.replace(encodeWasm(readFileSync(resolve(root, "build/core.wasm"))), "");
  const whole = sizeOf(text);
  const { minified, compressed } = sizeOf(rest);
  const wasm = { minified: whole.minified - minified, compressed: whole.compressed - compressed };
  // Which folder it comes from is lost in dist/, so that is asked of the sources.
  const { inputs } = await bundle(program, "src");
  return { name, budget, ...whole, wasm, folders: byFolder(inputs) };
}

function sizeOf(text) {
  return { minified: Buffer.byteLength(text), compressed: gzipSync(text, { level: 9 }).length };
}

/** Minified bytes by folder. */
function byFolder(inputs) {
  const folders = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const folder = path.endsWith(".wasm")
      ? "core.wasm, as text"
      : (/node_modules\/([^/]+)/.exec(path)?.[1] ?? path.replace(/\/?[^/]*$/, ""));
    if (bytesInOutput > 0) folders.set(folder, (folders.get(folder) ?? 0) + bytesInOutput);
  }
  folders.delete(""); // the program itself
  return folders;
}

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);

function printTable(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  console.log(`${lines.map((line) => line.map(pad).join("   ")).join("\n")}\n`);
}

function print(sizes) {
  printTable([
    ["kB", "minified", "of it wasm", "compressed", "of it wasm", "budget"],
    ...sizes.map(({ name, minified, compressed, wasm, budget }) => [
      name,
      ...[minified, wasm.minified, compressed, wasm.compressed].map(kilobytes),
      budget.toFixed(1),
    ]),
  ]);
  const total = (folder) => Math.max(...sizes.map(({ folders }) => folders.get(folder) ?? 0));
  const names = [...new Set(sizes.flatMap(({ folders }) => [...folders.keys()]))];
  names.sort((left, right) => total(right) - total(left));
  printTable([
    ["kB minified, by folder", ...sizes.map(({ name }) => name)],
    ...names.map((name) => [
      name,
      ...sizes.map(({ folders }) => (folders.has(name) ? kilobytes(folders.get(name)) : "-")),
    ]),
  ]);
}

/** Fails when a budget is exceeded. */
export async function checkSizes({ report = false } = {}) {
  const sizes = await Promise.all(ENTRIES.map(measure));
  if (report) print(sizes);
  const over = sizes.filter(({ compressed, budget }) => compressed > budget * 1000);
  if (over.length === 0) return;
  const words = over.map(({ name, compressed, budget }) => `${name}: ${kilobytes(compressed)} kB, budget ${budget} kB`);
  exit(`over the budget in scripts/size.mjs: ${words.join("; ")}`);
}

if (isMain(import.meta)) {
  await main("size", async () => {
    await setup();
    await checkSizes({ report: true });
  });
}
