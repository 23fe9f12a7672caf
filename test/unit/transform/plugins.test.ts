// The plugins in the tools that they are for: a program and a package are bundled, and run over the host's promises.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { esbuildPlugin, rolldownPlugin, rollupPlugin, vitePlugin } from "wasyncio/transform";
import { binaryOf } from "../../../scripts/engines.mjs";
import { run } from "../../support/processes.ts";

let folder = "";
const path = (name: string): string => join(folder, name);

function write(name: string, text: string): void {
  mkdirSync(join(path(name), ".."), { recursive: true });
  writeFileSync(path(name), text);
}

const MAIN = `import { named } from "lowered-package"; import { plain } from "plain-package"; import common from "./common.cjs";
const own: (a: number) => Promise<string> = async (a: number): Promise<string> => { await a; return own.constructor.name; };
for (const each of [own(1), named(), plain(), common()]) console.log(await each);
`;
const EXPECTED = ["Function", "Function", "AsyncFunction", "Function"].join("\n");
const packages = ["lowered-package"];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  write("package.json", `{ "type": "module" }`);
  write("main.ts", MAIN);
  write("common.cjs", `module.exports = async function () { await null; return module.exports.constructor.name; };`);
  for (const [name, exported] of [
    ["lowered-package", "named"],
    ["plain-package", "plain"],
  ] as const) {
    write(`node_modules/${name}/package.json`, `{ "name": "${name}", "type": "module", "exports": "./index.js" }`);
    write(
      `node_modules/${name}/index.js`,
      `export async function ${exported}() { await null; return ${exported}.constructor.name; }`,
    );
  }
  write(
    "node_modules/wasyncio/package.json",
    `{ "name": "wasyncio", "type": "module", "exports": { "./lowered": "./lowered.js" } }`,
  );
  esbuild.buildSync({
    entryPoints: [join(import.meta.dirname, "../../support/host-helpers.ts")],
    outfile: path("node_modules/wasyncio/lowered.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program writes, run by Node or by another engine. */
async function outputOf(file: string, program = process.execPath): Promise<string> {
  const { end, stdout, stderr } = await run([program, file], { cwd: folder });
  expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
  return stdout.trim();
}

test("esbuild", async () => {
  await esbuild.build({
    absWorkingDir: folder,
    entryPoints: ["main.ts"],
    outfile: path("esbuild.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    sourcemap: true,
    plugins: [esbuildPlugin({ packages, root: folder })],
  });
  expect(await outputOf("esbuild.mjs")).toBe(EXPECTED);
  const { sourcesContent } = JSON.parse(readFileSync(path("esbuild.mjs.map"), "utf8")) as { sourcesContent: string[] };
  expect(sourcesContent).toContain(MAIN); // as it was written, not as it was lowered
});

test.each([
  ["Rolldown", rolldownPlugin],
  ["Rollup, whose plugins Rolldown takes", rollupPlugin],
])("%s", async (_, plugin) => {
  const bundle = await rolldown({
    cwd: folder,
    input: "main.ts",
    platform: "node",
    plugins: [plugin({ packages, root: folder })],
  });
  await bundle.write({ file: path("rolldown.mjs"), format: "esm" });
  expect(await outputOf("rolldown.mjs")).toBe(EXPECTED);
});

test("Vite", async () => {
  await build({
    root: folder,
    configFile: false,
    logLevel: "silent",
    plugins: [vitePlugin({ packages })],
    build: { ssr: "main.ts", outDir: "vite", target: "esnext" },
    ssr: { noExternal: true },
  });
  expect(await outputOf("vite/main.js")).toBe(EXPECTED);
});

test("vitest: packages are not left to Node", () => {
  expect(vitePlugin({ packages }).config()).toMatchObject({
    test: { server: { deps: { inline: packages } } },
    optimizeDeps: { exclude: packages },
  });
});

const bun = binaryOf("bun");

test.skipIf(bun === null)("Bun's bundler", async () => {
  const door = join(import.meta.dirname, "../../../dist/transform/index.js");
  write(
    "build.mjs",
    `import { bunPlugin } from ${JSON.stringify(door)};
     const { success, logs } = await Bun.build({ entrypoints: ["main.ts"], outdir: "bun", target: "node", plugins: [bunPlugin({ packages: ["lowered-package"] })] });
     if (!success) throw new Error(logs.join());`,
  );
  await outputOf("build.mjs", bun ?? "");
  expect(await outputOf("bun/main.js")).toBe(EXPECTED);
});
