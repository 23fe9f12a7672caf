// The transport of a child, over processes in the hands of the test: what is told in which iteration, and what is done
// when something goes wrong.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, CancelledError, allTasks, createTask, eagerTaskFactory, sleep } from "wasyncio";
import {
  FileNotFoundError,
  NotImplementedError,
  PermissionError,
  ProcessLookupError,
  Protocol,
} from "wasyncio/streams";
import {
  type ChildTransport,
  DEVNULL,
  PIPE,
  STDOUT,
  SubprocessProtocol,
  type SubprocessOptions,
  SubprocessTransport,
  createSubprocessExec,
  subprocessExec,
} from "wasyncio/subprocess";
import { bytes } from "../../support/bytes.ts";
import { Stage } from "../../support/manual-stage.ts";
import { ManualProcesses } from "./manual-processes.ts";

const current = vi.hoisted(() => ({ processes: null as unknown as ManualProcesses }));
vi.mock("../../../src/hosts/node/processes.ts", () => ({
  createProcesses: () => ({
    signals: { SIGHUP: 1, SIGKILL: 9, SIGTERM: 15 },
    spawn: (...args: Parameters<ManualProcesses["spawn"]>) => current.processes.spawn(...args),
  }),
}));

beforeEach(() => {
  current.processes = new ManualProcesses();
});

/** Writes down what it is told. */
class Log extends SubprocessProtocol {
  readonly log: string[] = [];
  transport: ChildTransport | null = null;

  override connectionMade(transport: ChildTransport): void {
    this.transport = transport;
    this.log.push("made");
  }
  override pipeDataReceived(fd: number, data: Uint8Array): void {
    this.log.push(`${fd}: ${String.fromCodePoint(...data)}`);
  }
  override pipeConnectionLost(fd: number, exc: Error | null): void {
    this.log.push(`${fd} closed${exc === null ? "" : ` by ${exc.name}`}`);
  }
  override processExited(): void {
    this.log.push(`exited ${this.transport?.getReturncode()}`);
  }
  override connectionLost(exc: Error | null): void {
    this.log.push(`lost ${exc}`);
  }
  override pauseWriting(): void {
    this.log.push("pause");
  }
  override resumeWriting(): void {
    this.log.push("resume");
  }
}

/** Lets the loop go on for some iterations, as many as anything here takes. */
function* rest(): Coroutine<void> {
  for (let step = 0; step < 12; step++) yield* sleep(0);
}

const exec = (log: Log, options: SubprocessOptions = {}) => subprocessExec(() => log, "program", ["a"], options);

describe("what is told", () => {
  test("connectionMade comes first, whatever has happened by then, and connectionLost last", async () => {
    const log = new Log();
    const stage = new Stage();
    await stage.start(function* () {
      const starting = createTask(exec(log));
      yield* sleep(0);
      const { child } = current.processes;
      child.exited(3);
      yield* starting;
      expect(log.log).toEqual(["made", "exited 3"]);
      child.stdout?.end.events.data(bytes("x"));
      yield* rest();
      for (const pipe of [child.stdout, child.stderr]) pipe?.end.events.ended();
      yield* rest();
      expect(log.log).not.toContain("lost null");
      child.stdin?.end.events.closed(null);
      yield* rest();
    });
    stage.loop.close();
    expect(log.log.slice(0, 2)).toEqual(["made", "exited 3"]);
    expect(log.log.at(-1)).toBe("lost null");
    expect(new Set(log.log.slice(2, -1))).toEqual(new Set(["1: x", "0 closed", "1 closed", "2 closed"]));
  });

  test("without pipes the end of the process is the end of all", async () => {
    const log = new Log();
    const stage = new Stage();
    await stage.start(function* () {
      const [transport] = yield* exec(log, { stdin: null, stdout: DEVNULL, stderr: 5 });
      const waiting = createTask(transport._wait());
      yield* rest();
      current.processes.child.exited(-9);
      expect(yield* waiting).toBe(-9);
      expect(log.log).toEqual(["made", "exited -9", "lost null"]);
      expect(yield* transport._wait()).toBe(-9);
      expect([transport.getPid(), transport.getPipeTransport(1)]).toEqual([1234, null]);
    });
    const { stdin, stdout, stderr, argv } = current.processes.attempts[0].command;
    expect([stdin, stdout, stderr, argv]).toEqual([0, "nothing", 5, ["program", "a"]]);
  });

  test("writing pauses and goes on by the standard input", async () => {
    const log = new Log();
    await new Stage().start(function* () {
      const [transport] = yield* exec(log);
      const pipe = current.processes.child.stdin?.end;
      if (pipe === undefined) throw new Error("there is no pipe");
      pipe.pending = 100_000;
      transport.getPipeTransport(0)?.write(new Uint8Array(100_000));
      pipe.pending = 0;
      pipe.events.drained();
      yield* rest();
    });
    expect(log.log).toEqual(["made", "pause", "resume"]);
  });

  test("a fault of a pipe is told with its number", async () => {
    const log = new Log();
    await new Stage().start(function* () {
      yield* exec(log);
      current.processes.child.stdin?.end.events.closed({ code: "EPIPE", message: "broken" });
      yield* rest();
    });
    expect(log.log).toEqual(["made", "0 closed by BrokenPipeError"]);
  });

  test("what the transport says of itself", async () => {
    await new Stage().start(function* () {
      const log = new Log();
      const [transport] = yield* exec(log, { stderr: null });
      const { child } = current.processes;
      expect(String(transport)).toBe(
        "<ChildTransport pid=1234 running stdin=<WritePipeTransport idle bufsize=0> stdout=<ReadPipeTransport polling>>",
      );
      expect(transport.getExtraInfo("subprocess")).toBe(child.native);
      expect(transport.getPipeTransport(1)?.getExtraInfo("pipe")).toBe(child.stdout?.native);
      expect(transport.getProtocol()).toBe(log);
      const other = new Log();
      transport.setProtocol(other);
      expect(() => transport.setProtocol({} as never)).toThrow(TypeError);
      transport.close();
      child.exited(1);
      yield* rest();
      expect(String(transport)).toMatch(/^<ChildTransport closed pid=1234 returncode=1 stdin=/);
      expect(other.log).toContain("exited undefined");
    });
  });
});

describe("signals", () => {
  test("go to the child by name and by number, until nothing is left of it", async () => {
    await new Stage().start(function* () {
      const [transport] = yield* exec(new Log(), { stdin: null, stdout: null, stderr: null });
      const { child } = current.processes;
      for (const signal of ["SIGHUP", 15, 0]) transport.sendSignal(signal);
      transport.terminate();
      transport.kill();
      expect(child.signals).toEqual([1, 15, 0, 15, 9]);
      expect(() => transport.sendSignal("SIGFOO")).toThrow(new RangeError("invalid signal name 'SIGFOO'"));
      expect(() => transport.sendSignal(999)).toThrow(new RangeError("invalid signal number 999"));
      expect(() => transport.sendSignal("toString")).toThrow(RangeError);
      expect(() => transport.sendSignal(null as never)).toThrow(TypeError);
      child.fault = { code: "EPERM", message: "kill EPERM", syscall: "kill" };
      expect(() => transport.kill()).toThrow(PermissionError);
      child.exited(0);
      yield* rest();
      expect(() => transport.kill()).toThrow(ProcessLookupError);
    });
  });
});

describe("closing", () => {
  test("kills a child that runs, once, and closes its pipes", async () => {
    const log = new Log();
    const stage = new Stage();
    await stage.start(function* () {
      const [transport] = yield* exec(log);
      const { child } = current.processes;
      transport.close();
      transport.close();
      expect([transport.isClosing(), child.signals]).toEqual([true, [9]]);
      child.exited(-9);
      child.stdin?.end.events.closed(null);
      yield* rest();
      expect(log.log).toEqual(["made", "1 closed", "2 closed", "exited -9", "0 closed", "lost null"]);
    });
    stage.loop.close();
    expect(current.processes.child.signals).toEqual([9]);
  });

  test("leaves one alone that has ended", async () => {
    await new Stage().start(function* () {
      const [transport] = yield* exec(new Log());
      const { child } = current.processes;
      child.exited(0);
      yield* rest();
      transport.close();
      expect(child.signals).toEqual([]);
    });
  });

  test("in debug mode it is told that a child is killed", async () => {
    const stage = new Stage();
    stage.loop.setDebug(true);
    await stage.start(function* () {
      const [transport] = yield* exec(new Log(), { stdin: null, stdout: null, stderr: null });
      transport.close();
    });
    const warnings = stage.host.reports.filter(([level]) => level === "warning").map(([, text]) => text);
    expect(warnings).toEqual(["Close running child process: kill <ChildTransport closed pid=1234 running>"]);
  });

  test("a loop that is closed kills what runs in it, and hears no more", async () => {
    const log = new Log();
    const stage = new Stage();
    const transport = await stage.start(function* () {
      return (yield* exec(log))[0];
    });
    const { child } = current.processes;
    stage.loop.close();
    expect(child.signals).toEqual([9]);
    for (const pipe of [child.stdin, child.stdout, child.stderr]) expect(pipe?.end.log).toContain("abort");
    child.exited(-9);
    expect(log.log).toEqual(["made"]);
    expect(() => transport.kill()).toThrow(ProcessLookupError);
    expect(transport.isClosing()).toBe(true);
  });

  test("a loop that is closed before the pipes are connected leaves none of them", async () => {
    const stage = new Stage();
    await stage.start(function* () {
      createTask(exec(new Log()));
      yield* sleep(0);
    });
    stage.loop.close();
    const { child } = current.processes;
    expect(child.signals).toEqual([9]);
    for (const pipe of [child.stdin, child.stdout, child.stderr]) expect(pipe?.end.log).toContain("abort");
  });
});

describe("starting", () => {
  test("waits for what the host says of a child that it could not start", async () => {
    current.processes.spawnsAtOnce = false;
    const stage = new Stage();
    const starting = stage.start(() => exec(new Log()));
    const { events } = current.processes.attempts[0];
    events.failed({ code: "ENOENT", errno: -2, syscall: "spawn", message: "spawn ENOENT" }, "/a/program");
    stage.host.turn();
    const error = await starting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FileNotFoundError);
    expect(error).toMatchObject({
      message: "No such file or directory: '/a/program'",
      code: "ENOENT",
      errno: 2,
      syscall: "spawn",
    });
  });

  test("words what has none of its own", async () => {
    current.processes.spawnsAtOnce = false;
    const stage = new Stage();
    const starting = stage.start(() => exec(new Log()));
    current.processes.attempts[0].events.failed({ code: "EMFILE", message: "too many" }, "program");
    stage.host.turn();
    await expect(starting).rejects.toThrow("Cannot start 'program': too many");
  });

  test("cancelled while the host has not answered: it is given up", async () => {
    current.processes.spawnsAtOnce = false;
    const stage = new Stage();
    const starting = stage.start(function* () {
      const task = createTask(exec(new Log()));
      yield* sleep(0);
      task.cancel();
      yield* task;
    });
    await expect(starting).rejects.toThrow(CancelledError);
    expect(current.processes.attempts[0].isGivenUp).toBe(true);
  });

  test("cancelled at any step, the child is killed and waited for, and CancelledError comes when it has ended", async () => {
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== "ended") {
      const steps = outcomes.length + 1;
      current.processes = new ManualProcesses();
      const stage = new Stage();
      const log = new Log();
      const outcome = await stage.start(function* () {
        const task = createTask(exec(log));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        const { child } = current.processes;
        if (!task.cancel()) return "ended";
        yield* rest();
        expect([task.done(), child.signals]).toEqual([false, [9]]);
        child.exited(-9);
        yield* rest();
        expect(task.cancelled()).toBe(true);
        return "cancelled";
      });
      stage.loop.close();
      outcomes.push(outcome);
    }
    expect(outcomes.length).toBeGreaterThan(6);
  });

  test("when the task that connects its pipes is cancelled, nothing waits for ever", async () => {
    for (let steps = 1; steps <= 6; steps++) {
      current.processes = new ManualProcesses();
      const stage = new Stage();
      await stage.start(function* () {
        const own = new Set(allTasks());
        const task = createTask(exec(new Log()));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        const [connecting] = [...allTasks()].filter((each) => each !== task && !own.has(each));
        connecting.cancel();
        yield* rest();
        const { child } = current.processes;
        expect(child.signals).toEqual([9]);
        child.exited(-9);
        yield* rest();
        expect(task.cancelled()).toBe(true);
      });
      stage.loop.close();
      const { stdin, stdout, stderr } = current.processes.child;
      for (const pipe of [stdin, stdout, stderr]) expect(pipe?.end.log.join()).toMatch(/abort|end/);
    }
  });

  test("a task factory that throws leaves no child behind", async () => {
    const stage = new Stage();
    const starting = stage.start(function* () {
      stage.loop.setTaskFactory(() => {
        throw new SyntaxError("no task");
      });
      return yield* exec(new Log());
    });
    await expect(starting).rejects.toThrow("no task");
    expect(current.processes.child.signals).toEqual([9]);
  });

  test("with eager tasks the same is told", async () => {
    const log = new Log();
    const stage = new Stage();
    await stage.start(function* () {
      stage.loop.setTaskFactory(eagerTaskFactory);
      yield* exec(log, { stdin: null, stdout: null, stderr: null });
      current.processes.child.exited(0);
      yield* rest();
      yield* exec(log);
    });
    expect(log.log).toEqual(["made", "exited 0", "lost null", "made"]);
  });

  test("a factory that gives no protocol starts nothing", async () => {
    const starting = new Stage().start(() => subprocessExec(() => ({}) as never, "program"));
    await expect(starting).rejects.toThrow("Invalid protocol");
    expect(current.processes.attempts).toEqual([]);
  });

  test("gives the host what it was told, and nothing of what it was not", async () => {
    await new Stage().start(function* () {
      yield* createSubprocessExec("a", ["b"], {
        stdin: PIPE,
        stdout: PIPE,
        stderr: STDOUT,
        cwd: "/tmp",
        env: { A: "1", B: undefined },
        executable: "/bin/sh",
        startNewSession: true,
      });
      yield* createSubprocessExec("a", [], { stdout: { fd: 7 }, stderr: STDOUT });
      yield* createSubprocessExec("a");
    });
    expect(current.processes.attempts.map(({ command }) => command)).toEqual([
      {
        file: "/bin/sh",
        argv: ["a", "b"],
        stdin: "pipe",
        stdout: "pipe",
        stderr: "stdout",
        cwd: "/tmp",
        env: { A: "1" },
        newSession: true,
      },
      { file: "a", argv: ["a"], stdin: 0, stdout: 7, stderr: 7, cwd: null, env: null, newSession: false },
      { file: "a", argv: ["a"], stdin: 0, stdout: 1, stderr: 2, cwd: null, env: null, newSession: false },
    ]);
  });
});

test("SubprocessTransport promises, and SubprocessProtocol does nothing", () => {
  const transport = new SubprocessTransport({ a: 1 });
  expect(transport.getExtraInfo("a")).toBe(1);
  for (const name of ["getPid", "getReturncode", "terminate", "kill"] as const)
    expect(() => transport[name]()).toThrow(NotImplementedError);
  expect(() => transport.getPipeTransport(1)).toThrow(NotImplementedError);
  expect(() => transport.sendSignal(1)).toThrow(NotImplementedError);
  const protocol = new SubprocessProtocol();
  protocol.pipeDataReceived(1, bytes("x"));
  protocol.pipeConnectionLost(1, null);
  protocol.processExited();
  expect(protocol).not.toBeInstanceOf(Protocol);
});
