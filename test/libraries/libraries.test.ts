// Promise libraries as they come from npm, lowered and bundled with code that uses them, in simulations: their results
// and times, what a cancellation leaves, and races in code over them. The table in docs/transform.md says the same.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { esbuildPlugin } from "wasyncio/transform";
import { root } from "../../scripts/exec.mjs";
import { run } from "../support/processes.ts";

/** What `main.mjs` prints of a library. */
interface Found {
  readonly used: { readonly value: unknown; readonly time: number };
  readonly expected: { readonly value: unknown; readonly time: number };
  /** What happened, in order; and what was left a second later. */
  readonly cancelled: { readonly log: readonly string[]; readonly left: readonly string[] };
  readonly race: { readonly inOrder: string; readonly stack: string };
}

const FOLDER = resolve(root, "tools/promise-libraries");
const BUNDLE = resolve(root, "build/promise-libraries.mjs");
/** Bundles have no `require` of Node's modules. */
const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

const readJson = (file: string): unknown => JSON.parse(readFileSync(resolve(FOLDER, file), "utf8"));
const { devDependencies: versions } = readJson("package.json") as { devDependencies: Record<string, string> };
const names = Object.keys(versions);

/** The libraries, and all that they bring along. */
const { packages } = readJson("package-lock.json") as { packages: object };
const installed = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
installed.delete("");

let found: Readonly<Record<string, Found>> = {};

beforeAll(async () => {
  await build({
    absWorkingDir: root,
    entryPoints: ["test/libraries/main.mjs"],
    outfile: BUNDLE,
    bundle: true,
    format: "esm",
    platform: "node",
    nodePaths: [resolve(FOLDER, "node_modules")],
    external: ["wasyncio"],
    banner: { js: REQUIRE },
    plugins: [esbuildPlugin({ packages: [...installed], root })],
    logLevel: "error", // a warning tells of an eval in bottleneck
  });
  const { end, stdout, stderr } = await run([process.execPath, BUNDLE]);
  expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
  found = JSON.parse(stdout) as typeof found;
});

const of = (name: string): Found => {
  expect(found).toHaveProperty([name]);
  return found[name];
};

describe.each(names)("%s", (name) => {
  test("gives the right result, in the right time", () => {
    const { used, expected } = of(name);
    expect(used.value).toEqual(expected.value);
    expect(Math.abs(used.time - expected.time)).toBeLessThan(0.01); // timers of an instant are a little apart
  });

  test("has its caller cancelled, and unwinds what was called or leaves it running", () => {
    const { log, left } = of(name).cancelled;
    expect(log).toContain("TimeoutError");
    expect(log.includes("unwound")).toBe(left.length === 0);
    // in a task of its own, or in that of a function that awaits it
    if (left.length > 0) expect(left.join()).toMatch(/Task-\d+ '.+' .*sleeps until/);
  });

  test("has a race in code over it found, and its line named", () => {
    const { inOrder, stack } = of(name).race;
    expect(inOrder).toBe("ok");
    expect(stack).toMatch(/^RangeError: overdrawn/);
    const line = Number(/promise-libraries\.mjs:(\d+)/.exec(stack)?.[1]);
    expect(readFileSync(BUNDLE, "utf8").split("\n")[line - 1]).toContain(`RangeError("overdrawn")`);
  });
});

test("the document says what was found", () => {
  const rows = names.map((name) => {
    const { time } = of(name).used;
    const end = of(name).cancelled.left.length === 0 ? "unwinds" : "runs on";
    return `| ${name} | ${versions[name]} | ${Math.round(time * 10) / 10} s | ${end} |`;
  });
  const table = ["| library | version | used for | what it called |", "|---|---|---|---|", ...rows].join("\n");
  expect(readFileSync(resolve(root, "docs/transform.md"), "utf8")).toContain(table);
});
