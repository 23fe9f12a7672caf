import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DEFAULT_ENGINE } from "../../../bench/harness/engine.ts";
import { checkout, createCommand, listOf, positiveInteger, writableFile } from "../../../bench/harness/options.ts";

const folder = mkdtempSync(join(tmpdir(), "wasyncio-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (...args: string[]) => createCommand("bench", "", 5).parse(args, { from: "user" }).opts();

test("every instrument has rounds, a host and a file, with defaults", () => {
  expect(parse()).toEqual({ rounds: 5, host: DEFAULT_ENGINE });
  const file = join(folder, "figures.json");
  expect(parse("--rounds", "7", "--host", "bun", "--json", file)).toEqual({ rounds: 7, host: "bun", json: file });
});

test("names in a list come in the order of the known ones, each once; an unknown one is refused by name", () => {
  const list = listOf(["a", "b", "c"]);
  expect(list("c, a,c")).toEqual(["a", "c"]);
  expect(() => list("a,x,y")).toThrow("Unknown: x, y.");
  expect(() => list("")).toThrow("Unknown: .");
});

test("rounds are whole numbers from 1", () => {
  expect(positiveInteger("12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "1e3", "x", ""]) expect(() => positiveInteger(text)).toThrow("whole number");
});

test("a file to write to is no folder, and is in one", () => {
  expect(writableFile(join(folder, "new.json"))).toBe(join(folder, "new.json"));
  expect(() => writableFile(folder)).toThrow("It is a folder.");
  expect(() => writableFile(join(folder, "none/new.json"))).toThrow("No folder");
});

test("a checkout to compare with is built", () => {
  expect(() => checkout(folder)).toThrow("No built checkout");
});
