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

const SHUT_DOWN = `
  import { Event, getRunningLoop, run, sleep } from "wasyncio";
  const program = run(function* () {
    const stop = new Event();
    getRunningLoop().addSignalHandler("SIGTERM", () => {
      console.log("SIGTERM");
      stop.set();
    });
    console.log("started");
    yield* stop.wait();
    yield* sleep(0.05);
    console.log("cleaned up");
    return true;
  });
  console.log(await program);
`;

/**
 * Two tasks with a store each, a third without, through all kinds of waits; prints "ok", or what was read in a wrong
 * place.
 */
const CONTEXTS = `
  import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
  import {
    Event, Queue, TaskGroup, createTask, forEach, gather, getRunningLoop, run, sleep, timeout, wrapFuture,
  } from "wasyncio";
  const storage = new AsyncLocalStorage();
  const wrong = [];
  const want = (place, expected, found = storage.getStore()) => {
    if (found !== expected) wrong.push([place, String(expected), String(found)].join(" "));
  };
  const later = () => new Promise((resolve) => setTimeout(resolve, 1));
  await run(function* () {
    const loop = getRunningLoop();
    const future = loop.createFuture();
    const event = new Event();
    const queue = new Queue();
    function* reading(place, name) { want(place, name); yield* sleep(0); want(place, name); }
    function* waiting(name) {
      want("start", name);
      yield* sleep(0); want("sleep(0)", name);
      yield* sleep(0.001); want("sleep", name);
      yield* future; want("future", name);
      yield* event.wait(); want("event", name);
      yield* queue.get(); want("queue", name);
      yield* wrapFuture(later()); want("promise", name);
      yield* new TaskGroup().with(function* (group) { group.createTask(reading("group", name)); });
      yield* gather([reading("gather", name), sleep(0.001)]); want("gather", name);
      yield* createTask(reading("eager", name), { eagerStart: true });
      try { yield* timeout(0.001).with(() => sleep(10)); } catch { want("timeout", name); }
      yield* forEach((async function* () { want("generator", name); await later(); want("generator", name); yield 1; })(),
        () => reading("forEach", name));
      loop.callSoon(() => want("callSoon", name));
      loop.callLater(0.001, () => want("callLater", name));
      const bound = AsyncResource.bind(() => want("bound", name));
      yield* sleep(0.005);
      storage.run("who calls", bound);
      const child = storage.run("child", () => createTask(reading("child", "child")));
      yield* child; want("behind run", name);
      storage.enterWith(name + "!");
      yield* sleep(0); want("enterWith", name + "!");
    }
    const old = createTask(waiting(undefined));
    const tasks = [
      storage.run("A", () => createTask(waiting("A"))),
      storage.run("B", () => createTask(waiting("B"), { eagerStart: true })),
    ];
    want("behind an eager start", undefined);
    for (const task of tasks) storage.run("callback", () => task.addDoneCallback(() => want("done-callback", "callback")));
    yield* sleep(0.01);
    storage.run("who wakes", () => {
      future.setResult();
      event.set();
      for (const _ of [1, 2, 3]) queue.putNowait(1);
    });
    yield* gather([old, ...tasks]);
    want("main", undefined);
    loop.setExceptionHandler((_, { message }) => want("exception handler", "C"));
    storage.run("C", () => loop.callSoon(() => { throw new Error(); }));
    loop.callSoon(() => { storage.enterWith("C"); throw new Error(); });
    yield* sleep(0);
    want("main", undefined);
  }, { hostContext: true });
  console.log(wrong.length === 0 ? "ok" : wrong.join("; "));
`;

/** Cancels whatever waits for a socket, and closes what is left; what keeps the process then is no deadlock. */
const SOCKETS_CLOSED = `
  import { Event, createTask, gather, getRunningLoop, run, sleep } from "wasyncio";
  import { openConnection, startServer } from "wasyncio/streams";
  const host = "127.0.0.1";
  function* cancelled(coroutine, seconds) {
    const task = createTask(coroutine);
    yield* sleep(seconds);
    console.log(task.cancel());
    yield* gather([task], { returnExceptions: true });
  }
  const program = run(function* () {
    const server = yield* startServer(() => new Event().wait(), host, 0);
    const port = server.sockets[0].getsockname()[1];
    yield* cancelled(openConnection(host, port), 0);
    yield* cancelled(startServer(() => {}, host, 0), 0);
    const [reader, writer] = yield* openConnection(host, port);
    yield* cancelled(reader.read(), 0.01);
    for (let count = 0; count < 500; count++) writer.write(new Uint8Array(65_536));
    yield* cancelled(writer.drain(), 0.01);
    writer.transport.abort();
    yield* cancelled(server.serveForever(), 0.01);
    yield* getRunningLoop().createFuture();
  });
  program.catch((error) => console.log(error.name));
`;

/** Ends in the midst of it all. */
const SOCKETS_LEFT = `
  import { createTask, run, sleep } from "wasyncio";
  import { openConnection, startServer } from "wasyncio/streams";
  await run(function* () {
    const server = yield* startServer(function* (reader) { yield* reader.read(); yield* sleep(1000); }, "127.0.0.1", 0);
    const port = server.sockets[0].getsockname()[1];
    const [reader, writer] = yield* openConnection("127.0.0.1", port);
    for (let count = 0; count < 500; count++) writer.write(new Uint8Array(65_536));
    createTask(writer.drain());
    createTask(reader.read());
    createTask(openConnection("127.0.0.1", port));
    yield* sleep(0.02);
    console.log("done");
  });
`;

/** Ends in the midst of it all, after it has printed the numbers of its children. */
const CHILDREN_LEFT = `
  import { createTask, run, sleep } from "wasyncio";
  import { PIPE, createSubprocessExec } from "wasyncio/subprocess";
  await run(function* () {
    const silent = yield* createSubprocessExec("sleep", ["1000"]);
    const talking = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE, stderr: PIPE });
    createTask(talking.communicate(new Uint8Array(1_000_000)));
    const full = yield* createSubprocessExec("sleep", ["1000"], { stdin: PIPE });
    full.stdin.write(new Uint8Array(1_000_000));
    createTask(full.stdin.drain());
    createTask(createSubprocessExec("sleep", ["1000"], { stdin: PIPE }));
    yield* sleep(0.02);
    console.log([silent, talking, full].map(({ pid }) => pid).join(" "));
  });
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

  await test("of several loops that only wait, one that waits for another one's end goes on with that", async () => {
    const { end, stdout } = await run(`
      import { getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
      const stuck = (name) => run(function* () {
        try {
          yield* getRunningLoop().createFuture();
        } finally {
          yield* sleep(0.01);
          console.log(name, "cleaned up");
        }
      });
      const first = stuck("first");
      const second = run(function* () {
        try {
          yield* wrapFuture(first);
        } catch (error) {
          console.log("second sees", error.name);
          yield* sleep(0.01);
        }
        return "goes on";
      });
      const third = stuck("third");
      Promise.allSettled([first, second, third]).then((all) => {
        console.log(all.map(({ value, reason }) => value ?? reason.name).join());
      });
    `);
    same(
      [end, stdout],
      [0, "first cleaned up\nsecond sees DeadlockError\nthird cleaned up\nDeadlockError,goes on,DeadlockError\n"],
    );
  });

  await test("of two loops, one in the other, the inner one ends first, and the outer one goes on with that", async () => {
    const { end, stdout } = await run(`
      import { getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
      const inner = async () => {
        await null;
        return run(function* () {
          yield* getRunningLoop().createFuture();
        });
      };
      const outer = run(function* () {
        try {
          yield* wrapFuture(inner());
        } catch (error) {
          console.log("the inner one:", error.name);
        }
        yield* sleep(0.01);
        return "goes on";
      });
      outer.then(console.log, (error) => console.log("the outer one:", error.name));
    `);
    same([end, stdout], [0, "the inner one: DeadlockError\ngoes on\n"]);
  });

  await test("a loop that waits for a future that the outside settles lives until then", async () => {
    const { end, stdout } = await run(`
      import { DeadlockError, getRunningLoop, run } from "wasyncio";
      let settle;
      const program = run(function* main() {
        const future = getRunningLoop().createExternalFuture();
        settle = () => future.setResult("settled");
        console.log(yield* future);
        yield* getRunningLoop().createFuture();
      });
      program.catch((error) => console.log(error instanceof DeadlockError));
      const timer = setTimeout(() => settle(), 300);
      if (typeof Deno === "object") Deno.unrefTimer(timer);
      else timer.unref();
    `);
    same([end, stdout], [0, "settled\ntrue\n"]);
  });

  await test("does not stay for timers of a lowered module of which unref was called", async () => {
    const { end, stdout, seconds } = await run(`
      import { run } from "wasyncio/async";
      import { Promise, await_, run as start, timer } from "wasyncio/lowered";
      const main = () => start(function* () {
        const setTimeout = timer("setTimeout");
        setTimeout(() => console.log("never"), 1_000_000).unref();
        setTimeout(() => console.log("unref"), 20).unref();
        yield* await_(new Promise((resolve) => setTimeout(resolve, 40)));
        yield* await_(new Promise(() => {}));
      }(), "main");
      run(main).catch(({ name }) => console.log(name));
    `);
    same([end, stdout], [0, "unref\nDeadlockError\n"]);
    check(seconds < 20, seconds);
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

    await test("who listens without leave is told", async () => {
      const source = `
        import { run } from "wasyncio";
        import { startServer, startUnixServer } from "wasyncio/streams";
        for (const starting of [() => startServer(() => {}, "127.0.0.1", 0), () => startUnixServer(() => {}, "s.sock")]) {
          await run(starting).catch(({ name, message }) => console.log(name, /--allow-\\w+/.exec(message)[0]));
        }
      `;
      const { end, stdout } = await run(source);
      same([end, stdout], [0, "PermissionError --allow-net\nPermissionError --allow-read\n"]);
    });
  }

  await test("what is under way in a store when the first loop is made keeps it, and nobody else gets it", async () => {
    const { end, stdout } = await run(`
      import { AsyncLocalStorage } from "node:async_hooks";
      import { getRunningLoop, run, sleep } from "wasyncio";
      const storage = new AsyncLocalStorage();
      const seen = [];
      const see = (who) => seen.push(who + " " + storage.getStore());
      let woken;
      const later = (store, main) =>
        storage.run(store, () => new Promise((resolve) => setTimeout(() => resolve(run(main)), 1)));
      const first = later("a", function* () {
        woken = getRunningLoop().createExternalFuture();
        yield* woken;
        see("first");
      });
      const second = later("b", function* () {
        yield* sleep(0.02);
        woken.setResult();
      });
      await Promise.all([first, second]);
      const nobody = run(function* () {
        yield* sleep(0.02);
        see("nobody");
      });
      await storage.run("c", () => run(() => sleep(0.01)));
      await nobody;
      console.log(seen.join());
    `);
    same([end, stdout], [0, "first a,nobody undefined\n"]);
  });

  await test("each task keeps its AsyncLocalStorage, through every wait", async () => {
    const { end, stdout, stderr } = await run(CONTEXTS);
    same([end, stdout, stderr], [0, "ok\n", ""]);
  });

  if (host.name === "deno") {
    await test("tasks keep AsyncLocalStorage only where it is asked for, and the library alone does not load Node's part", async () => {
      const source = `
        import { createTask, run, sleep } from "wasyncio";
        await run(() => sleep(0));
        const { AsyncLocalStorage } = await import("node:async_hooks");
        const storage = new AsyncLocalStorage();
        function* task() { yield* sleep(0.001); return storage.getStore(); }
        const options = OPTIONS;
        console.log(await storage.run("outer", () => run(() => storage.run("A", () => createTask(task())), options)));
      `;
      same((await run(source.replace("OPTIONS", "{}"))).stdout, "outer\n");
      same((await run(source.replace("OPTIONS", "{ hostContext: true }"))).stdout, "A\n");
    });
  }

  const allowsNet = { allow: ["--allow-net"] };

  await test("sockets that are cancelled and closed keep nothing alive", async () => {
    const { end, stdout } = await run(SOCKETS_CLOSED, allowsNet);
    same([end, stdout], [0, `${"true\n".repeat(5)}DeadlockError\n`]);
  });

  await test("ends as soon as the program does, whatever it has left open", async () => {
    const { end, stdout, stderr } = await run(SOCKETS_LEFT, allowsNet);
    same([end, stdout, stderr], [0, "done\n", ""]);
  });

  await test("a read that waits for a peer keeps it alive", async () => {
    const { end, stdout } = await run(
      `
      import { getRunningLoop, run } from "wasyncio";
      import { openConnection, startServer } from "wasyncio/streams";
      await run(function* () {
        let other;
        const server = yield* startServer((_, writer) => void (other = writer), "127.0.0.1", 0);
        const [reader] = yield* openConnection("127.0.0.1", server.sockets[0].getsockname()[1]);
        const timer = setTimeout(() => other.write(new Uint8Array(3)), 300);
        if (typeof Deno === "object") Deno.unrefTimer(timer);
        else timer.unref();
        console.log((yield* reader.read(10)).length);
      });
    `,
      allowsNet,
    );
    same([end, stdout], [0, "3\n"]);
  });

  if (process.platform === "win32") return report.results;

  const allowsRun = { allow: ["--allow-run", "--allow-env", "--allow-read"] };

  await test("a child keeps the process alive as long as somebody waits for it", async () => {
    const { end, stdout, stderr } = await run(
      `
      import { run } from "wasyncio";
      import { createSubprocessExec } from "wasyncio/subprocess";
      await run(function* () {
        const child = yield* createSubprocessExec("sleep", ["0.3"]);
        console.log(yield* child.wait());
      });
    `,
      allowsRun,
    );
    same([end, stdout, stderr], [0, "0\n", ""]);
  });

  await test("ends as soon as the program does, and kills the children that it has left", async () => {
    const { end, stdout, stderr, seconds } = await run(CHILDREN_LEFT, allowsRun);
    same([end, stderr], [0, ""]);
    check(seconds < 20, seconds);
    const pids = stdout.trim().split(" ").map(Number);
    same(pids.length, 3);
    const isThere = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (pids.some(isThere)) await wait(10);
  });

  await test("when all children have ended it is a deadlock as before", async () => {
    const { end, stdout } = await run(
      `
      import { DeadlockError, getRunningLoop, run } from "wasyncio";
      import { PIPE, createSubprocessExec } from "wasyncio/subprocess";
      const program = run(function* () {
        const child = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
        yield* child.communicate();
        yield* getRunningLoop().createFuture();
      });
      program.catch((error) => console.log(error instanceof DeadlockError));
    `,
      allowsRun,
    );
    same([end, stdout], [0, "true\n"]);
  });

  if (host.name === "deno") {
    await test("who starts a process without leave is told", async () => {
      const { stdout } = await run(`
        import { run } from "wasyncio";
        import { createSubprocessExec } from "wasyncio/subprocess";
        await run(() => createSubprocessExec("true")).catch(({ name, message }) =>
          console.log(name, /--allow-\\w+/.exec(message)[0]));
      `);
      same(stdout, "PermissionError --allow-env\n");
    });
  }

  await test("a server lives until Ctrl-C, which closes it and its connections", async () => {
    const running = startProgram(
      `
      import { run } from "wasyncio";
      import { openConnection, startServer } from "wasyncio/streams";
      const serving = run(function* () {
        const server = yield* startServer(function* (reader) { yield* reader.read(); }, "127.0.0.1", 0);
        yield* openConnection("127.0.0.1", server.sockets[0].getsockname()[1]);
        console.log("started");
        yield* server.with(() => server.serveForever());
      });
      serving.catch((error) => console.log(error.name));
    `,
      allowsNet,
    );
    await running.wrote("started");
    await wait(300); // a deadlock would have been seen by now
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    same([end, stdout], [0, "started\nKeyboardInterrupt\n"]);
  });

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

  await test("a program that waits only for SIGTERM lives until it comes, and ends in order", async () => {
    const running = startProgram(SHUT_DOWN);
    await running.wrote("started");
    await wait(300); // a deadlock would have been seen by now
    running.child.kill("SIGTERM");
    const { end, stdout, stderr } = await running.ended;
    same([end, stdout, stderr], [0, "started\nSIGTERM\ncleaned up\ntrue\n", ""]);
  });

  await test("behind its handler it is a deadlock as before", async () => {
    const { end, stdout } = await run(`
      import { DeadlockError, getRunningLoop, run } from "wasyncio";
      const program = run(function* () {
        const loop = getRunningLoop();
        loop.addSignalHandler("SIGTERM", () => {});
        console.log(loop.removeSignalHandler("SIGTERM"));
        yield* loop.createFuture();
      });
      program.catch((error) => console.log(error instanceof DeadlockError));
    `);
    same([end, stdout], [0, "true\ntrue\n"]);
  });

  await test("a handler for SIGINT takes over from run, and gives back", async () => {
    const running = startProgram(`
      import { getRunningLoop, run, sleep } from "wasyncio";
      const program = run(function* () {
        const loop = getRunningLoop();
        loop.addSignalHandler("SIGINT", () => console.log("own", loop.removeSignalHandler("SIGINT")));
        console.log("started");
        yield* sleep(1000);
      });
      program.catch((error) => console.log(error.name));
    `);
    await running.wrote("started");
    running.child.kill("SIGINT");
    await running.wrote("own true");
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    same([end, stdout], [0, "started\nown true\nKeyboardInterrupt\n"]);
  });

  await test("SIGUSR2 and SIGHUP have handlers, SIGKILL has none", async () => {
    const running = startProgram(`
      import { getRunningLoop, run } from "wasyncio";
      run(function* () {
        const loop = getRunningLoop();
        const done = loop.createFuture();
        loop.addSignalHandler("SIGUSR2", (text) => console.log(text), "USR2");
        loop.addSignalHandler("SIGHUP", () => done.setResult());
        try { loop.addSignalHandler("SIGKILL", () => {}); } catch (error) { console.log(error.message); }
        yield* done;
      });
    `);
    await running.wrote("SIGKILL");
    running.child.kill("SIGUSR2");
    await running.wrote("USR2");
    running.child.kill("SIGHUP");
    const { end, stdout } = await running.ended;
    same([end, stdout], [0, "signal SIGKILL cannot be caught\nUSR2\n"]);
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
