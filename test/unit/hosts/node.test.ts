// Node: what depends on time, on other work of the process, and on how the process ends. Real time, generous limits.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Coroutine, EventLoop, createTask, gather, sleep, wrapFuture } from "wasyncio";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { ProgramFolder } from "../../support/program-folder.ts";
import { iteration, slotsInUse } from "../../support/counters.ts";

/** Runs a program in a loop of its own. */
async function run<T>(main: (loop: EventLoop) => Coroutine<T>): Promise<T> {
  const loop = new EventLoop();
  try {
    return await loop.runUntilComplete(main(loop));
  } finally {
    expect(slotsInUse(loop)).toBe(0);
    loop.close();
  }
}

const listenersBefore = process.listenerCount("beforeExit");

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("time", () => {
  test("sleeps as long as it should", async () => {
    const seconds = await run(function* (loop) {
      const started = loop.time();
      yield* gather(sleep(0.05), sleep({ milliseconds: 30 }), sleep(0));
      return loop.time() - started;
    });
    expect(seconds).toBeGreaterThanOrEqual(0.05 - 1e-6);
    expect(seconds).toBeLessThan(20); // no milliseconds are taken for seconds
  });

  test("wakes at each deadline in order, whatever order they were set in", async () => {
    const order = await run(function* () {
      const order: number[] = [];
      function* each(ms: number): Coroutine<void> {
        yield* sleep({ milliseconds: ms });
        order.push(ms);
      }
      yield* gather([600, 200, 400, 200, 1].map(each));
      return order;
    });
    expect(order).toEqual([1, 200, 200, 400, 600]);
  });

  test("arms one timer, for the earliest deadline", async () => {
    const { setTimeout: original } = globalThis;
    let armed = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => (armed++, original(...args))) as never;
    try {
      await run(function* () {
        yield* gather(Array.from({ length: 1000 }, () => sleep(0.2))); // made long before the first is due
      });
    } finally {
      globalThis.setTimeout = original;
    }
    expect(armed).toBeGreaterThan(0);
    expect(armed).toBeLessThan(10);
  });

  test("leaves the timer as it is while the loop is woken for other things", async () => {
    const { setTimeout: original } = globalThis;
    let armed = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => (armed++, original(...args))) as never;
    try {
      await run(function* () {
        const sleeping = createTask(sleep(0.2));
        for (let i = 0; i < 50; i++) yield* wrapFuture(Promise.resolve());
        yield* sleeping;
      });
    } finally {
      globalThis.setTimeout = original;
    }
    expect(armed).toBeLessThan(10);
  });

  test("LOOP-19 TIMER-12 a very late deadline is waited for in parts, which the host's timer can count", async () => {
    const { setTimeout: original } = globalThis;
    const delays: unknown[] = [];
    globalThis.setTimeout = ((callback: () => void, ms: number) => (delays.push(ms), original(callback, ms))) as never;
    try {
      const loop = new EventLoop();
      const timers = [loop.callLater(1e9, () => {}), loop.callLater(Infinity, () => {})];
      const run = loop.runForever();
      await new Promise((resolve) => setImmediate(resolve));
      loop.stop();
      await run;
      for (const timer of timers) timer.cancel();
      loop.close();
    } finally {
      globalThis.setTimeout = original;
    }
    expect(delays).toEqual([86_400_000]);
  });

  test("takes a turn in a microtask: what it gives to promises runs before what it gives to nextTick", async () => {
    const log: string[] = [];
    await run(function* () {
      for (const wait of [0, 0.002]) {
        yield* sleep(wait); // the first turn, and one by a timer
        process.nextTick(() => log.push("tick"));
        void Promise.resolve().then(() => log.push("promise"));
        yield* sleep(0.002);
      }
    });
    expect(log).toEqual(["promise", "tick", "promise", "tick"]);
  });

  test("asks for one turn, however much is scheduled from outside", async () => {
    const iterations = await run(function* (loop) {
      yield* wrapFuture(Promise.resolve()); // from now on the loop waits
      void Promise.resolve().then(() => {
        for (let i = 0; i < 1000; i++) loop.callSoonThreadsafe(() => {});
      });
      yield* sleep(0.05);
      return iteration(loop);
    });
    expect(iterations).toBeLessThan(20);
  });

  test("a promise that is settled outside wakes the loop", async () => {
    const value = await run(function* () {
      return yield* wrapFuture(wait(10).then(() => "woken"));
    });
    expect(value).toBe("woken");
  });
});

describe("fair turns", () => {
  /**
   * Keeps the loop busy with a thousand tasks that never wait for anything, until `stop` says so, which is told of
   * their steps.
   */
  function* beBusy(stop: (steps: number) => boolean): Coroutine<void> {
    let steps = 0;
    function* busy(): Coroutine<void> {
      while (!stop(steps)) {
        steps++;
        yield* sleep(0);
      }
    }
    yield* gather(Array.from({ length: 1000 }, busy));
  }

  test("a busy loop lets timers, immediates and HTTP through, and they let it through", async () => {
    const server = createServer((_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const counts = { timers: 0, immediates: 0, microtasks: 0, requests: 0 };
    let over = false;
    const work = async (kind: keyof typeof counts, each: () => Promise<unknown>): Promise<void> => {
      while (!over) {
        await each();
        counts[kind]++;
      }
    };
    const others = [
      work("timers", () => wait(1)),
      work("immediates", () => new Promise((resolve) => setImmediate(resolve))),
      work("microtasks", async () => {
        for (let i = 0; i < 100; i++) await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }),
      work(
        "requests",
        () =>
          new Promise((resolve, reject) => {
            get({ port, agent: false }, (response) => response.resume().on("end", resolve)).on("error", reject);
          }),
      ),
    ];
    const enough = { timers: 100, immediates: 100, microtasks: 100, requests: 20 };
    const kinds = Object.keys(counts) as (keyof typeof counts)[];
    await run(() => beBusy((steps) => steps > 50_000 && kinds.every((kind) => counts[kind] >= enough[kind])));
    over = true;
    await Promise.all(others);
    server.close();
  });

  test("no other work waits much longer than a slice", async () => {
    const LOOKS = 100;
    /**
     * What the process itself has worked since the last look, in milliseconds: not the time that other processes took.
     */
    const waits: number[] = [];
    let last = process.cpuUsage();
    const look = (): void => {
      const { user, system } = process.cpuUsage(last);
      waits.push((user + system) / 1000);
      last = process.cpuUsage();
      if (waits.length < LOOKS) setImmediate(look);
    };
    setImmediate(look);
    await run(() => beBusy(() => waits.length >= LOOKS));
    waits.sort((left, right) => left - right);
    expect(waits[LOOKS >> 1]).toBeLessThan(20); // a slice is 4 ms
  });

  test("slow callbacks do not make a slice many times longer", async () => {
    let immediates = 0;
    let over = false;
    const count = (): void => {
      immediates++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    await run(function* () {
      function* slow(): Coroutine<void> {
        const until = performance.now() + 1;
        while (performance.now() < until);
        yield* sleep(0);
      }
      yield* gather(Array.from({ length: 300 }, slow));
    });
    over = true;
    expect(immediates).toBeGreaterThan(30); // 300 ms and more, in slices of about 4
  });

  test("two busy loops share the process", async () => {
    const steps = [0, 0];
    const eachHasRun = (): boolean => steps.every((count) => count > 5000);
    await Promise.all(steps.map((_, loop) => run(() => beBusy((count) => ((steps[loop] = count), eachHasRun())))));
    expect(eachHasRun()).toBe(true);
  });

  test("twenty loops run at once, and make no listener too many", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on("warning", note);
    const values = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        run(function* () {
          yield* sleep(0.01);
          return i;
        }),
      ),
    );
    await wait(5);
    process.off("warning", note);
    expect(values).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(warnings).toEqual([]);
    expect(process.listenerCount("beforeExit")).toBe(listenersBefore);
  });
});

describe("a process of its own", () => {
  let folder: ProgramFolder;
  beforeAll(async () => {
    folder = await ProgramFolder.create();
  });
  afterAll(() => folder.remove());

  test("ends as soon as the program does", async () => {
    const { end, stdout, stderr } = await folder.run(`
      import { run, sleep, createTask } from "./wasyncio.mjs";
      await run(function* () {
        createTask(sleep(1000)); // is cancelled
        yield* sleep(0.05);
        console.log("done");
      });
    `);
    expect([end, stdout, stderr]).toEqual([0, "done\n", ""]);
  });

  test("lives as long as the loop waits for a timer", async () => {
    const { end, stdout } = await folder.run(`
      import { EventLoop } from "./wasyncio.mjs";
      const loop = new EventLoop();
      loop.callLater(0.2, () => { console.log("fired"); loop.stop(); });
      loop.runForever().then(() => console.log("stopped"));
    `);
    expect([end, stdout]).toEqual([0, "fired\nstopped\n"]);
  });

  test("does not stay for a loop that is not run, whatever is scheduled in it", async () => {
    const { end, stdout } = await folder.run(`
      import { EventLoop } from "./wasyncio.mjs";
      const loop = new EventLoop();
      loop.callLater(1000, () => {});
      loop.callSoon(() => console.log("never"));
      console.log("end");
    `);
    expect([end, stdout]).toEqual([0, "end\n"]);
  });

  test("a loop that only waits for what never comes rejects with DeadlockError, naming the tasks", async () => {
    const { end, stdout } = await folder.run(`
      import { run, createTask, getRunningLoop, DeadlockError } from "./wasyncio.mjs";
      function* waitForever() { yield* getRunningLoop().createFuture(); }
      try {
        await run(function* main() {
          createTask(waitForever(), { name: "helper" });
          try { yield* waitForever(); } finally { console.log("cleaned up"); }
        });
      } catch (error) {
        console.log(error instanceof DeadlockError, /Task 'Task-1' is waiting[^]*Task 'helper' is waiting/.test(error.message));
      }
    `);
    expect([end, stdout]).toEqual([0, "cleaned up\ntrue true\n"]);
  });

  test("a loop that waits for a socket, a child or a timer of others is no deadlock", async () => {
    const { end, stdout } = await folder.run(`
      import { run, wrapFuture } from "./wasyncio.mjs";
      import { execFile } from "node:child_process";
      import { setTimeout as wait } from "node:timers/promises";
      await run(function* () {
        yield* wrapFuture(wait(100));
        const text = yield* wrapFuture(new Promise((resolve) => execFile(process.execPath, ["-p", "6 * 7"], (_, out) => resolve(out))));
        console.log(text.trim());
      });
    `);
    expect([end, stdout]).toEqual([0, "42\n"]);
  });

  test("an idle loop takes no time of the processor", async () => {
    const { end, stdout } = await folder.run(`
      import { run, sleep } from "./wasyncio.mjs";
      await run(function* () {
        yield* sleep(0.1);
        const before = process.cpuUsage();
        yield* sleep(1);
        const { user, system } = process.cpuUsage(before);
        console.log((user + system) / 1000 < 200); // milliseconds in a second
      });
    `);
    expect([end, stdout]).toEqual([0, "true\n"]);
  });

  test("importing does nothing: no timer, no listener, no output, no wasm", async () => {
    const { end, stdout, stderr } = await folder.run(`
      const compile = WebAssembly.Module;
      let compiled = 0;
      WebAssembly.Module = new Proxy(compile, { construct: (...args) => (compiled++, Reflect.construct(...args)) });
      const events = process.eventNames().length;
      await import("./wasyncio.mjs");
      console.log(compiled, process.eventNames().length - events);
    `);
    expect([end, stdout, stderr]).toEqual([0, "0 0\n", ""]);
  });

  test("classes keep their names in a bundle", async () => {
    const { stdout } = await folder.run(`
      import * as wasyncio from "./wasyncio.mjs";
      const classes = Object.entries(wasyncio).filter(([, value]) => /^class\\b/.test(String(value)));
      console.log(classes.length > 20, classes.filter(([name, value]) => value.name !== name).map(([name]) => name).join());
    `);
    expect(stdout).toBe("true \n");
  });

  test("WASYNCIO_DEBUG=1 switches debug mode on", async () => {
    const source = `
      import { run, sleep, getRunningLoop } from "./wasyncio.mjs";
      await run(function* main() {
        const until = performance.now() + 150;
        while (performance.now() < until);
        yield* sleep(0);
        console.log(getRunningLoop().getDebug());
      });
    `;
    const debug = await folder.run(source, { env: { WASYNCIO_DEBUG: "1" } });
    expect(debug.stdout).toContain("true\n");
    expect(debug.stderr).toMatch(/Executing <Task pending name='Task-1' coro=<.*> took \d+\.\d{3} seconds/);
    const plain = await folder.run(source, { env: { WASYNCIO_DEBUG: "" } });
    expect([plain.stdout, plain.stderr]).toEqual(["false\n", ""]);
  });

  test("an error that nobody looked at is reported when its future is collected", async () => {
    const { stdout, stderr } = await folder.run(
      `
      import { run, sleep, getRunningLoop } from "./wasyncio.mjs";
      await run(function* () {
        getRunningLoop().createFuture().setException(new RangeError("lost"));
        for (let i = 0; i < 50; i++) {
          globalThis.gc();
          yield* sleep(0.01);
        }
        console.log("end");
      });
    `,
      { args: ["--expose-gc"] },
    );
    expect(stdout).toBe("end\n");
    expect(stderr).toMatch(/^Future exception was never retrieved\nRangeError: lost/);
  });

  test("closed loops are collected, whatever of the outside they have followed", async () => {
    const { stdout } = await folder.run(
      `
      import { EventLoop, run, sleep, waitFor, wrapFuture } from "./wasyncio.mjs";
      const { signal } = new AbortController();
      const never = new Promise(() => {});
      const silent = { then(fulfil, reject) { (this.asked ??= []).push([fulfil, reject]); } };
      const nested = { then(fulfil) { fulfil(silent); } };
      const loops = [];
      const make = () => {
        const loop = new EventLoop();
        loops.push(new WeakRef(loop));
        return loop;
      };
      const follow = {
        signal: (loop) => loop.createTask(sleep(9), { signal }),
        promise: (loop) => wrapFuture(never, { loop }),
        thenable: (loop) => wrapFuture(silent, { loop }),
        "nested thenable": (loop) => wrapFuture(nested, { loop }),
      };
      const names = Object.keys(follow);
      names.forEach((name) => {
        const loop = make();
        follow[name](loop);
        loop.close();
      });
      await run(() => waitFor(wrapFuture(never), 0.001), { loopFactory: make, signal }).catch(() => {});
      for (let i = 0; i < 20; i++) {
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log(loops.length, [...names, "program"].filter((_, index) => loops[index].deref() !== undefined).join());
    `,
      { args: ["--expose-gc"] },
    );
    expect(stdout).toBe("5 \n");
  });

  test("and that of a task in debug mode, too: what is told of an error does not keep its task", async () => {
    const { stderr } = await folder.run(
      `
      import { run, sleep, createTask, getRunningLoop } from "./wasyncio.mjs";
      await run(function* () {
        getRunningLoop().slowCallbackDuration = Infinity; // collecting may take a while
        (() => void createTask((function* () { throw new RangeError("lost"); })()))();
        for (let i = 0; i < 50; i++) {
          yield* sleep(0.01);
          globalThis.gc();
        }
        console.error("end");
      }, { debug: true });
    `,
      { args: ["--expose-gc"] },
    );
    expect(stderr).toMatch(/^Task exception was never retrieved\n[^]*RangeError: lost[^]*\nend\n/);
  });

  describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
    const program = `
      import { run, sleep, KeyboardInterrupt, currentTask } from "./wasyncio.mjs";
      try {
        await run(function* () {
          console.log("started");
          try {
            yield* sleep(1000);
          } catch (error) {
            console.log(error.name, currentTask().cancelling());
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

    test("cancels the program once: finally blocks run, and it rejects with KeyboardInterrupt", async () => {
      const running = folder.start(program.replace("SECONDS", "0.2"));
      await running.wrote("started");
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual([0, "started\nCancelledError 1\ncleaned up\ntrue\n"]);
    });

    // Their 100 ms are 10 s: no machine is so busy that an echo takes so long.
    const slowly = `
      const { now } = performance;
      const later = setTimeout;
      performance.now = () => now.call(performance) / 100;
      globalThis.setTimeout = (call, ms) => later(call, ms * 100);
    `;

    test("npm's echo within 100 ms is not taken for a second one", async () => {
      const running = folder.start(slowly + program.replace("SECONDS", "0.003"));
      await running.wrote("started");
      running.child.kill("SIGINT");
      await wait(30);
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual([0, "started\nCancelledError 1\ncleaned up\ntrue\n"]);
    });

    test("the echo finds a program that has ended meanwhile, and does not end the process", async () => {
      const running = folder.start(
        `${slowly}${program.replace("SECONDS", "0")} await new Promise((resolve) => setTimeout(resolve, 3)); console.log("end");`,
      );
      await running.wrote("started");
      running.child.kill("SIGINT");
      await running.wrote("true");
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual([0, "started\nCancelledError 1\ncleaned up\ntrue\nend\n"]);
    });

    test("a second one ends the process by the signal", async () => {
      const running = folder.start(program.replace("SECONDS", "1000"));
      await running.wrote("started");
      running.child.kill("SIGINT");
      await running.wrote("CancelledError");
      await wait(150);
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual(["SIGINT", "started\nCancelledError 1\n"]);
    });

    test("behind the program, Ctrl-C is the process's own again", async () => {
      const running = folder.start(`
        import { run, sleep } from "./wasyncio.mjs";
        await run(() => sleep(0));
        console.log("behind", process.listenerCount("SIGINT"));
        setTimeout(() => {}, 100_000);
      `);
      await running.wrote("behind");
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual(["SIGINT", "behind 0\n"]);
    });

    test("the next program of the process is interrupted anew", async () => {
      const running = folder.start(
        `${program.replace("SECONDS", "0.15")} ${program.replace("SECONDS", "0").replace(/import.*/, "")}`,
      );
      const written = running.wrote("started");
      await written;
      running.child.kill("SIGINT");
      await running.wrote("true\nstarted");
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      const once = "started\nCancelledError 1\ncleaned up\ntrue\n";
      expect([end, stdout]).toEqual([0, once + once]);
    });

    test("the next program may begin within the echo's 100 ms", async () => {
      const running = folder.start(
        `${program.replace("SECONDS", "0")} ${program.replace("SECONDS", "0").replace(/import.*/, "")}`,
      );
      await running.wrote("started");
      running.child.kill("SIGINT");
      await running.wrote("true\nstarted");
      await wait(200);
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      const once = "started\nCancelledError 1\ncleaned up\ntrue\n";
      expect([end, stdout]).toEqual([0, once + once]);
    });

    test("interrupts every program that runs, through one listener", async () => {
      const running = folder.start(`
        import { run, sleep } from "./wasyncio.mjs";
        const programs = Array.from({ length: 15 }, () => run(() => sleep(1000)));
        setTimeout(() => console.log("started", process.listenerCount("SIGINT")), 50);
        const outcomes = await Promise.allSettled(programs);
        console.log(outcomes.map(({ reason }) => reason?.name).join());
      `);
      await running.wrote("started 1");
      running.child.kill("SIGINT");
      const { end, stdout, stderr } = await running.ended;
      expect([end, stdout, stderr]).toEqual([0, `started 1\n${Array(15).fill("KeyboardInterrupt").join()}\n`, ""]);
    });

    test("a program that swallows the cancellation goes on, and gives its result", async () => {
      const running = folder.start(`
        import { run, sleep } from "./wasyncio.mjs";
        console.log(await run(function* () {
          console.log("started");
          try { yield* sleep(1000); } catch {}
          yield* sleep(0.01);
          return "result";
        }));
      `);
      await running.wrote("started");
      running.child.kill("SIGINT");
      const { end, stdout } = await running.ended;
      expect([end, stdout]).toEqual([0, "started\nresult\n"]);
    });
  });
});
