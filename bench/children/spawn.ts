// `spawn.mjs DOORS SIDE COUNT`: starts a child and waits for it, one after the other. Prints microseconds of the
// processor that this process has used for each, the warm-up left out.

import type * as wasyncio from "wasyncio";
import type * as subprocess from "wasyncio/subprocess";

/** Who starts the children: we, Node's call, or the engine's own; each alone, and with a pipe that is read. */
export type SpawnSide = "ours" | "ours, pipe" | "node" | "node, pipe" | "engine" | "engine, pipe";

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
const WARM_UP = 30;

const { Deno, Bun } = globalThis as unknown as Engines;
const [doors, side, count] = process.argv.slice(2) as [string, SpawnSide, string];

/** Runs `one` again and again. */
async function measure(one: () => Promise<void>): Promise<void> {
  for (let round = 0; round < WARM_UP; round++) await one();
  const before = process.cpuUsage();
  for (let round = 0; round < Number(count); round++) await one();
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify((user + system) / Number(count)));
}

function check(output: string): void {
  if (output !== `${WORD}\n`) throw new Error(`got ${output}`);
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function measureNode(hasPipe: boolean): Promise<void> {
  const { spawn } = await import("node:child_process");
  const inherited = ["ignore", "inherit", "inherit"] as const;
  await measure(
    () =>
      new Promise((resolve, reject) => {
        if (!hasPipe) {
          spawn(SILENT, [], { stdio: [...inherited] })
            .on("exit", resolve)
            .on("error", reject);
          return;
        }
        const chunks: Uint8Array[] = [];
        const child = spawn(ECHO, [WORD], { stdio: ["ignore", "pipe", "inherit"] });
        child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        child.on("error", reject).on("close", () => {
          check(decode(Buffer.concat(chunks)));
          resolve();
        });
      }),
  );
}

async function measureEngine(hasPipe: boolean): Promise<void> {
  if (Deno !== undefined) {
    const { Command } = Deno;
    const options = { stdin: "null", stderr: "inherit" } as const;
    const alone = async (): Promise<void> =>
      void (await new Command(SILENT, { ...options, stdout: "inherit" }).spawn().status);
    const piped = async (): Promise<void> =>
      check(decode((await new Command(ECHO, { ...options, args: [WORD], stdout: "piped" }).output()).stdout));
    return measure(hasPipe ? piped : alone);
  }
  if (Bun === undefined) throw new Error("this engine has no call of its own");
  const { spawn } = Bun;
  const options = { stdin: null, stderr: "inherit" } as const;
  const alone = async (): Promise<void> => void (await spawn([SILENT], { ...options, stdout: "inherit" }).exited);
  const piped = async (): Promise<void> => {
    const child = spawn([ECHO, WORD], { ...options, stdout: "pipe" });
    check(await new Response(child.stdout).text());
    await child.exited;
  };
  return measure(hasPipe ? piped : alone);
}

async function measureOurs(hasPipe: boolean): Promise<void> {
  const [main, door] = doors.split(",");
  const { run } = (await import(main)) as typeof wasyncio;
  const { DEVNULL, PIPE, createSubprocessExec } = (await import(door)) as typeof subprocess;
  function* alone(): wasyncio.Coroutine<void> {
    const child = yield* createSubprocessExec(SILENT, [], { stdin: DEVNULL });
    yield* child.wait();
  }
  function* piped(): wasyncio.Coroutine<void> {
    const child = yield* createSubprocessExec(ECHO, [WORD], { stdin: DEVNULL, stdout: PIPE });
    const [output] = yield* child.communicate();
    check(decode(output as Uint8Array));
  }
  const one = hasPipe ? piped : alone;
  function* several(rounds: number): wasyncio.Coroutine<void> {
    for (let round = 0; round < rounds; round++) yield* one();
  }
  await run(function* () {
    yield* several(WARM_UP);
    const before = process.cpuUsage();
    yield* several(Number(count));
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify((user + system) / Number(count)));
  });
}

const hasPipe = side.endsWith("pipe");
if (side.startsWith("node")) await measureNode(hasPipe);
else if (side.startsWith("engine")) await measureEngine(hasPipe);
else await measureOurs(hasPipe);
