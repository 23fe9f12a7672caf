// npm run test:suites -- --checkouts DIR: the own tests of promise libraries, natively and lowered, in a loop of real
// time. A checkout is a folder of DIR, by the library's name; what tests need is installed in it or in DIR. With
// `--only NAME`, which may come several times, no others are run.
//
// Only those tests count that pass natively. Those that fail lowered are listed, with the reason, in `exceptions.txt`,
// which may only become shorter. Many measure time: what fails is tried again, both ways, and fails if it does so each
// time.

import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../../scripts/exec.mjs";
import { Checkout } from "./run-suite.ts";
import { suites } from "./suites.ts";
import { count, worse } from "./tap.ts";

const ATTEMPTS = 3;

const { values } = parseArgs({
  options: {
    checkouts: { type: "string" },
    only: { type: "string", multiple: true },
    output: { type: "boolean", default: false },
  },
});
const { checkouts, only, output } = values;

/** Ends the run: it was asked for what cannot be. */
function refuse(reason: string): never {
  console.error(`${reason}\nUsage: npm run test:suites -- --checkouts DIR [--only NAME]... [--output]`);
  process.exit(2);
}

if (checkouts === undefined) refuse("Cannot run the tests of libraries: --checkouts says where they are");
const folder = resolve(checkouts);
if (!existsSync(folder)) refuse(`Cannot find ${folder}, the folder of checkouts`);
const names = suites.map(({ name }) => name);
const unknown = only?.filter((name) => !names.includes(name)) ?? [];
if (unknown.length > 0) refuse(`There is no library ${unknown.join(", ")}, only ${names.join(", ")}`);

const link = join(folder, "node_modules/wasyncio");
mkdirSync(join(folder, "node_modules"), { recursive: true });
if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link); // it may lead to another clone
symlinkSync(root, link, "dir");

/** Each is "library: test: reason". */
const exceptions = readFileSync(join(import.meta.dirname, "exceptions.txt"), "utf8")
  .split("\n")
  .filter(Boolean);
const isOf = (line: string, name: string): boolean => line.startsWith(`${name}: `);

console.log("| library | version | natively | lowered | exceptions |\n|---|---|---|---|---|");
const wrong: string[] = [];
for (const suite of suites) {
  const at = join(folder, suite.name);
  if (only?.includes(suite.name) === false) continue;
  if (!existsSync(at)) {
    wrong.push(`${suite.name}: ${at} is no checkout of ${suite.repository}`);
    continue;
  }
  const checkout = new Checkout(suite, at);
  const natively = await checkout.run(false);
  if (output) console.error(natively.output);
  let lowered = await checkout.run(true);
  let failing = worse(natively.results, lowered.results);
  const listed = exceptions.filter((line) => isOf(line, suite.name));
  const isListed = (test: string): boolean => listed.some((line) => isOf(line, `${suite.name}: ${test}`));
  for (let i = 1; i < ATTEMPTS && !failing.every(isListed); i++) {
    const { results } = await checkout.run(false);
    lowered = await checkout.run(true);
    const again = worse(results, lowered.results);
    failing = failing.filter((test) => again.includes(test));
  }
  if (output) console.error(lowered.output);
  const { passed, all } = count(natively.results);
  const tests = passed === all ? `${all}` : `${passed} of ${all}`;
  console.log(`| ${suite.name} | ${checkout.version} | ${tests} | ${passed - failing.length} | ${listed.length} |`);
  for (const line of listed)
    if (!failing.some((test) => isOf(line, `${suite.name}: ${test}`))) console.error(`passes, and is listed: ${line}`);
  wrong.push(...failing.filter((test) => !isListed(test)).map((test) => `${suite.name}: ${test}: fails lowered`));
  if (passed === 0) wrong.push(`${suite.name}: no test passes natively`);
}
console.error(`${Math.round(performance.now() / 1000)} seconds`);
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exitCode = 1;
}
