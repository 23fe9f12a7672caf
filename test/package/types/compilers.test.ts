// The declarations under each TypeScript that a project may have, with nothing skipped: they compile, and give programs
// the types that they should.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, run } from "../../support/processes.ts";

const COMPILERS = {
  "5.6": "tools/typescript/node_modules/typescript-5.6",
  "5.9": "tools/typescript/node_modules/typescript-5.9",
  "6": "tools/typescript/node_modules/typescript-6",
  "7": "node_modules/typescript",
};

const COMPILER_OPTIONS = {
  target: "es2022",
  lib: ["es2022", "dom"],
  module: "nodenext",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};

/** Fails to compile where two types are not the same, and where an error is expected that does not come. */
const PROGRAM = `import { type Coroutine, Queue as CoroutineQueue, gather as gatherCoroutines, run as runCoroutine, sleep as pause } from "wasyncio";
import { Queue, TaskGroup, createTask, gather, race, run, sleep, timeout, wait } from "wasyncio/async";
import { simulate } from "wasyncio/testing";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

declare function a(): Promise<number>;
declare function b(): Promise<string>;

export async function main(): Promise<number> {
  const both = await gather(a(), b());
  same<typeof both, [number, string]>(true);
  const tolerant = await gather([a(), b()], { returnExceptions: true });
  same<typeof tolerant, [number | Error, string | Error]>(true);
  const first = await race(a(), b());
  same<typeof first, number | string>(true);
  const task = createTask(() => a());
  same<Awaited<typeof task>, number>(true);
  const [done] = await wait([task]);
  same<typeof done, Set<typeof task>>(true);
  const item = await new Queue<boolean>().get();
  same<typeof item, boolean>(true);
  await using _ = timeout(5);
  await using group = new TaskGroup();
  const inner = await group.createTask(async () => (await sleep(1, "x")).length);
  same<typeof inner, number>(true);
  // @ts-expect-error a number is no string
  const wrong: string = both[0];
  return both[0] + wrong.length;
}

export function* coroutine(): Coroutine<string> {
  const both = yield* gatherCoroutines(pause(1, 1), pause(1, "b"));
  same<typeof both, [number, string]>(true);
  const item = yield* new CoroutineQueue<boolean>().get();
  same<typeof item, boolean>(true);
  return both[1];
}

const value: Promise<number> = run(main);
const text: Promise<string> = runCoroutine(coroutine);
const simulated: number | undefined = simulate(main).value;
export { simulated, text, value };
`;

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/wasyncio"));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  writeFileSync(join(folder, "main.ts"), PROGRAM);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ["main.ts"] }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(COMPILERS))("TypeScript %s", async (_, compiler) => {
  const command = [process.execPath, join(root, compiler, "bin/tsc"), "--project", "tsconfig.json"];
  expect(await run(command, { cwd: folder })).toEqual({ end: 0, stdout: "", stderr: "" });
});
