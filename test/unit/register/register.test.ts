// Programs whose files are lowered as they are loaded, on each engine, over the host's promises.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { binaryOf } from "../../../scripts/engines.mjs";
import { type Ended, run } from "../../support/processes.ts";

const DOOR = resolve(import.meta.dirname, "../../../dist/register/index.js");
let folder = "";

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const MODULE = `import { named } from "lowered-package"; import { plain } from "plain-package";
const own = async (a) => { await a; return own.constructor.name; };
for (const each of [own(1), named(), plain()]) console.log(await each);
export async function fails() {
  await null; throw new Error("here");
}
try { await fails(); } catch (e) { console.log(/at (\\S+) .*?([\\w.]+:\\d+):/.exec(e.stack)?.slice(1).join(" ")); }
`;
const EXPECTED = ["Function", "Function", "AsyncFunction", "fails main.mjs:5"];
const COMMON = `exports.own = async function () { await null; return exports.own.constructor.name; };
exports.own().then(console.log); require("common-package").named().then(console.log);
require("lowered-package").named().then(console.log); require("./untold/index.js").named().then(console.log);`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  write("package.json", `{ "type": "module", "wasyncio": { "packages": ["lowered-package", "common-package"] } }`);
  write("main.mjs", MODULE);
  write("main.ts", MODULE.replace("(a)", "(a: number): Promise<string>"));
  write("main.cjs", COMMON);
  write("start.mjs", `import ${JSON.stringify(pathToFileURL(DOOR).href)}; await import("./main.mjs");`);
  const text = (name: string): string => `async function ${name}() { await null; return ${name}.constructor.name; }`;
  write("node_modules/lowered-package/index.mjs", `export ${text("named")}`);
  write("node_modules/lowered-package/package.json", `{ "exports": "./index.mjs" }`);
  write("untold/index.js", `export ${text("named")}`); // Node sees that it is a module
  write("untold/package.json", "{}");
  write("node_modules/plain-package/index.mjs", `export ${text("plain")}`);
  write("node_modules/plain-package/package.json", `{ "exports": "./index.mjs" }`);
  write("node_modules/common-package/index.js", `exports.named = ${text("named")}`);
  write("node_modules/wasyncio/package.json", `{ "type": "module", "exports": { "./lowered": "./lowered.js" } }`);
  esbuild.buildSync({
    entryPoints: [resolve(import.meta.dirname, "../../support/host-helpers.ts")],
    outfile: join(folder, "node_modules/wasyncio/lowered.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const linesOf = ({ stdout, stderr }: Ended): string[] => (stdout + stderr).trim().split("\n");
const start = (program: string | null, ...args: string[]): Promise<Ended> =>
  run([program ?? "", ...args], { cwd: folder });

describe.each(["node20", "node24", "node26"] as const)("%s", (name) => {
  const node = binaryOf(name);

  test.skipIf(node === null)("lowers modules, and packages that package.json names", async () => {
    expect(linesOf(await start(node, "--import", DOOR, "main.mjs"))).toEqual(EXPECTED);
    expect(linesOf(await start(node, "start.mjs"))).toEqual(EXPECTED);
  });

  test.skipIf(node === null)("lowers CommonJS, and modules that it requires", async () => {
    const { stdout } = await start(node, "--import", DOOR, "main.cjs"); // Node 20 warns that it requires modules
    expect(stdout.trim().split("\n")).toEqual(["Function", "Function", "Function", "Function"]);
  });

  test.skipIf(node === null || name === "node20")("lowers TypeScript", async () => {
    const lines = linesOf(await start(node, "--import", DOOR, "main.ts"));
    expect(lines).toEqual([...EXPECTED.slice(0, 3), "fails main.ts:5"]);
  });
});

const deno = binaryOf("deno");

test.skipIf(deno === null)("Deno lowers what is imported after it", async () => {
  const lines = linesOf(await start(deno, "run", "-A", "--no-lock", "start.mjs"));
  expect(lines).toEqual(EXPECTED);
});

describe("Bun", () => {
  const bun = binaryOf("bun");

  test.skipIf(bun === null)("lowers modules and TypeScript", async () => {
    // Its engine shows the name that a generator has in the text.
    for (const file of ["main.mjs", "main.ts"]) {
      const lines = linesOf(await start(bun, "--preload", DOOR, file));
      expect(lines).toEqual([...EXPECTED.slice(0, 3), `fails$w_1 ${file}:5`]);
    }
  });

  test.skipIf(bun === null)("refuses CommonJS by name", async () => {
    const { end, stderr } = await start(bun, "--preload", DOOR, "main.cjs");
    expect(end).not.toBe(0);
    expect(stderr).toMatch(/Cannot lower .*main\.cjs: to Bun, what a plugin loads is a module, and this is CommonJS/);
  });
});

test("bad options in package.json are refused, with the file", async () => {
  write("bad/package.json", `{ "wasyncio": { "package": ["p-queue"] } }`);
  write("bad/main.mjs", "");
  const { end, stderr } = await run([process.execPath, "--import", DOOR, "main.mjs"], { cwd: join(folder, "bad") });
  expect(end).toBe(1);
  expect(stderr).toMatch(/Cannot read what to lower from .*bad.package\.json: .*there is no 'package'/);
});

test("packages that package.json does not name are left, the program's own folder in node_modules, too", async () => {
  write("node_modules/inside/main.mjs", `const f = async () => {}; console.log(f.constructor.name);`);
  const { stdout } = await start(process.execPath, "--import", DOOR, "node_modules/inside/main.mjs");
  expect(stdout.trim()).toBe("AsyncFunction");
});
