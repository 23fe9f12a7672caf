// Child processes beside CPython's: the same steps, and the same is told, pipe by pipe.
//
// What comes by different pipes, and the end of the process, may be told in any order; how bytes are cut, too.

import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run } from "wasyncio";
import { isInstalled } from "../../support/installed.ts";
import { run as runToEnd } from "../../support/processes.ts";
import { type Played, play } from "./play.ts";
import { scenarios } from "./scenarios.ts";

const PROGRAM = join(import.meta.dirname, "python/scenario.py");

/** What was told, by what it is about; the beginning and the end of all apart. */
function byPipe({ told, outcomes }: Played): object {
  const about = (fd: number): unknown[] => told.filter(([kind, of]) => /data|closed/.test(String(kind)) && of === fd);
  const pipes = [0, 1, 2].map((fd) => {
    const data = about(fd).flatMap((entry) => ((entry as unknown[])[0] === "data" ? [(entry as unknown[])[2]] : []));
    return { data: data.join(""), kinds: [...new Set(about(fd).map((entry) => String((entry as unknown[])[0])))] };
  });
  const closed = told.filter(([kind]) => kind === "closed").sort((left, right) => Number(left[1]) - Number(right[1]));
  const others = told.filter(([kind]) => !/data|closed/.test(String(kind)));
  return { first: told.at(0) ?? null, last: told.at(-1)?.at(0) === "lost", pipes, closed, others, outcomes };
}

describe.runIf(isInstalled("python3"))("beside CPython", () => {
  let theirs: Readonly<Record<string, Played>> = {};

  beforeAll(async () => {
    const { end, stdout, stderr } = await runToEnd(["python3", PROGRAM, JSON.stringify(scenarios)]);
    expect({ end, stderr }).toEqual({ end: 0, stderr: "" });
    theirs = JSON.parse(stdout) as typeof theirs;
  });

  test.each(Object.entries(scenarios))("%s", async (name, scenario) => {
    expect(byPipe(await run(() => play(scenario)))).toEqual(byPipe(theirs[name]));
  });
});
