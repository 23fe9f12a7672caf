// The suite for a host: one bundle over dist/, made as a user's bundler makes it, under the conditions of the host.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { type Plugin, build } from "esbuild";
import { asBindPlugin } from "../../scripts/wasm-plugins.mjs";
import { loweredPrograms } from "./lowered-programs.ts";

export const root = resolve(import.meta.dirname, "../..");
/** Where all is put that the hosts are to run. */
export const work = resolve(root, "build/hosts");

/** Hosts by their names in package.json's "imports"; "default" is the one that is taken where none of them is. */
export type Condition = "node" | "deno" | "bun" | "browser" | "workerd" | "default";

/** How a build is broken on purpose: what its delays depend on beside what the program says. */
export type Fault = "Math.log" | "the clock";

const NOISE: Record<Fault, string> = {
  // The last bits of a logarithm: engines differ there.
  "Math.log": "(Math.log(1 + ++calls / 7) * 2 ** 49) % 8",
  "the clock": "(Date.now() + performance.now() * 1000) % 8",
};

/** Bundles the suite into a folder of its own, with what it needs beside it. Returns the folder. */
export async function bundleSuite(condition: Condition, fault?: Fault): Promise<string> {
  const folder = join(work, fault === undefined ? condition : `${condition} broken by ${fault}`);
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["test/hosts/suite/index.ts"],
    tsconfigRaw: {}, // its paths lead to the sources
    outfile: join(folder, "suite.mjs"),
    bundle: true,
    metafile: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"], // fast-check's own packages need it
    conditions: condition === "default" ? [] : [condition],
    external: ["node:*", "cloudflare:*"],
    logOverride: { "ignored-bare-import": "silent" }, // a chunk that only stands there for the order
    keepNames: true, // facts are about functions and classes by their names
    target: "es2022",
    plugins: [
      tracesPlugin,
      loweredPlugin,
      wasmFilePlugin,
      asBindPlugin,
      ...(fault === undefined ? [] : [breaking(fault)]),
    ],
  });
  const hosts = Object.keys(metafile.inputs).filter((path) => /^dist\/hosts\/\w+\/clock\.js$/.test(path));
  const expected = `dist/hosts/${condition === "default" ? "generic" : condition}/clock.js`;
  if (hosts.join() !== expected) throw new Error(`the bundle has ${hosts.join()} in it, expected ${expected}`);
  copyFileSync(resolve(root, "dist/core.wasm"), join(folder, "core.wasm"));
  return folder;
}

/** Writes a program beside a bundle. Returns its file. */
export function writeProgram(folder: string, name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

/** The traces of CPython, unpacked. */
const tracesPlugin: Plugin = {
  name: "traces",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^traces$/ }, () => ({ path: resolve(import.meta.dirname, "data/traces.json.br") }));
    onLoad({ filter: /\.json\.br$/ }, ({ path }) => ({
      contents: brotliDecompressSync(readFileSync(path)),
      loader: "json",
    }));
  },
};

/** The same for each bundle. */
let programs: string | undefined;

/** Async functions, lowered, and what they do as they stand. */
const loweredPlugin: Plugin = {
  name: "lowered programs",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^lowered programs$/ }, ({ path }) => ({ path, namespace: "lowered" }));
    onLoad({ filter: /./, namespace: "lowered" }, () => ({
      contents: (programs ??= loweredPrograms()),
      loader: "js",
      resolveDir: import.meta.dirname,
    }));
  },
};

/** Leaves a wasm module to the host, as bundlers for workerd do. */
const wasmFilePlugin: Plugin = {
  name: "wasm file",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, () => ({ path: "./core.wasm", external: true }));
  },
};

const DELAYS = "function secondsOf(";

/** Makes delays depend on what they must not depend on. */
function breaking(fault: Fault): Plugin {
  const broken = readdirSync(resolve(root, "dist")).find(
    (file) => file.endsWith(".js") && readFileSync(resolve(root, "dist", file), "utf8").includes(DELAYS),
  );
  if (broken === undefined) throw new Error(`no file in dist/ has "${DELAYS}": there is nothing to break`);
  const noisy = `let calls = 0;
const secondsOf = (delay, what) => exactSeconds(delay, what) + (${NOISE[fault]}) * 1e-6;
function exactSeconds(`;
  return {
    name: "broken",
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]dist[\\/][^\\/]+\.js$/ }, ({ path }) =>
        path === resolve(root, "dist", broken)
          ? { contents: readFileSync(path, "utf8").replace(DELAYS, noisy), loader: "js" }
          : null,
      );
    },
  };
}
