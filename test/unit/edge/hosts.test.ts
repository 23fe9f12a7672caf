// The crowd on the hosts that are not Node: one real process each, over real sockets. Hosts that are not installed are
// skipped.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, copyFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { esbuildPlugin } from "../../../scripts/wasm-plugins.mjs";
import { binaryOf } from "../../../scripts/engines.mjs";
import { PAGES } from "./crowd/clients.ts";
import { expectCrowdServed } from "./crowd/expect.ts";

const SEED = Number(process.env["WASYNCIO_SEED"] ?? 20_250_701);
const root = resolve(import.meta.dirname, "../../..");
const children: ChildProcess[] = [];

afterAll(() => children.forEach((child) => child.kill("SIGKILL")));

/** A server in a process of its own. */
interface Served {
  readonly url: string;
  /** What it has written to its standard error so far. */
  readonly log: string[];
}

/** Bundles the crowd's worker with the sources as they are now, as for a host. Returns the folder. */
async function bundle(host: string): Promise<string> {
  const folder = resolve(root, "build/edge", host);
  mkdirSync(resolve(folder, "program"), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ["test/unit/edge/crowd/worker.ts"],
    outfile: resolve(folder, "program/worker.mjs"),
    bundle: true,
    format: "esm",
    platform: "neutral",
    conditions: [host],
    target: "es2022",
    plugins: [esbuildPlugin],
    logLevel: "silent",
  });
  copyFileSync(resolve(root, "build/core.wasm"), resolve(folder, "core.wasm"));
  return folder;
}

/** Starts a command, and waits for the line with a port that it writes to a descriptor. */
async function start(command: readonly string[], cwd: string, descriptor: 1 | 3, port: RegExp): Promise<Served> {
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  children.push(child);
  const log: string[] = [];
  createInterface({ input: child.stderr as Readable }).on("line", (line) => log.push(line));
  const found = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdio[descriptor] as Readable }).on("line", (line) => {
      const match = port.exec(line);
      if (match !== null) resolve(match[1]);
    });
    child.on("close", (code) => reject(new Error(`${program} ended with ${code}: ${log.join("\n")}`)));
  });
  return { url: `http://127.0.0.1:${await found}`, log };
}

/** A program beside the bundle, which prints its port. */
async function startProgram(host: string, source: string, ...command: string[]): Promise<Served> {
  const folder = await bundle(host);
  writeFileSync(resolve(folder, "program/main.mjs"), `import { fetch } from "./worker.mjs";\n${source}\n`);
  return await start([...command, "program/main.mjs"], folder, 1, /^PORT (\d+)$/);
}

/** With the flag that tells a worker of clients that go away. */
const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "program/main.mjs", esModule = embed "program/main.mjs"),
      (name = "program/worker.mjs", esModule = embed "program/worker.mjs"),
      (name = "core.wasm", wasm = embed "core.wasm"),
    ],
    compatibilityDate = "2025-06-01",
    compatibilityFlags = ["enable_request_signal"],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

const HOSTS = {
  workerd: async (binary: string): Promise<Served> => {
    const folder = await bundle("workerd");
    writeFileSync(resolve(folder, "config.capnp"), CONFIG);
    writeFileSync(
      resolve(folder, "program/main.mjs"),
      `import { fetch } from "./worker.mjs";\nexport default { fetch };\n`,
    );
    return await start([binary, "serve", "config.capnp", "--control-fd=3"], folder, 3, /"listen".*"port":\s*(\d+)/);
  },
  deno: async (binary: string): Promise<Served> =>
    await startProgram(
      "deno",
      `Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log("PORT " + port) }, fetch);`,
      binary,
      "run",
      "--quiet",
      "--no-prompt",
      "--no-lock",
      "--no-config",
      "--allow-net",
    ),
  bun: async (binary: string): Promise<Served> =>
    await startProgram(
      "bun",
      `console.log("PORT " + Bun.serve({ port: 0, hostname: "127.0.0.1", fetch }).port);`,
      binary,
    ),
};

/** How many come to each host, what they ask for, and what reading a body fails with when its client has gone away. */
const CROWDS = {
  workerd: { loop: "request", requests: 10_000, pages: PAGES, connectionLost: /^Error: Network connection lost/ },
  // Deno 2.8.3 to 2.9.5 give no more of a request's body when its answer has begun (denoland/deno#36624).
  deno: {
    loop: "shared",
    requests: 1000,
    pages: PAGES.filter((page) => page !== "echo"),
    connectionLost: /^(BadResource|Http): /,
  },
  bun: { loop: "shared", requests: 600, pages: PAGES, connectionLost: undefined },
} as const;

describe.each(["workerd", "deno", "bun"] as const)("%s", (host) => {
  const binary = binaryOf(host);

  test.skipIf(binary === null)("serves a crowd, and nothing is left behind", async () => {
    const { url, log } = await HOSTS[host](binary as string);
    const { connectionLost, ...crowd } = CROWDS[host];
    await expectCrowdServed(host, url, { ...crowd, concurrency: 64, percentBrokenOff: 50, seed: SEED }, connectionLost);
    // Deno tells of each body that breaks off, though nobody is left to get it.
    expect(host === "deno" ? log.filter((line) => /rejection|Unhandled|InternalError/.test(line)) : log).toEqual([]);
  });
});
