// Builds the package: assembly/ to build/core.wasm, src/ with that core inside to dist/.
// `--debug` compiles the core with its assertions and names and without optimization.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { bareDoors, commands, doors, needsNode, ownImports, peers, sourceOf } from "./doors.mjs";
import { exec, exit, isMain, main, root } from "./exec.mjs";
import { generate } from "./generate.mjs";
import { esbuildPlugin } from "./wasm-plugins.mjs";

const INPUTS = [
  "assembly",
  "src",
  "scripts/build.mjs",
  "scripts/generate.mjs",
  "scripts/doors.mjs",
  "scripts/generate-abi.mjs",
  "scripts/generate-exports.mjs",
  "scripts/page-plugins.mjs",
  "scripts/wasm-plugins.mjs",
  "asconfig.json",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
];
const STAMP = resolve(root, "build/inputs.sha256");

/** True when what build() would read is what the last successful build has read. */
export function isFresh() {
  return (
    existsSync(STAMP) &&
    existsSync(resolve(root, "dist/index.js")) &&
    existsSync(resolve(root, "build/core.wasm")) &&
    readFileSync(STAMP, "utf8") === hashInputs()
  );
}

export async function build({ debug = false } = {}) {
  const started = performance.now();
  console.log(`build: ${debug ? "debug core" : "core"}, bundles, declarations`);
  mkdirSync(resolve(root, "build"), { recursive: true });
  rmSync(STAMP, { force: true });
  rmSync(resolve(root, "dist"), { recursive: true, force: true });
  await generate();
  const inputs = hashInputs();

  // Declarations need no wasm, so they are made meanwhile; their errors must not hide those of the core.
  const declarations = declare().then(
    () => null,
    (error) => error,
  );
  await buildCore(debug);
  await bundle();
  const failure = await declarations;
  if (failure) throw failure;

  // A debug core counts as stale, so that the next `npm start` does not run on it.
  if (!debug) writeFileSync(STAMP, inputs);
  const bytes = readFileSync(resolve(root, "build/core.wasm")).length;
  console.log(`build: done in ${((performance.now() - started) / 1000).toFixed(1)} s, core.wasm ${bytes} bytes`);
}

async function buildCore(debug) {
  await exec("asc", ["--target", debug ? "debug" : "release"]);
  if (debug) return copyFileSync(resolve(root, "build/core.asc.wasm"), resolve(root, "build/core.wasm"));
  // asc inlines little at shrinkLevel 1 (a timer heap four times slower); wasm-opt makes up for it. It reads the text,
  // which has the functions' names, and not the types of the exports, which as-bind needs and the core does not.
  const features = ["bulk-memory", "bulk-memory-opt", "sign-ext", "mutable-globals"].map((name) => `--enable-${name}`);
  // Larger functions than by default are inlined: a step a third faster, for 0.7 kB compressed. But not the library's,
  // which only inspections call, and not what only searches do.
  const inlining = ["--always-inline-max-function-size", "60", "--flexible-inline-max-function-size", "60"];
  const searching = ["collect*", "isDueTimer", "keepWindowFor", "noteTimer"];
  const apart = ["~lib/*", ...searching.map((name) => `assembly/choices/${name}`)];
  const text = readFileSync(resolve(root, "build/core.wat"), "utf8");
  const unknown = apart.filter((name) => !text.includes(`(func $${name.replace("*", "")}`));
  if (unknown.length > 0) throw new Error(`build/core.wat has no function ${unknown.join(", ")}`);
  const options = [...apart.map((name) => `--no-inline=${name}`), "-O3", ...inlining, ...features];
  await exec("wasm-opt", ["build/core.wat", ...options, "-o", "build/core.wasm"]);
}

/** The sources of what the package imports of itself: the hosts, and the ways to get the core. */
const hostFiles = Object.values(ownImports).flatMap((targets) => Object.values(targets).map(sourceOf));
/** The sources of all scripts that package.json names. */
const entries = [...commands.map(sourceOf), ...doors.map(({ source }) => source), ...hostFiles];

/**
 * One entry for each door, with shared chunks: all must see the same runtime. One for each host, and for each way to
 * get the core: which of them it is stays open in the bundle, and is said by the conditions in package.json's
 * "imports". Commands import the doors by their names, as programs do.
 */
async function bundle() {
  const { metafile } = await esbuild
    .build({
      absWorkingDir: root,
      entryPoints: entries,
      outbase: "src",
      outdir: "dist",
      chunkNames: "wasyncio-[hash]", // by which debug mode knows the library's frames
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "neutral",
      external: ["node:*", "cloudflare:*", ...Object.keys(ownImports), ...peers, ...doors.map(({ name }) => name)],
      target: "es2022",
      minifySyntax: true, // folds the constants of src/core/abi.ts into the drive loop
      sourcemap: true,
      metafile: true,
      plugins: [esbuildPlugin],
    })
    .catch(({ errors }) => exit(`bundling failed with ${errors.length} errors`));
  for (const file of Object.keys(metafile.outputs)) if (file.endsWith(".map")) markAsLibrary(resolve(root, file));
  copyFileSync(resolve(root, "build/core.wasm"), resolve(root, "dist/core.wasm"));
}

/** Says in a source map that no source is the program's: debuggers hide the frames of those, and step over them. */
function markAsLibrary(file) {
  const map = JSON.parse(readFileSync(file, "utf8"));
  const all = map.sources.map((_, index) => index);
  const olderName = { x_google_ignoreList: all };
  writeFileSync(file, JSON.stringify({ ...map, ignoreList: all, ...olderName }));
}

/**
 * Writes the declarations, then checks that what is not Node's alone compiles without its types: src/ is for every
 * host.
 */
async function declare() {
  await exec("tsc", ["-p", "tsconfig.build.json"]);
  const bare = [...bareDoors.map(({ source }) => source), ...hostFiles.filter((file) => !needsNode(file))];
  const files = bare.map((file) => resolve(root, file));
  const include = ["../src/**/*.d.ts"]; // what only bundlers can import
  const config = { extends: "../tsconfig.build.json", compilerOptions: { types: [], noEmit: true }, include, files };
  writeFileSync(resolve(root, "build/tsconfig.bare.json"), JSON.stringify(config));
  await exec("tsc", ["-p", "build/tsconfig.bare.json"]);
}

function hashInputs() {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap(listFiles)) {
    hash.update(`${file}\0`);
    hash.update(readFileSync(resolve(root, file)));
  }
  return hash.digest("hex");
}

function listFiles(path) {
  if (/\.\w+$/.test(path)) return [path];
  const entries = readdirSync(resolve(root, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

if (isMain(import.meta)) await main("build", () => build({ debug: process.argv.includes("--debug") }));
