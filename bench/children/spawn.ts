// `spawn.mjs DOORS CASE BATCHES`: starts children and waits for each, by us, by Node's call and by the engine's own, in
// batches that alternate. Prints microseconds of the processor that this process has used for a child, by side.
//
// All sides in one process: most of the time is the system's, which copies the process, and grows with its memory.

import type * as wasyncio from "wasyncio";
import type * as subprocess from "wasyncio/subprocess";

/** Whether a child writes into a pipe that is read. */
export type SpawnCase = "silent" | "piped";

/** By who has started the child; "engine" where that has a call that is not Node's. */
export type SpawnFigures = Readonly<Partial<Record<"ours" | "node" | "engine", number>>>;

interface Engines {
  Deno?: {
    Command: new (
      program: string,
      options: { args?: string[]; stdin: "null"; stdout: "inherit" | "piped"; stderr: "inherit" },
    ) => { spawn(): { status: Promise<unknown> }; output(): Promise<{ stdout: Uint8Array }> };
  };
  Bun?: {
    spawn(
      command: string[],
      options: { stdin: null; stdout: "inherit" | "pipe"; stderr: "inherit" },
    ): { exited: Promise<number>; stdout: ReadableStream<Uint8Array> };
  };
}

const SILENT = "/bin/true";
const [ECHO, WORD] = ["/bin/echo", "x"];
/** Children of a batch, and batches in which the engine gets warm. */
const BATCH = 10;
const WARM_UP = 50;

const { Deno, Bun } = globalThis as unknown as Engines;
const [doors, test, batches] = process.argv.slice(2) as [string, SpawnCase, string];
const [main, door] = doors.split(",");
const { run } = (await import(main)) as typeof wasyncio;
const { DEVNULL, PIPE, createSubprocessExec } = (await import(door)) as typeof subprocess;
const { spawn } = await import("node:child_process");

function check(output: string): void {
  if (output !== `${WORD}\n`) throw new Error(`got ${output}`);
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function* silent(): wasyncio.Coroutine<void> {
  const child = yield* createSubprocessExec(SILENT, [], { stdin: DEVNULL });
  yield* child.wait();
}

function* piped(): wasyncio.Coroutine<void> {
  const child = yield* createSubprocessExec(ECHO, [WORD], { stdin: DEVNULL, stdout: PIPE });
  const [output] = yield* child.communicate();
  check(decode(output as Uint8Array));
}

function* several(one: () => wasyncio.Coroutine<void>): wasyncio.Coroutine<void> {
  for (let count = 0; count < BATCH; count++) yield* one();
}

const severalOf = (one: () => Promise<void>) => async (): Promise<void> => {
  for (let count = 0; count < BATCH; count++) await one();
};

const byNode: Record<SpawnCase, () => Promise<void>> = {
  silent: () =>
    new Promise((resolve, reject) => {
      const child = spawn(SILENT, [], { stdio: ["ignore", "inherit", "inherit"] });
      child.on("error", reject).on("exit", () => resolve());
    }),
  piped: () =>
    new Promise((resolve, reject) => {
      const chunks: Uint8Array[] = [];
      const child = spawn(ECHO, [WORD], { stdio: ["ignore", "pipe", "inherit"] });
      child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      child.on("error", reject).on("close", () => {
        check(decode(Buffer.concat(chunks)));
        resolve();
      });
    }),
};

function byDeno({ Command }: NonNullable<Engines["Deno"]>): typeof byNode {
  const options = { stdin: "null", stderr: "inherit" } as const;
  return {
    silent: async () => void (await new Command(SILENT, { ...options, stdout: "inherit" }).spawn().status),
    piped: async () =>
      check(decode((await new Command(ECHO, { ...options, args: [WORD], stdout: "piped" }).output()).stdout)),
  };
}

function byBun(engine: NonNullable<Engines["Bun"]>): typeof byNode {
  const options = { stdin: null, stderr: "inherit" } as const;
  return {
    silent: async () => void (await engine.spawn([SILENT], { ...options, stdout: "inherit" }).exited),
    piped: async () => {
      const child = engine.spawn([ECHO, WORD], { ...options, stdout: "pipe" });
      check(await new Response(child.stdout).text());
      await child.exited;
    },
  };
}

const own = Deno !== undefined ? byDeno(Deno) : Bun !== undefined ? byBun(Bun) : null;
const sides: Record<string, () => Promise<unknown>> = {
  ours: () => run(several(test === "piped" ? piped : silent)),
  node: severalOf(byNode[test]),
  ...(own !== null && { engine: severalOf(own[test]) }),
};

const used: Record<string, number> = {};
for (let batch = 0; batch < WARM_UP; batch++) for (const side of Object.values(sides)) await side();
for (let batch = 0; batch < Number(batches); batch++) {
  for (const [name, side] of Object.entries(sides)) {
    const before = process.cpuUsage();
    await side();
    const { user, system } = process.cpuUsage(before);
    used[name] = (used[name] ?? 0) + (user + system) / (Number(batches) * BATCH);
  }
}
console.log(JSON.stringify(used));
