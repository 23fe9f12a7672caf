// Children of this process, with their pipes as streams.

import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Coroutine,
  EventLoop,
  type Task,
  allTasks,
  createTask,
  forEach,
  gather,
  run,
  sleep,
  timeout,
  waitFor,
  wrapFuture,
} from "wasyncio";
import { BrokenPipeError, type StreamReader, type StreamWriter } from "wasyncio/streams";
import {
  DEVNULL,
  PIPE,
  type Process,
  STDOUT,
  SubprocessStreamProtocol,
  createSubprocessExec,
  createSubprocessShell,
} from "wasyncio/subprocess";
import { bytes, text } from "../../support/bytes.ts";
import { until } from "../../support/until.ts";

/** The children of this process that there are, zombies among them, but for `ps` itself. */
function children(): string[] {
  const all = execFileSync("ps", ["-o", "pid=,ppid=,stat=,comm=", "-A"], { encoding: "utf8" }).trim().split("\n");
  const own = all.map((line) => line.trim().split(/\s+/)).filter(([, parent]) => parent === String(process.pid));
  return own.flatMap(([pid, , stat, name]) => (name === "ps" ? [] : [`${pid} ${stat} ${name}`]));
}

/** What the host has open for children and pipes. */
const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(PipeWrap|ProcessWrap|PipeConnectWrap)$/.test(name)).length;

/** Runs a program, and sees that it leaves neither a child nor a handle behind. */
async function leavingNothing(program: () => Coroutine<void>): Promise<void> {
  const before = { children: children(), handles: handles() };
  await run(program);
  await until(() => children().length <= before.children.length && handles() <= before.handles);
}

const stdinOf = (process: Process): StreamWriter => process.stdin as StreamWriter;
const stdoutOf = (process: Process): StreamReader => process.stdout as StreamReader;

describe("communicate", () => {
  test("closes standard input, when there is nothing to write, too", () =>
    run(function* () {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
      expect(yield* process.communicate()).toEqual([new Uint8Array(), null]);
      expect([process.returncode, stdinOf(process).isClosing()]).toEqual([0, true]);
    }));

  test("does not hang when each pipe is full", () =>
    run(function* () {
      const process = yield* createSubprocessShell("head -c 1000000 /dev/zero >&2; cat", {
        stdin: PIPE,
        stdout: PIPE,
        stderr: PIPE,
      });
      const [stdout, stderr] = yield* process.communicate(new Uint8Array(1_000_000));
      expect([stdout?.length, stderr?.length]).toEqual([1_000_000, 1_000_000]);
    }));

  test("may be tried again after a timeout: what the process still writes comes", () =>
    run(function* () {
      const process = yield* createSubprocessShell("read line; echo late", { stdin: PIPE, stdout: PIPE });
      const talking = createTask(waitFor(process.wait(), 0.02));
      yield* gather([talking], { returnExceptions: true });
      expect(talking.failed).toBe(true);
      stdinOf(process).write(bytes("\n"));
      expect((yield* process.communicate()).map((data) => data && text(data))).toEqual(["late\n", null]);
    }));
});

describe("signals", () => {
  test("by which a process ended are its returncode, whoever has sent them", () =>
    leavingNothing(function* () {
      for (const [signal, number] of [
        ["SIGKILL", 9],
        ["SIGTERM", 15],
        ["SIGUSR1", 10],
      ] as const) {
        const outside = yield* createSubprocessExec("sleep", ["100"]);
        process.kill(outside.pid, signal);
        expect(yield* outside.wait()).toBe(-number);
        for (const own of [signal, number]) {
          const child = yield* createSubprocessExec("sleep", ["100"]);
          child.sendSignal(own);
          expect([yield* child.wait(), child.returncode]).toEqual([-number, -number]);
        }
      }
    }));

  test("reach a process that catches them", () =>
    run(function* () {
      const process = yield* createSubprocessShell("trap 'echo bye; exit 3' TERM; echo; while :; do sleep 0.01; done", {
        stdout: PIPE,
      });
      yield* stdoutOf(process).readline();
      process.terminate();
      expect(text(yield* stdoutOf(process).read())).toBe("bye\n");
      expect(yield* process.wait()).toBe(3);
    }));
});

describe("streams", () => {
  test("a process shows itself, and its streams are what was asked for", () =>
    run(function* () {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stderr: DEVNULL });
      expect(String(process)).toBe(`<Process ${process.pid}>`);
      expect([process.stdout, process.stderr]).toEqual([null, null]);
      expect(stdinOf(process).getExtraInfo("pipe")).toBeTypeOf("object");
      stdinOf(process).close();
      yield* stdinOf(process).waitClosed();
      expect(yield* process.wait()).toBe(0);
    }));

  test("the protocol of a process shows its streams", () =>
    run(function* () {
      expect(String(new SubprocessStreamProtocol())).toBe("<SubprocessStreamProtocol>");
      const process = yield* createSubprocessExec("true", [], { stdout: PIPE });
      expect(String(process.stdout)).toMatch(/^<StreamReader.* transport=<ReadPipeTransport/);
      yield* process.wait();
    }));

  test("files that are open take what is written, and give what is read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "processes-"));
    const file = join(folder, "output");
    try {
      const descriptor = openSync(file, "w");
      await run(function* () {
        const process = yield* createSubprocessShell("echo out; echo err >&2", { stdout: descriptor, stderr: STDOUT });
        expect(yield* process.wait()).toBe(0);
      });
      closeSync(descriptor);
      expect(readFileSync(file, "utf8")).toBe("out\nerr\n");
      const handle = await open(file);
      await run(function* () {
        const process = yield* createSubprocessExec("cat", [], { stdin: handle, stdout: PIPE });
        expect(text((yield* process.communicate())[0] as Uint8Array)).toBe("out\nerr\n");
      });
      await handle.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a line that is longer than the limit is refused, and what comes is not lost", () =>
    run(function* () {
      const process = yield* createSubprocessExec("printf", ["%s\\n%s\\n", "x".repeat(100), "y"], {
        stdout: PIPE,
        limit: 50,
      });
      let name = "";
      try {
        yield* stdoutOf(process).readuntil("\n");
      } catch (error) {
        ({ name } = error as Error);
      }
      expect(name).toBe("LimitOverrunError");
      expect((yield* stdoutOf(process).readexactly(103)).length).toBe(103);
      yield* process.wait();
    }));

  test("a drain that waits is told when the process has gone", () =>
    leavingNothing(function* () {
      const process = yield* createSubprocessExec("sleep", ["100"], { stdin: PIPE });
      stdinOf(process).write(new Uint8Array(10_000_000));
      const draining = createTask(stdinOf(process).drain());
      yield* sleep(0.01);
      expect(draining.done()).toBe(false);
      process.kill();
      yield* gather([draining], { returnExceptions: true });
      expect(draining.exception()).toBeInstanceOf(BrokenPipeError);
      yield* process.wait();
    }));

  test("who does not read makes the process wait; after its end nothing more is taken in than before", () =>
    leavingNothing(function* () {
      const kept = (): number => globalThis.process.memoryUsage().arrayBuffers;
      const before = kept();
      const process = yield* createSubprocessShell("head -c 50000000 /dev/zero & sleep 0.1; exit 4", { stdout: PIPE });
      expect(yield* process.wait()).toBe(4);
      for (let turn = 0; turn < 50; turn++) yield* sleep(0.005);
      expect(kept() - before).toBeLessThan(10_000_000);
      expect((yield* stdoutOf(process).read()).length).toBe(50_000_000);
    }));

  test("a gigabyte goes through a pipe, and memory stays as it is", () =>
    run(function* () {
      const process = yield* createSubprocessExec("head", ["-c", "1000000000", "/dev/zero"], { stdout: PIPE });
      let count = 0;
      let most = 0;
      for (;;) {
        const data = yield* stdoutOf(process).read(65_536);
        if (data.length === 0) break;
        count += data.length;
        most = Math.max(most, globalThis.process.memoryUsage().arrayBuffers);
      }
      expect([count, yield* process.wait()]).toEqual([1_000_000_000, 0]);
      expect(most).toBeLessThan(200_000_000);
    }));

  test("output of a grandchild comes after the end of the child", () =>
    run(function* () {
      const process = yield* createSubprocessShell("(sleep 0.2; echo late) & echo early", { stdout: PIPE });
      expect(yield* process.wait()).toBe(0);
      const lines: string[] = [];
      yield* forEach(stdoutOf(process), (line) => void lines.push(text(line)));
      expect(lines).toEqual(["early\n", "late\n"]);
    }));
});

describe("many", () => {
  test("two hundred at once, and nothing of them is left", () =>
    leavingNothing(function* () {
      function* one(number: number): Coroutine<string> {
        const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
        const [output] = yield* process.communicate(bytes(`${number}`));
        return `${text(output as Uint8Array)} ${process.returncode}`;
      }
      const numbers = Array.from({ length: 200 }, (_, number) => number);
      expect(yield* gather(numbers.map(one))).toEqual(numbers.map((number) => `${number} 0`));
      expect(children().filter((line) => / cat/.test(line))).toEqual([]);
    }));

  test("short ones at once: what they have written comes, though they have ended before the last is started", () =>
    leavingNothing(function* () {
      function* one(number: number): Coroutine<string> {
        const process = yield* createSubprocessExec("echo", [`${number}`], { stdout: PIPE });
        return text((yield* process.communicate())[0] as Uint8Array);
      }
      const numbers = Array.from({ length: 60 }, (_, number) => number);
      expect(yield* gather(numbers.map(one))).toEqual(numbers.map((number) => `${number}\n`));
    }));

  test("those that nobody waits for are no zombies either", () =>
    leavingNothing(function* () {
      for (let count = 0; count < 20; count++) yield* createSubprocessExec("true");
      yield* wrapFuture(until(() => children().every((line) => !/true/.test(line))));
    }));
});

describe("cancelled", () => {
  /** Runs an action in a task that is cancelled after some steps, until it ends before that. Gives how many. */
  async function sweep(action: () => Coroutine<unknown>, steps: (step: number) => Coroutine<void>): Promise<number> {
    for (let step = 0; ; step++) {
      let isOver = false;
      await leavingNothing(function* () {
        const task: Task<unknown> = createTask(action());
        yield* steps(step);
        isOver = !task.cancel();
        yield* gather([task], { returnExceptions: true });
        expect(task.cancelled() || isOver).toBe(true);
      });
      if (isOver) return step;
    }
  }

  function* iterations(count: number): Coroutine<void> {
    for (let step = 0; step < count; step++) yield* sleep(0);
  }

  test("at each step of starting: the process is killed", async () => {
    const options = { stdin: PIPE, stdout: PIPE, stderr: PIPE };
    expect(await sweep(() => createSubprocessExec("sleep", ["100"], options), iterations)).toBeGreaterThan(3);
  });

  test("at each step of failing to start: nothing is left", async () => {
    expect(
      await sweep(
        () => createSubprocessExec("/no/such"),
        (step) => sleep(step / 1000),
      ),
    ).toBeGreaterThan(0);
  });

  test("while communicate waits: the process goes on, and ends with the loop", () =>
    leavingNothing(function* () {
      for (const steps of [0, 1, 2, 3, 5, 8]) {
        const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
        const talking = createTask(process.communicate(new Uint8Array(10_000_000)));
        yield* iterations(steps);
        talking.cancel();
        yield* gather([talking], { returnExceptions: true });
        expect([talking.cancelled(), process.returncode]).toEqual([true, null]);
        process.sendSignal(0); // it is there
      }
    }));

  test("a timeout over a wait leaves the process, which can be killed then", () =>
    leavingNothing(function* () {
      const process = yield* createSubprocessExec("sleep", ["100"]);
      let name = "";
      try {
        yield* timeout(0.02).with(() => process.wait());
      } catch (error) {
        ({ name } = error as Error);
      }
      expect([name, process.returncode]).toEqual(["TimeoutError", null]);
      process.kill();
      expect(yield* process.wait()).toBe(-9);
    }));

  test("all tasks of the loop, its own among them: the process is killed and nothing hangs", () =>
    leavingNothing(function* () {
      for (let steps = 1; steps < 9; steps++) {
        const main = new Set(allTasks());
        const starting = createTask(createSubprocessExec("sleep", ["100"], { stdin: PIPE, stdout: PIPE }));
        yield* iterations(steps);
        for (const task of allTasks()) if (!main.has(task)) task.cancel();
        yield* gather([starting], { returnExceptions: true });
        expect(starting.done()).toBe(true);
      }
    }));
});

test("a loop that is closed kills what it has started", async () => {
  const loop = new EventLoop();
  function* main(): Coroutine<Process> {
    return yield* createSubprocessExec("sleep", ["100"], { stdin: PIPE, stdout: PIPE });
  }
  const process = await loop.runUntilComplete(main());
  expect(children().join()).toContain(`${process.pid} `);
  loop.close();
  await until(() => !children().join().includes(`${process.pid} `));
});
