// Simulated tests in real test runners: what a failure looks like there, and that its token repeats it on every host.

import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Command, RunnerProject } from "./runner-project.ts";

const PROGRAMS = `import { Lock, gather, sleep } from "wasyncio";

/** Two withdrawals; the second one asks a slow service first, which hides the race in asyncio's own order. */
export function withdrawing(equal, { locked = false } = {}) {
  return function* main() {
    const account = { balance: 100, currency: "EUR" };
    const lock = new Lock();
    function* withdraw(amount, pauses) {
      for (let pause = 0; pause < pauses; pause++) yield* sleep(0);
      if (locked) yield* lock.acquire();
      const { balance } = account;
      yield* sleep(0);
      account.balance = balance - amount;
      if (locked) lock.release();
    }
    yield* gather([withdraw(10, 0), withdraw(20, 3)]);
    equal(account, { balance: 70, currency: "EUR" }); // the assertion
  };
}

export function* philosophers() {
  const forks = [new Lock(), new Lock()];
  function* eat(first, second) {
    yield* first.acquire();
    yield* sleep(1);
    yield* second.acquire();
  }
  yield* gather([eat(forks[0], forks[1]), eat(forks[1], forks[0])]);
}
`;

/** A file of tests for a runner: how it is imported, defines a test and compares. */
type Dialect = readonly [imports: string, define: string, equal: string];

const head = ([imports, , equal]: Dialect): string => `${imports}
import { simulated } from "wasyncio/testing";
import { philosophers, withdrawing } from "./programs.mjs";

const equal = ${equal};
`;

const threeTests = (dialect: Dialect): string => `${head(dialect)}
const define = ${dialect[1]};
define("a locked account", simulated(withdrawing(equal, { locked: true }), { runs: 300 }));
define("an account", simulated(withdrawing(equal), { runs: 300, seed: 7 }));
define("two philosophers", simulated(philosophers));
`;

const oneTest = (dialect: Dialect): string => `${head(dialect)}
${dialect[1]}("an account", simulated(withdrawing(equal)));
`;

const EXPECT = "(one, other) => expect(one).toEqual(other)";

const DIALECTS: Readonly<Record<string, Dialect>> = {
  vitest: [`import { expect, test } from "vitest";`, "test", EXPECT],
  node: [`import assert from "node:assert";\nimport test from "node:test";`, "test", "assert.deepEqual"],
  deno: [`import assert from "node:assert";`, "Deno.test", "assert.deepEqual"],
  bun: [`import { expect, test } from "bun:test";`, "test", EXPECT],
};

const FILES: Readonly<Record<string, string>> = {
  "programs.mjs": PROGRAMS,
  "replay.mjs": `import { simulate } from "wasyncio/testing";
import { withdrawing } from "./programs.mjs";
const equal = (account, expected) => {
  if (account.balance !== expected.balance) throw new RangeError("balance " + account.balance);
};
const { status, error, digest, steps } = simulate(withdrawing(equal), { replay: process.argv[2] });
console.log(JSON.stringify([status, String(error), digest, steps]));
`,
  "door.test.mjs": `import { expect } from "vitest";
import { test } from "wasyncio/vitest";
import { sleep } from "wasyncio";
import { philosophers, withdrawing } from "./programs.mjs";

const equal = (one, other) => expect(one).toEqual(other);
test.simulated("a locked account", { runs: 300 }, withdrawing(equal, { locked: true }));
test.simulated("an account", { runs: 300, seed: 7, timeout: 120_000 }, withdrawing(equal));
test.simulated("an hour", function* () {
  yield* sleep(3600);
});
test.simulated.fails("two philosophers", philosophers);
test.simulated.skip("skipped", philosophers);
test.simulated.todo("to do");
test.simulated.each([[1, 2], [3, 4]])("%s and %s", function* (one, other) {
  yield* sleep(1);
  expect(other - one).toBe(1);
});
test.simulated.each(["a", "b"])("the letter %s", { runs: 10 }, function* (letter) {
  yield* sleep(1);
  expect(letter).toMatch(/^[ab]$/);
});
test("vitest's own", () => expect(1 + 1).toBe(2));
test.skip("vitest's own, skipped", () => expect(1).toBe(2));
`,
  "only.test.mjs": `import { test } from "wasyncio/vitest";
import { philosophers } from "./programs.mjs";
test.simulated("left out", philosophers);
test.simulated.only("the only one", function* () {});
`,
};

const RUNNERS: readonly (readonly [Command, string])[] = [
  ["vitest", "vitest.test.mjs"],
  ["node:test", "node.test.mjs"],
  ["deno", "deno.test.mjs"],
  ["bun", "bun.test.mjs"],
];

let project: RunnerProject;

beforeAll(async () => {
  project = await RunnerProject.create();
  for (const [name, text] of Object.entries(FILES)) project.write(name, text);
  for (const [name, dialect] of Object.entries(DIALECTS)) {
    project.write(`${name}.test.mjs`, threeTests(dialect));
    project.write(`${name}.once.test.mjs`, oneTest(dialect));
  }
});

afterAll(() => project.remove());

/** All that a run has written. */
async function output(command: Command, args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { end, stdout, stderr } = await project.run(command, args, env);
  return stripVTControlCharacters(`${stdout}${stderr}\nended with ${end}`);
}

const outputs = new Map<string, Promise<string>>();

/** As `output`, of a run that several tests look at. */
function outputOnce(command: Command, file: string): Promise<string> {
  const known = outputs.get(file) ?? output(command, [file]);
  outputs.set(file, known);
  return known;
}

/** The last line that repeats a failure of the test: what a simulation gets. */
const REPLAY = /replay: simulate\(main, \{ replay: "(w1[\w-]+)" \}\)/g;

const tokensIn = (text: string): string[] => [...new Set([...text.matchAll(REPLAY)].map(([, token = ""]) => token))];

describe.each(RUNNERS)("%s", (runner, file) => {
  let text: string;

  beforeAll(async () => {
    text = await outputOnce(runner, file);
  });

  test("passes what never fails, fails what fails in some order, or always", () => {
    expect(text).toMatch(/ended with 1$/);
    const passed = { vitest: "1 passed", "node:test": "pass 1\n", deno: "1 passed", bun: "1 pass\n" };
    const failed = { vitest: "2 failed", "node:test": "fail 2\n", deno: "2 failed", bun: "2 fail\n" };
    expect(text).toContain(passed[runner as keyof typeof passed]);
    expect(text).toContain(failed[runner as keyof typeof failed]);
  });

  test("shows the assertion's own values, the place in the program, the race and a token", () => {
    expect(text).toMatch(/balance"?: 80/);
    expect(text).toMatch(/balance"?: 70/);
    expect(text).toContain("programs.mjs:17:5");
    expect(text).toMatch(/It failed \(error\) in run \d+ .*away from asyncio's own order/);
    const race = text.split("The race: ")[1];
    expect(race.split("replay:")[0]).toMatch(/Task-3.*programs\.mjs:9 .*programs\.mjs:12 .*Task-2.*programs\.mjs:12 /s);
    expect(tokensIn(text)).toHaveLength(2);
  });

  test("shows who waits in a deadlock, and at what time of the simulation", () => {
    expect(text).toMatch(/DeadlockError.*Task-2.*programs\.mjs:26/s);
    expect(text).toMatch(/It failed \(deadlock\) at 1 s, after 5 steps\.\n *replay: simulate\(/);
  });

  test("repeats a run that WASYNCIO_REPLAY names", async () => {
    const once = file.replace(".test.", ".once.test.");
    expect(await output(runner, [once])).toMatch(/ended with 0$/); // in asyncio's own order nothing fails
    const [token = ""] = tokensIn(text);
    const repeated = await output(runner, [once], { WASYNCIO_REPLAY: token });
    expect(repeated).toMatch(/balance"?: 80/);
    expect(repeated).toMatch(/It failed \(error\) at 0 s, after \d+ steps\./);
    expect(tokensIn(repeated)).toEqual([token]);
    expect(repeated).toMatch(/ended with 1$/);
    const [, foreign = ""] = tokensIn(text); // the philosophers'
    expect(await output(runner, [once], { WASYNCIO_REPLAY: foreign })).toMatch(/TokenError/);
  });
});

test("a token repeats the run on every host, bit for bit", async () => {
  const texts = await Promise.all(RUNNERS.map(([runner, file]) => outputOnce(runner, file)));
  const tokens = texts.map((text) => tokensIn(text));
  expect(new Set(tokens.map(String)).size).toBe(1);
  const [token = ""] = tokens[0];
  const replays = await Promise.all(
    (["node program", "deno program", "bun program"] as const).map((command) => output(command, ["replay.mjs", token])),
  );
  expect(new Set(replays).size).toBe(1);
  expect(replays[0]).toMatch(/^\["error","RangeError: balance 80","[0-9a-f]{16}",\d+\]\n\nended with 0$/);
});

describe("the door for vitest", () => {
  test("runs, skips and counts tests as vitest's own", async () => {
    const text = await outputOnce("vitest", "door.test.mjs");
    expect(text).toMatch(/ended with 1$/);
    expect(text).toContain("Tests  1 failed | 7 passed | 1 expected fail | 2 skipped | 1 todo (12)");
    for (const name of ["1 and 2", "3 and 4", "the letter a", "the letter b", "an hour"])
      expect(text).toContain(`✓ ${name}`);
  });

  test("annotates a failure with its token", async () => {
    const text = await outputOnce("vitest", "door.test.mjs");
    const [token = ""] = tokensIn(text);
    expect(text).toMatch(new RegExp(`❯ replay\\n\\s+↳ ${token}\\n`));
    expect(text).toMatch(/balance"?: 80/);
  });

  test("runs only what is only", async () => {
    expect(await output("vitest", ["only.test.mjs", "--allowOnly"])).toMatch(
      /Tests  1 passed \| 1 skipped \(2\)[^]*ended with 0$/,
    );
  });

  test("can be imported outside vitest, for its types", async () => {
    project.write("import.mjs", `import { test } from "wasyncio/vitest"; console.log(typeof test.simulated);`);
    expect(await output("node program", ["import.mjs"])).toBe("function\n\nended with 0");
  });
});
