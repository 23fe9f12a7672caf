// Processes: each ends by itself when the loop has nothing more to wait for, not before, and on Ctrl-C.
//
// These programs are not bundled: the package lies in node_modules, and the host itself finds what the conditions say.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, work, writeProgram } from "./bundle.ts";
import type { FoundHost, Host } from "./hosts.ts";
import { type Ended, type Running, start } from "./process.ts";
import { Report, type Result, check, same, wait } from "./suite/report.ts";

/** Seconds that such a process may take. */
const LIMIT = 30;

interface ProgramOptions {
  /** What Deno is to be allowed. */
  readonly allow?: readonly string[];
  readonly env?: Record<string, string>;
  /** Seconds. */
  readonly limit?: number;
}

const INTERRUPTED = `
  import { KeyboardInterrupt, run, sleep } from "wasyncio";
  try {
    await run(function* () {
      console.log("started");
      try {
        yield* sleep(1000);
      } catch (error) {
        console.log(error.name);
        throw error;
      } finally {
        yield* sleep(SECONDS);
        console.log("cleaned up");
      }
    });
  } catch (error) {
    console.log(error instanceof KeyboardInterrupt);
  }
`;

export async function testLifetime(host: Host, { command }: FoundHost): Promise<readonly Result[]> {
  if (command === undefined)
    return [{ name: "process", error: "the host has no processes: that has to stand in gaps.ts" }];
  const folder = join(work, `${host.name} processes`);
  const library = join(folder, "node_modules/wasyncio");
  mkdirSync(library, { recursive: true });
  cpSync(join(root, "package.json"), join(library, "package.json"));
  cpSync(join(root, "dist"), join(library, "dist"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", dependencies: { wasyncio: "*" } }));

  let count = 0;
  const startProgram = (source: string, { allow = [], ...options }: ProgramOptions = {}): Running => {
    const file = writeProgram(folder, `program-${++count}.mjs`, source);
    return start(command(file, allow), { cwd: folder, limit: LIMIT, ...options });
  };
  const run = (source: string, options?: ProgramOptions): Promise<Ended> => startProgram(source, options).ended;
  const report = new Report();
  const test = (name: string, body: () => Promise<void>): Promise<void> => report.test(`process: ${name}`, body);

  await test("ends as soon as the program does", async () => {
    const { end, stdout, stderr, seconds } = await run(`
      import { createTask, run, sleep } from "wasyncio";
      await run(function* () {
        createTask(sleep(1000)); // is cancelled
        yield* sleep(0.05);
        console.log("done");
      });
    `);
    same([end, stdout, stderr], [0, "done\n", ""]);
    check(seconds < 20, seconds);
  });

  await test("lives as long as a loop waits for a timer", async () => {
    const { end, stdout } = await run(`
      import { newEventLoop } from "wasyncio";
      const loop = newEventLoop();
      loop.callLater(0.2, () => { console.log("fired"); loop.stop(); });
      loop.runForever().then(() => console.log("stopped"));
    `);
    same([end, stdout], [0, "fired\nstopped\n"]);
  });

  await test("the console shows a task, a lock and a queue by their text", async () => {
    const { end, stdout } = await run(`
      import { Lock, Queue, createTask, run, sleep } from "wasyncio";
      await run(function* () {
        console.log(createTask(sleep(0), { name: "t" }), new Lock(), new Queue());
        console.log(JSON.stringify([createTask(sleep(0), { name: "t" })]));
      });
    `);
    const task = "<Task pending name='t' coro=<coroutine>>";
    same([end, stdout], [0, `${task} <Lock [unlocked]> <Queue maxsize=0>\n["${task}"]\n`]);
  });

  await test("does not stay for a loop that is not run, whatever is scheduled in it", async () => {
    const { end, stdout, seconds } = await run(`
      import { newEventLoop } from "wasyncio";
      const loop = newEventLoop();
      loop.callLater(1000, () => {});
      loop.callSoon(() => console.log("never"));
      console.log("end");
    `);
    same([end, stdout], [0, "end\n"]);
    check(seconds < 20, seconds);
  });

  await test("waits for a timer of others that a task waits for", async () => {
    const { end, stdout } = await run(`
      import { run, wrapFuture } from "wasyncio";
      const later = new Promise((resolve) => setTimeout(resolve, 100, "later"));
      console.log(await run(() => wrapFuture(later)));
    `);
    same([end, stdout], [0, "later\n"]);
  });

  await test("a loop that only waits for what never comes rejects with DeadlockError, and cleans up", async () => {
    const { end, stdout } = await run(`
      import { DeadlockError, getRunningLoop, run, sleep } from "wasyncio";
      const program = run(function* main() {
        try {
          yield* getRunningLoop().createFuture();
        } finally {
          yield* sleep(0.01);
          console.log("cleaned up");
        }
      });
      program.catch((error) => console.log(error instanceof DeadlockError));
    `);
    same([end, stdout], [0, "cleaned up\ntrue\n"]);
  });

  await test("a deadlock is seen at the top of a module, too", async () => {
    const { end, stdout } = await run(
      `
      import { getRunningLoop, run } from "wasyncio";
      try {
        await run(() => getRunningLoop().createFuture());
      } catch (error) {
        console.log(error.name);
      }
    `,
      { limit: 8 },
    );
    same([end, stdout], [0, "DeadlockError\n"]);
  });

  await test("WASYNCIO_DEBUG=1 switches debug mode on", async () => {
    const source = `
      import { getRunningLoop, run } from "wasyncio";
      await run(function* () { console.log(getRunningLoop().getDebug()); });
    `;
    const { stdout } = await run(source, { env: { WASYNCIO_DEBUG: "1" }, allow: ["--allow-env"] });
    same(stdout, "true\n");
    same((await run(source)).stdout, "false\n");
  });

  if (host.name === "deno") {
    await test("a program without permissions is not asked for any", async () => {
      const { stdout, stderr } = await run(
        `import { getRunningLoop, run } from "wasyncio";
         await run(function* () { console.log(getRunningLoop().getDebug()); });`,
        { env: { WASYNCIO_DEBUG: "1" } },
      );
      same([stdout, stderr], ["false\n", ""]);
    });
  }

  if (process.platform === "win32") return report.results;

  await test("Ctrl-C cancels the program once, and run rejects with KeyboardInterrupt", async () => {
    const running = startProgram(INTERRUPTED.replace("SECONDS", "0.2"));
    await running.wrote("started");
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    same([end, stdout], [0, "started\nCancelledError\ncleaned up\ntrue\n"]);
  });

  await test("npm's echo of Ctrl-C is not taken for a second one", async () => {
    const running = startProgram(INTERRUPTED.replace("SECONDS", "0.3"));
    await running.wrote("started");
    running.child.kill("SIGINT");
    await wait(30);
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    same([end, stdout], [0, "started\nCancelledError\ncleaned up\ntrue\n"]);
  });

  await test("a second Ctrl-C ends the process", async () => {
    const running = startProgram(INTERRUPTED.replace("SECONDS", "1000"));
    await running.wrote("started");
    running.child.kill("SIGINT");
    await running.wrote("CancelledError");
    await wait(200);
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    // Deno may not send itself a signal without permission: it ends with the exit code that a shell gives for one.
    same([end, stdout], [host.name === "deno" ? 130 : "SIGINT", "started\nCancelledError\n"]);
  });

  await test("behind the program, Ctrl-C is the process's own again", async () => {
    const running = startProgram(`
      import { run, sleep } from "wasyncio";
      await run(() => sleep(0));
      console.log("behind");
      setTimeout(() => {}, 100_000);
    `);
    await running.wrote("behind");
    running.child.kill("SIGINT");
    const { end } = await running.ended;
    check(end === "SIGINT" || end === 130, end);
  });

  return report.results;
}
