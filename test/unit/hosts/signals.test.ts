// Signal handlers over signals in the hands of the test: what a loop does at one, and who of a process listens to what.

import { describe, expect, test } from "vitest";
import { ContextVar, EventLoop, NotAvailableError, Runner, copyContext, run, sleep } from "wasyncio";
import type { Coroutine } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { createHost as createBrowserHost } from "../../../src/hosts/browser/clock.ts";
import { createInterrupts } from "../../../src/hosts/parts/interrupts.ts";
import { LoopSignals } from "../../../src/hosts/parts/loop-signals.ts";
import { ProcessSignals } from "../../../src/hosts/parts/signals.ts";
import { createHost as createWorkerdHost } from "../../../src/hosts/workerd/clock.ts";
import { giving } from "../../support/coroutines.ts";
import { ManualHost } from "../../support/manual-host.ts";
import { attempt, describeError } from "../../support/outcomes.ts";

/** A process whose signals the test sends. */
class ManualProcess {
  /** Times that Ctrl-C has ended it. */
  ended = 0;
  readonly #listeners = new Map<string, (() => void)[]>();
  readonly #signals = new ProcessSignals({
    listen: (name, handle) => {
      if (name === "SIGSEGV") throw new Error("EINVAL");
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), handle]);
    },
    unlisten: (name, handle) => {
      const left = (this.#listeners.get(name) ?? []).filter((each) => each !== handle);
      if (left.length > 0) this.#listeners.set(name, left);
      else this.#listeners.delete(name);
    },
  });
  readonly #watchInterrupts = createInterrupts(this.#signals, () => this.ended++);

  /** Listeners by signal: "SIGTERM 1". */
  get listeners(): string[] {
    return [...this.#listeners].map(([name, { length }]) => `${name} ${length}`);
  }

  /** Sends it a signal. Returns whether somebody listened. */
  send(name: string): boolean {
    const listeners = this.#listeners.get(name) ?? [];
    for (const handle of listeners) handle();
    return listeners.length > 0;
  }

  /** A loop in it. */
  newLoop(): { loop: EventLoop; host: ManualHost } {
    const signals = new LoopSignals(this.#signals, this.#watchInterrupts);
    const host = new ManualHost();
    const parts = {
      signals: () => signals,
      onInterrupt: (interrupt: () => void) => signals.onInterrupt(interrupt),
      close: () => signals.close(),
    };
    return { loop: new EventLoop(Object.assign(host, parts)), host };
  }
}

/** Some turns, with what async functions do between them. */
async function turns(host: ManualHost, count = 4): Promise<void> {
  for (let i = 0; i < count; i++) {
    host.turn();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a signal", () => {
  test("calls its handler in the loop, in the iteration behind the one in which it is taken in", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const log: unknown[] = [];
    loop.addSignalHandler("SIGTERM", (...args) => log.push(args, loop.inTurn), 1, "two");
    const running = loop.runForever();
    host.turn();
    host.requests.length = 0;
    expect(process.send("SIGTERM")).toBe(true);
    expect([log, host.requests]).toEqual([[], ["soon"]]);
    loop.callSoonThreadsafe(() => log.push("behind its arrival"));
    host.turn();
    expect(log).toEqual(["behind its arrival", [1, "two"], true]);
    expect(loop.arrivals.count).toBe(2);
    process.send("SIGTERM");
    process.send("SIGTERM");
    host.turn();
    expect(log.length).toBe(7); // each counts
    loop.stop();
    host.turn();
    await running;
    loop.close();
  });

  test("that comes while the loop does not run is seen to when it does", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const log: unknown[] = [];
    loop.addSignalHandler("SIGHUP", () => log.push("HUP"));
    process.send("SIGHUP");
    expect(log).toEqual([]);
    const running = loop.runForever();
    loop.stop();
    host.turn();
    await running;
    expect(log).toEqual(["HUP"]);
    loop.close();
  });

  test("calls what is its handler when its turn comes: another one, or none", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const log: unknown[] = [];
    loop.addSignalHandler("SIGTERM", () => log.push("first"));
    loop.addSignalHandler("SIGHUP", () => log.push("never"));
    const running = loop.runForever();
    host.turn();
    process.send("SIGTERM");
    process.send("SIGHUP");
    loop.addSignalHandler("SIGTERM", () => log.push("second"));
    expect(loop.removeSignalHandler("SIGHUP")).toBe(true);
    host.turn();
    expect(log).toEqual(["second"]);
    loop.stop();
    host.turn();
    await running;
    loop.close();
  });

  test("calls its handler in the context of its registration, or in one that was given", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const user = new ContextVar<string>("user", { default: "nobody" });
    const given = copyContext();
    given.run(() => user.set("given"));
    const log: unknown[] = [];
    const note = (...args: unknown[]): unknown => log.push([...args, user.get()]);
    copyContext().run(() => {
      user.set("ada");
      loop.addSignalHandler("SIGTERM", note, 1);
      loop.addSignalHandler("SIGHUP", note, { context: given });
    });
    const running = loop.runForever();
    process.send("SIGTERM");
    process.send("SIGHUP");
    host.turn();
    loop.stop();
    host.turn();
    await running;
    expect(log).toEqual([[1, "ada"], ["given"]]);
    loop.close();
  });

  test("whose handler throws is reported, and the loop goes on", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const log: unknown[] = [];
    loop.setExceptionHandler((_, { message, exception }) => log.push(message, describeError(exception)));
    loop.addSignalHandler("SIGTERM", function onTerm() {
      throw new RangeError("handler");
    });
    const running = loop.runForever();
    process.send("SIGTERM");
    host.turn();
    expect(log).toEqual(["Exception in callback onTerm()", "RangeError('handler')"]);
    loop.stop();
    host.turn();
    await running;
    loop.close();
  });

  test("is told to all loops of the process, by one listener", () => {
    const process = new ManualProcess();
    const loops = Array.from({ length: 15 }, () => process.newLoop().loop);
    const log: number[] = [];
    for (const [i, loop] of loops.entries()) loop.addSignalHandler("SIGUSR2", () => log.push(i));
    expect(process.listeners).toEqual(["SIGUSR2 1"]);
    expect(loops[3]?.removeSignalHandler("SIGUSR2")).toBe(true);
    for (const loop of loops) loop.close();
    expect([process.listeners, process.send("SIGUSR2")]).toEqual([[], false]);
  });
});

describe("handlers", () => {
  test("keep the host alive until the last one is removed", () => {
    const { loop, host } = new ManualProcess().newLoop();
    const seen: boolean[] = [];
    const look = (): unknown => seen.push(host.expecting);
    loop.addSignalHandler("SIGTERM", () => {});
    loop.addSignalHandler("SIGTERM", () => {});
    loop.addSignalHandler("SIGHUP", () => {});
    look();
    loop.removeSignalHandler("SIGTERM");
    look();
    loop.removeSignalHandler("SIGHUP");
    look();
    expect(seen).toEqual([true, true, false]);
    loop.close();
  });

  test("are removed, and listeners given back, when the loop is closed", () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    loop.addSignalHandler("SIGTERM", () => {});
    loop.addSignalHandler("SIGINT", () => {});
    expect(process.listeners).toEqual(["SIGTERM 1", "SIGINT 1"]);
    loop.close();
    expect([process.listeners, host.expecting, loop.removeSignalHandler("SIGTERM")]).toEqual([[], false, false]);
    expect(attempt(() => loop.addSignalHandler("SIGTERM", () => {}))).toBe("RuntimeError('Event loop is closed')");
  });

  test("are refused for what is no function, no signal, or cannot be caught, and nothing is changed", () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const add = (signal: unknown, callback: unknown = () => {}): unknown =>
      attempt(() => loop.addSignalHandler(signal as string, callback as () => void));
    expect([
      add("SIGTERM", giving),
      add("SIGTERM", giving(1)),
      add("SIGTERM", async () => {}),
      add("SIGTERM", "text"),
      add(15),
      add("TERM"),
      add("toString"),
      add("SIGKILL"),
      add("SIGSTOP"),
      add("SIGSEGV"),
      attempt(() => loop.removeSignalHandler("sigterm")),
      loop.removeSignalHandler("SIGKILL"),
    ]).toEqual([
      "TypeError('coroutines cannot be used with addSignalHandler()')",
      "TypeError('coroutines cannot be used with addSignalHandler()')",
      "TypeError('async functions cannot be used with addSignalHandler()')",
      "TypeError('a callable object was expected by addSignalHandler(), got 'text'')",
      "TypeError('signal must be a name such as \"SIGTERM\", not 15')",
      "RangeError('invalid signal name 'TERM'')",
      "RangeError('invalid signal name 'toString'')",
      "RuntimeError('signal SIGKILL cannot be caught')",
      "RuntimeError('signal SIGSTOP cannot be caught')",
      "RuntimeError('signal SIGSEGV cannot be caught')",
      "RangeError('invalid signal name 'sigterm'')",
      false,
    ]);
    expect([process.listeners, host.expecting]).toEqual([[], false]);
    loop.close();
  });

  test.each([
    ["virtual time", () => new VirtualEventLoop(), "no signal comes in virtual time"],
    ["a page", () => new EventLoop(createBrowserHost()), "a page gets no signals"],
    ["workerd", () => new EventLoop(createWorkerdHost()), "a worker gets no signals"],
    ["a host that says nothing of them", () => new EventLoop(new ManualHost()), "its host has no signals"],
  ])("are not available in %s, and the error says why", (_, create, why) => {
    const loop = create();
    expect(() => loop.addSignalHandler("SIGTERM", () => {})).toThrow(NotAvailableError);
    const calls = [() => loop.addSignalHandler("SIGTERM", () => {}), () => loop.removeSignalHandler("SIGTERM")];
    expect(calls.map(attempt)).toEqual([
      `NotAvailableError('Cannot use addSignalHandler: ${why}')`,
      `NotAvailableError('Cannot use removeSignalHandler: ${why}')`,
    ]);
    loop.close();
  });
});

describe("a handler for SIGINT", () => {
  /** A program that goes on until it is interrupted, in a loop of a process. */
  function start(process: ManualProcess): { loop: EventLoop; host: ManualHost; outcome: Promise<unknown> } {
    const { loop, host } = process.newLoop();
    const runner = new Runner({ loopFactory: () => loop });
    function* main(): Coroutine<string> {
      try {
        yield* sleep(1000);
      } catch (error) {
        yield* sleep(1000); // cleans up
        throw error;
      }
      return "done";
    }
    const outcome = runner.run(main).catch((error: unknown) => (error as Error).name);
    return { loop, host, outcome };
  }

  test("takes the place of run's Ctrl-C, and is told of each; run's own comes back when it is removed", async () => {
    const process = new ManualProcess();
    const { loop, host, outcome } = start(process);
    await turns(host);
    const log: unknown[] = [];
    loop.addSignalHandler("SIGINT", () => log.push("own"));
    expect(process.listeners).toEqual(["SIGINT 1"]);
    process.send("SIGINT");
    process.send("SIGINT"); // within the echo's time
    await turns(host);
    expect([log, process.ended]).toEqual([["own", "own"], 0]);

    expect(loop.removeSignalHandler("SIGINT")).toBe(true);
    expect(process.listeners).toEqual(["SIGINT 1"]);
    process.send("SIGINT");
    await turns(host);
    host.time += 2000;
    await turns(host);
    expect([await outcome, log.length, process.ended]).toEqual(["KeyboardInterrupt", 2, 0]);
    loop.close();
  });

  test("that is there before the program keeps its place", async () => {
    const process = new ManualProcess();
    const { loop, host } = process.newLoop();
    const log: unknown[] = [];
    loop.addSignalHandler("SIGINT", () => log.push("own"));
    const outcome = run(() => sleep(1, "done"), { loopFactory: () => loop });
    await turns(host);
    process.send("SIGINT");
    await turns(host);
    host.time += 2;
    await turns(host);
    expect([await outcome, log, process.listeners]).toEqual(["done", ["own"], []]);
  });

  test("of another loop keeps a second Ctrl-C from ending the process", async () => {
    const process = new ManualProcess();
    const { loop, host, outcome } = start(process);
    await turns(host);
    process.send("SIGINT"); // the program cleans up from now on
    await turns(host);
    await new Promise((resolve) => setTimeout(resolve, 120)); // the echo's time
    const other = process.newLoop().loop;
    let told = 0;
    other.addSignalHandler("SIGINT", () => told++);
    process.send("SIGINT");
    expect(process.ended).toBe(0);
    other.close();
    process.send("SIGINT");
    expect(process.ended).toBe(1);
    host.time += 2000;
    await turns(host);
    expect([await outcome, told, process.listeners]).toEqual(["KeyboardInterrupt", 0, []]);
    loop.close();
  });
});
