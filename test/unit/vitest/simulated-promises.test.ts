// A project with vitest's own runner: an existing test of promise code, searched as it stands.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vitestPlugin } from "../../../src/transform/vitest-plugin.ts";
import { type Ended, root, run } from "../../support/processes.ts";

let folder = "";

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** A shop, whose queue of two sells the last one twice when the first customer thinks longer than the second. */
const SHOP = `import { Slots } from "slots";
export async function sell(stock: { left: number }, thinks: number[]): Promise<number> {
  const slots = new Slots(2);
  const customer = (ms: number) => slots.run(async () => {
    if (stock.left === 0) return 0;
    await new Promise((resolve) => setTimeout(resolve, ms));
    stock.left -= 1;
    return 1;
  });
  const late = async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return customer(thinks[1]!); };
  const sold = await Promise.all([customer(thinks[0]!), late()]);
  return sold[0]! + sold[1]!;
}
`;

const TESTS = `import { expect } from "vitest";
import { test } from "wasyncio/vitest";
import { sell } from "./shop.ts";

const checkout = async () => { expect(await sell({ left: 1 }, [15, 15])).toBe(1); };
test("passes in real time", checkout);
test.simulated("passes in virtual time", checkout);
test.simulated("checkout", { runs: 200, orders: "javascript", window: 0.02 }, checkout);
`;

/** What `expect` says of promises: five that hold, and four that do not. */
const EXPECTED = `import { expect } from "vitest";
import { test } from "wasyncio/vitest";

const later = () => new Promise<void>((resolve) => setTimeout(resolve, 3_600_000));
const gives = async (value: unknown) => { await later(); return value; };
const fails = async (text: string) => { await later(); throw new RangeError(text); };

test.simulated("holds", async () => {
  await expect(gives(3)).resolves.toBe(3);
  await expect(gives({ a: 1 })).resolves.not.toEqual({ a: 2 });
  await expect(fails("too far")).rejects.toThrow(RangeError);
  await expect(fails("too far")).rejects.toThrow("far");
  await expect(() => fails("too far")).rejects.not.toThrow("near");
});
test.simulated("other value", async () => { await expect(gives(3)).resolves.toBe(4); });
test.simulated("no rejection", async () => { await expect(gives(3)).rejects.toThrow(); });
test.simulated("no value", async () => { await expect(fails("too far")).resolves.toBe(3); });
test.simulated("no promise", async () => { await expect(3 as never).resolves.toBe(3); });
test("in real time", async () => { await expect(Promise.reject(new Error("now"))).rejects.toThrow("now"); });
`;

const CONFIG = `import { defineConfig } from "vitest/config";
import { simulatedPromises } from "wasyncio/vitest";
export default defineConfig({ plugins: [simulatedPromises({ packages: ["slots"] })] });
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  write("package.json", `{ "type": "module" }`);
  for (const name of ["wasyncio", "vitest"] as const) {
    mkdirSync(join(folder, "node_modules"), { recursive: true });
    symlinkSync(name === "wasyncio" ? root : join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  const DEPENDENT = `{ "type": "module", "exports": "./index.js", "dependencies": { "turns": "1" } }`;
  write("node_modules/slots/package.json", DEPENDENT);
  write(
    "node_modules/slots/index.js",
    `import { turn } from "turns"; export class Slots { constructor(n) { this.free = n; }
       async run(job) { while (this.free === 0) await turn(); this.free--; try { return await job(); } finally { this.free++; } } }`,
  );
  write("node_modules/turns/package.json", `{ "type": "module", "exports": "./index.js" }`);
  write(
    "node_modules/turns/index.js",
    `export const turn = async () => { await new Promise((f) => setTimeout(f, 1)); };`,
  );
  write("shop.ts", SHOP);
  write("shop.test.ts", TESTS);
  write("expected.test.ts", EXPECTED);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vitest = (file: string): Promise<Ended> =>
  run([process.execPath, join(root, "node_modules/vitest/vitest.mjs"), "run", "--no-color", file], { cwd: folder });

test("one call in the configuration has promises simulated, and packages with what they depend on", async () => {
  write("vitest.config.js", CONFIG);
  const { end, stdout, stderr } = await vitest("shop");
  const output = stdout + stderr;
  expect(end).toBe(1);
  expect(output).toMatch(/1 failed \| 2 passed/);
  expect(output).toMatch(/FAIL +shop\.test\.ts > checkout/);
  expect(output).toContain("expected 2 to be 1");
  expect(output).toMatch(/shop\.ts:\d+/);
  expect(output).toMatch(/replay: "w1/);
});

test("expect waits for promises in virtual time", async () => {
  write("vitest.config.js", CONFIG);
  const { end, stdout, stderr } = await vitest("expected");
  const output = stdout + stderr;
  expect(end).toBe(1);
  expect(output).toMatch(/4 failed \| 2 passed/);
  expect(output).toContain("AssertionError: expected 3 to be 4");
  expect(output).toContain('AssertionError: promise resolved "3" instead of rejecting');
  expect(output).toContain(`AssertionError: promise rejected "RangeError: too far" instead of resolving`);
  expect(output).toContain("You must provide a Promise to expect() when using .resolves, not 'number'.");
  expect(output).toMatch(/❯ expected\.test\.ts:16:\d+/); // where it is expected
});

test.each([
  ["above the program's folder, as in workspaces", "node_modules/slots", "node_modules/turns", "packages/shop"],
  ["beside those who need them, as pnpm has it", ".pnpm/a/node_modules/slots", ".pnpm/a/node_modules/turns", "."],
])("packages come with those that are %s", (_, slots, turns, program) => {
  const there = mkdtempSync(join(tmpdir(), "wasyncio-dependencies-"));
  try {
    for (const [place, dependencies] of [
      [slots, { turns: "1" }],
      [turns, {}],
    ] as const) {
      mkdirSync(join(there, place), { recursive: true });
      writeFileSync(join(there, place, "package.json"), JSON.stringify({ dependencies }));
    }
    mkdirSync(join(there, program, "node_modules"), { recursive: true });
    if (program === ".") symlinkSync(join(there, slots), join(there, "node_modules", "slots"));
    const { config } = vitestPlugin({ packages: ["slots"], root: join(there, program) }) as unknown as {
      config: (config: object) => unknown;
    };
    expect(config({})).toMatchObject({ ssr: { noExternal: ["slots", "turns"] } });
  } finally {
    rmSync(there, { recursive: true });
  }
});

test("bad options are refused where the configuration is read", async () => {
  write("vitest.config.js", CONFIG.replace("packages", "package"));
  const { end, stdout, stderr } = await vitest("shop");
  expect(end).toBe(1);
  expect(stdout + stderr).toContain("there is no 'package'");
});
