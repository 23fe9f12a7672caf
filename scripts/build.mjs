// Builds the package: assembly/ to build/core.wasm, src/ with that core inside to dist/.
// `--debug` compiles the core with its assertions and names and without optimization.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";
import { bareDoors, commands, doors, needsNode, ownImports, peers, sourceOf } from "./doors.mjs";
import { exec, isMain, main, root } from "./exec.mjs";
import { generate } from "./generate.mjs";
import { wasmPlugin } from "./wasm-plugins.mjs";

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
/** What the core is made from. */
const CORE_INPUTS = ["assembly", "asconfig.json", "package-lock.json", "scripts/build.mjs"];
const CORE_STAMP = resolve(root, "build/core.sha256");

/** True when what build() would read is what the last successful build has read. */
export function isFresh() {
  return (
    existsSync(STAMP) &&
    existsSync(resolve(root, "dist/index.js")) &&
    existsSync(resolve(root, "build/core.wasm")) &&
    readFileSync(STAMP, "utf8") === hashOf(INPUTS)
  );
}

export async function build({ debug = false } = {}) {
  const started = performance.now();
  console.log(`build: ${debug ? "debug core" : "core"}, bundles, declarations`);
  mkdirSync(resolve(root, "build"), { recursive: true });
  rmSync(STAMP, { force: true });
  rmSync(resolve(root, "dist"), { recursive: true, force: true });
  await generate();
  const inputs = hashOf(INPUTS);

  // Declarations need no wasm, so they are made meanwhile; their errors must not hide those of the core.
  const declarations = declare().then(
    () => null,
    (error) => error,
  );
  await refreshCore(debug);
  await bundle();
  const failure = await declarations;
  if (failure) throw failure;

  // A debug core counts as stale, so that the next `npm start` does not run on it.
  if (!debug) writeFileSync(STAMP, inputs);
  const bytes = readFileSync(resolve(root, "build/core.wasm")).length;
  console.log(`build: done in ${((performance.now() - started) / 1000).toFixed(1)} s, core.wasm ${bytes} bytes`);
}

/** Compiles the core, unless the one that is there was made from the same. */
async function refreshCore(debug) {
  const inputs = `${debug ? "debug " : ""}${hashOf(CORE_INPUTS)}`;
  const isThere = existsSync(CORE_STAMP) && readFileSync(CORE_STAMP, "utf8") === inputs;
  if (isThere) return;
  rmSync(CORE_STAMP, { force: true });
  await buildCore(debug);
  writeFileSync(CORE_STAMP, inputs);
}

async function buildCore(debug) {
  await exec("asc", ["--target", debug ? "debug" : "release"]);
  if (debug) copyFileSync(resolve(root, "build/core.asc.wasm"), resolve(root, "build/core.wasm"));
  else await optimizeCore();
  const text = readFileSync(resolve(root, "build/core.wasm"), "base64");
  writeFileSync(resolve(root, "build/core.base64.js"), `export default "${text}";\n`);
}

async function optimizeCore() {
  // asc inlines little at shrinkLevel 1 (a timer heap four times slower); wasm-opt makes up for it. It reads the text,
  // which has the functions' names, and not the types of the exports, which as-bind needs and the core does not.
  const features = ["bulk-memory", "bulk-memory-opt", "sign-ext", "mutable-globals"].map((name) => `--enable-${name}`);
  // Larger functions than by default are inlined: a step a third faster, for 0.7 kB compressed. But not the library's,
  // which only inspections call, and not what only searches do, or what is done to many timers at once.
  const inlining = ["--always-inline-max-function-size", "60", "--flexible-inline-max-function-size", "60"];
  const searching = ["collect*", "isDueTimer", "keepWindowFor", "noteTimer"];
  const many = ["timer-sort/*", "timer-run/mergeIntoRun", "timers/compact", "timers/mergeHeap", "timer-heap/siftDown"];
  const own = [...searching.map((name) => `choices/${name}`), ...many];
  const apart = ["~lib/*", ...own.map((name) => `assembly/${name}`)];
  const text = readFileSync(resolve(root, "build/core.wat"), "utf8");
  const unknown = apart.filter((name) => !text.includes(`(func $${name.replace("*", "")}`));
  if (unknown.length > 0) throw new Error(`build/core.wat has no function ${unknown.join(", ")}`);
  const options = [...apart.map((name) => `--no-inline=${name}`), "-O3", ...inlining, ...features];
  await exec("wasm-opt", ["build/core.wat", ...options, "-o", "build/core.wasm"]);
}

/** The sources of what the package imports of itself: the hosts, and the ways to get the core. */
const hostFiles = Object.values(ownImports).flatMap((targets) => Object.values(targets).map(sourceOf));
/** The sources of all scripts that package.json names. */
const entries = [...doors.map(({ source }) => source), ...hostFiles, ...commands];

/**
 * One entry for each door, and all that the main door needs in one file: all must see the same runtime, and whatever
 * links modules takes its time for each. One for each host, and for each way to get the core: which of them it is stays
 * open in the bundle, and is said by the conditions in package.json's "imports". Commands import the doors by their
 * names, as programs do.
 */
async function bundle() {
  const bundled = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((file) => [file.replace(/^src\/|\.ts$/g, ""), file])),
    platform: "neutral",
    external: [/^(node|cloudflare):/, ...Object.keys(ownImports), ...peers, ...doors.map(({ name }) => name)],
    plugins: [wasmPlugin],
  });
  let library;
  const groupOf = (module, bundling) => {
    library ??= modulesOf(resolve(root, "src/index.ts"), bundling);
    return library.has(module) ? "library" : null;
  };
  const { output } = await bundled.write({
    dir: "dist",
    format: "esm",
    chunkFileNames: "wasyncio-[name].js", // by which debug mode knows the library's frames
    codeSplitting: { groups: [{ name: groupOf, debugName: "library" }] },
    minify: {
      compress: { keepNames: { function: true, class: true } }, // folds the constants of src/core/abi.ts into the loop
      mangle: false,
      codegen: false,
    },
    sourcemap: true,
  });
  for (const { fileName } of output) if (fileName.endsWith(".map")) markAsLibrary(resolve(root, "dist", fileName));
  copyFileSync(resolve(root, "build/core.wasm"), resolve(root, "dist/core.wasm"));
}

/** The modules that `file` imports, itself or through others, and itself. */
function modulesOf(file, bundling, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const imported of bundling.getModuleInfo(file)?.importedIds ?? []) modulesOf(imported, bundling, found);
  return found;
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

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap(listFiles)) {
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
