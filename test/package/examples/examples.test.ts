// Every small program prints what the block at its end says, and the table of them is complete.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root, run } from "../../support/processes.ts";
import { runExample } from "./support.ts";

const folder = join(root, "examples");
/** Names of programs, such as "sync/lock.ts", with their texts. */
const programs = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /^(?!crawl|browser|name-server|web-socket)[\w-]+\/[\w-]+\.ts$/.test(name))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const byThemselves = [...programs.keys()].filter((name) =>
  /"(node:|wasyncio\/(node-http|subprocess|executors|multiprocessing))/.test(textOf(name)),
);
const others = [...programs.keys()].filter((name) => !byThemselves.includes(name));

function textOf(program: string): string {
  return programs.get(program) as string;
}

/** The comment block behind "Prints:". */
function promisedOutput(program: string): string {
  const [, block = ""] = textOf(program).split("\n// Prints:\n");
  return block.replaceAll(/^\/\/ ?/gm, "");
}

describe("on a clock that jumps", () => {
  let printed: Record<string, string> = {};

  beforeAll(async () => {
    const player = [process.execPath, "scripts/run-ts.mjs", "test/package/examples/player.ts"];
    const { end, stdout, stderr } = await run([...player, ...others]);
    expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
    printed = JSON.parse(stdout) as Record<string, string>;
  });

  test.each(others)("%s prints what it says", (program) => {
    expect(printed[program]).toBe(promisedOutput(program));
  });
});

describe.concurrent("in a process of its own", () => {
  test.each(["coroutines/hello.ts", ...byThemselves])("%s prints what it says", async (program) => {
    expect(await runExample(program)).toEqual({ end: 0, stderr: "", stdout: promisedOutput(program) });
  });
});

describe("the table in examples/README.md", () => {
  const rows = [
    ...readFileSync(join(folder, "README.md"), "utf8").matchAll(/^\| \[(.*?)\]\((.*?)\) \| (.*?) \| (.*) \|$/gm),
  ];

  test("has each program once", () => {
    expect(rows.map(([, , path]) => path).sort()).toEqual([...programs.keys()].sort());
    expect(programs.size).toBeGreaterThan(30);
  });

  test.each(rows.map(([, name, path, what, names]) => [path, { name, what, names }] as const))(
    "says what %s says of itself, and which names are in it",
    (path, { name, what, names }) => {
      const text = textOf(path);
      expect(path.split("/")[1]).toBe(name);
      expect(text.slice(0, text.indexOf("\n"))).toBe(`// ${what}.`);
      const imports = [...text.matchAll(/^import \{([^}]*)\} from "wasyncio/gm)].flatMap(([, list = ""]) =>
        list.split(","),
      );
      const values = imports.map((each) => each.trim()).filter((each) => each !== "" && !each.startsWith("type "));
      expect(names.split(", ").sort()).toEqual(values.map((each) => `\`${each}\``).sort());
    },
  );
});
