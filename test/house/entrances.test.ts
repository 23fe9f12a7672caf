// By which doors tests come in: what a user can do is tried as a user does it. CONTRIBUTING.md has the rule in words.

import { dirname, join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { doors } from "../../scripts/doors.mjs";
import { type Import, importsOf, readSources } from "../support/imports.ts";

/** Tests of what a user can do: they import the package by its doors alone. */
const OUTSIDE = ["cpython", "input", "libraries", "package", "races", "soak", "tools"];

/** Files of those that look inside, at what no door shows, with the reason. */
const LOOKING_INSIDE: Readonly<Record<string, string>> = {
  "test/input/soundness.ts": "whether a core that waits for its next simulation is as new",
  "test/input/world.ts": "whether a call that threw has left the context as it was",
};

/** The only helper of all tests that looks inside: at slots and timers in the core. */
const HELPER = "test/support/counters.ts";

const sources = readSources("src");
const tests = new Map(
  [...readSources("test")].filter(([file]) => !/^test\/(hosts|unit\/core|support\/typescript-core)\//.test(file)),
);
const inward = importsOf(tests).filter(({ target }) => target.startsWith("src/"));

/** The doors by the files that they are made of: "wasyncio/streams" by "src/streams/index.ts". */
const bySource = new Map(doors.map(({ name, source }) => [source, name]));

/** A name that a file imports, or exports from another one: "src/tasks/sleep.ts:sleep". */
interface Name {
  readonly name: string;
  readonly typeOnly: boolean;
}

function namesIn(file: string, source: string): Name[] {
  const lists = source.matchAll(/\b(?:import|export)\s+(type\s+)?\{([^}]*)\}\s+from\s+"(\.[^"]*)"/g);
  return [...lists].flatMap(([, type, list = "", from = ""]) =>
    list
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "")
      .map((each) => ({
        name: `${join(dirname(file), from)}:${each.replace(/^type /, "").replace(/ as .*/, "")}`,
        typeOnly: type !== undefined || each.startsWith("type "),
      })),
  );
}

/** What the doors export, with the door. A class of which a door gives no more than the type is no value there. */
const exported = new Map(
  [...bySource].flatMap(([file, door]) =>
    namesIn(file, sources.get(file) ?? "").map(({ name, typeOnly }) => [name, { door, typeOnly }] as const),
  ),
);

const filesOf = (imports: readonly Import[]): string[] => [...new Set(imports.map(({ file }) => file))].sort();
const inWords = ({ file, line, target }: Import): string => `${file}:${line} imports ${target}`;

describe("the tests", () => {
  test("of what a user can do import by doors alone, but for some", () => {
    const outside = inward.filter(({ file }) => OUTSIDE.includes(file.split("/")[1] ?? ""));
    expect(outside.filter(({ file }) => !(file in LOOKING_INSIDE)).map(inWords)).toEqual([]);
    expect(filesOf(outside)).toEqual(Object.keys(LOOKING_INSIDE).sort());
  });

  test("share one helper that looks inside", () => {
    expect(filesOf(inward.filter(({ file }) => file.startsWith("test/support/")))).toEqual([HELPER]);
  });

  test("of insides import by a door what one has", () => {
    expect(exported.size).toBeGreaterThan(100);
    const found = [...tests].flatMap(([file, source]) =>
      namesIn(file, source).flatMap(({ name, typeOnly }) => {
        const known = exported.get(name);
        return known === undefined || (known.typeOnly && !typeOnly)
          ? []
          : [`${file} imports ${name}: use "${known.door}"`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("import no door by its file", () => {
    expect(inward.filter(({ target }) => bySource.has(target)).map(inWords)).toEqual([]);
  });
});
