// Children of the host's own process: what a transport, a protocol and streams promise holds over its own call.

import { type Coroutine, type Task, createTask, gather, run, sleep, timeout } from "wasyncio";
import type { StreamReader, StreamWriter } from "wasyncio/streams";
import {
  DEVNULL,
  PIPE,
  type Process,
  type ProcessOptions,
  STDOUT,
  SubprocessProtocol,
  createSubprocessExec,
  createSubprocessShell,
  subprocessShell,
} from "wasyncio/subprocess";
import { decode, encode } from "./bytes.ts";
import { type Report, same } from "./report.ts";
import { faultOf } from "./streams.ts";

const { process: own } = globalThis as unknown as { process: { kill(pid: number, signal: 0 | "SIGKILL"): unknown } };

/** Waits until nothing is left of a process, not even a zombie. */
function* gone(pid: number): Coroutine<void> {
  for (;;) {
    try {
      own.kill(pid, 0);
    } catch {
      return;
    }
    yield* sleep(0.005);
  }
}

const stdinOf = (process: Process): StreamWriter => process.stdin as StreamWriter;
const stdoutOf = (process: Process): StreamReader => process.stdout as StreamReader;

/** What a command writes, and how it ends. */
function* outputOf(cmd: string, options: ProcessOptions = {}): Coroutine<readonly unknown[]> {
  const process = yield* createSubprocessShell(cmd, { stdin: DEVNULL, stdout: PIPE, ...options });
  const outputs = yield* process.communicate();
  return [...outputs.map((data) => data && decode(data)), process.returncode];
}

/** Writes down what it is told. */
class Log extends SubprocessProtocol {
  readonly log: string[] = [];
  override connectionMade(): void {
    this.log.push("made");
  }
  override pipeDataReceived(fd: number, data: Uint8Array): void {
    this.log.push(`${fd} ${decode(data)}`);
  }
  override pipeConnectionLost(fd: number, exc: Error | null): void {
    this.log.push(`${fd} closed ${exc}`);
  }
  override processExited(): void {
    this.log.push("exited");
  }
  override connectionLost(exc: Error | null): void {
    this.log.push(`lost ${exc}`);
  }
}

const TESTS: Record<string, () => unknown> = {
  "an echo, line by line, and then its end": () =>
    run(function* () {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
      for (let line = 0; line < 100; line++) {
        stdinOf(process).write(encode(`line ${line}\n`));
        same(decode(yield* stdoutOf(process).readline()), `line ${line}\n`);
      }
      stdinOf(process).close();
      yield* stdinOf(process).waitClosed();
      same([decode(yield* stdoutOf(process).read()), yield* process.wait()], ["", 0]);
      yield* gone(process.pid);
    }),

  "what is written, where it goes, and how it ends": () =>
    run(function* () {
      same(yield* outputOf("echo out; exit 7"), ["out\n", null, 7]);
      same(yield* outputOf("echo out; echo err >&2", { stderr: PIPE }), ["out\n", "err\n", 0]);
      same(yield* outputOf("echo one; echo two >&2; echo three", { stderr: STDOUT }), ["one\ntwo\nthree\n", null, 0]);
      same(yield* outputOf("echo out", { stdout: DEVNULL, stderr: STDOUT }), [null, null, 0]);
      same(yield* outputOf("kill -9 $$"), ["", null, -9]);
      same(yield* outputOf("pwd", { cwd: "/usr" }), ["/usr\n", null, 0]);
      same(yield* outputOf('echo "$A"', { env: { A: "1 ü" } }), ["1 ü\n", null, 0]);
      same(yield* outputOf('test "$(cut -d " " -f 6 /proc/$$/stat)" = $$ && echo own', { startNewSession: true }), [
        "own\n",
        null,
        0,
      ]);
      const other = yield* createSubprocessExec("zero", ["-c", "echo $0"], { executable: "/bin/sh", stdout: PIPE });
      same(
        (yield* other.communicate()).map((data) => data && decode(data)),
        ["zero\n", null],
      );
    }),

  "a protocol is told the beginning first and the end last": () =>
    run(function* () {
      const [transport, protocol] = yield* subprocessShell(() => new Log(), "cat; echo err >&2");
      transport.getPipeTransport(0)?.write(encode("in"));
      transport.getPipeTransport(0)?.close();
      while (!protocol.log.some((entry) => entry.startsWith("lost"))) yield* sleep(0.001);
      same([protocol.log[0], protocol.log.at(-1)], ["made", "lost null"]);
      same(protocol.log.slice(1, -1).sort(), [
        "0 closed null",
        "1 closed null",
        "1 in",
        "2 closed null",
        "2 err\n",
        "exited",
      ]);
      same(transport.getReturncode(), 0);
    }),

  "what cannot be started": () =>
    run(function* () {
      const fault = (program: string, options: ProcessOptions = {}): Coroutine<unknown> =>
        faultOf(createSubprocessExec(program, [], { stdin: DEVNULL, stdout: PIPE, ...options }));
      for (const options of [{}, { stderr: STDOUT }]) {
        same(yield* fault("/no/such", options), ["FileNotFoundError", "ENOENT", true]);
        same(yield* fault("no-such-program", options), ["FileNotFoundError", "ENOENT", true]);
        same(yield* fault("/etc/passwd", options), ["PermissionError", "EACCES", true]);
        same(yield* fault("/etc", options), ["PermissionError", "EACCES", true]);
        same(yield* fault("cat", { ...options, cwd: "/no/such" }), ["FileNotFoundError", "ENOENT", true]);
        same(yield* fault("cat", { ...options, cwd: "/etc/passwd" }), ["OSError", "ENOTDIR", true]);
      }
    }),

  "signals of this process and of others": () =>
    run(function* () {
      for (const [signal, number] of [
        ["SIGTERM", 15],
        ["SIGUSR1", 10],
        [9, 9],
      ] as const) {
        const process = yield* createSubprocessExec("sleep", ["100"]);
        process.sendSignal(signal);
        same([yield* process.wait(), process.returncode], [-number, -number]);
      }
      const process = yield* createSubprocessExec("sleep", ["100"]);
      own.kill(process.pid, "SIGKILL");
      same(yield* process.wait(), -9);
      yield* sleep(0.01);
      let name = "";
      try {
        process.kill();
      } catch (error) {
        ({ name } = error as Error);
      }
      same(name, "ProcessLookupError");
    }),

  "signals that do not end a process": () =>
    run(function* () {
      const cmd =
        "trap 'echo heard' USR1; trap '' TERM; echo ready; while :; do read line && echo $line || sleep 0.01; done";
      const process = yield* createSubprocessShell(cmd, { stdin: PIPE, stdout: PIPE });
      const line = function* (): Coroutine<string> {
        return decode(yield* stdoutOf(process).readline());
      };
      same(yield* line(), "ready\n");
      for (const word of ["one", "two"]) {
        process.terminate();
        stdinOf(process).write(encode(`${word}\n`));
        same(yield* line(), `${word}\n`);
      }
      process.sendSignal("SIGUSR1");
      same(yield* line(), "heard\n");
      process.kill();
      same(yield* process.wait(), -9);
    }),

  "what a grandchild writes waits until it is read": () =>
    run(function* () {
      const process = yield* createSubprocessShell("head -c 20000000 /dev/zero & sleep 0.1; exit 4", { stdout: PIPE });
      same(yield* process.wait(), 4);
      yield* sleep(0.1);
      same((yield* stdoutOf(process).read()).length, 20_000_000);
    }),

  "much, both ways at once": () =>
    run(function* () {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
      const data = new Uint8Array(5_000_000).fill(7);
      const [output] = yield* process.communicate(data);
      same([output?.length, output?.every((byte) => byte === 7), process.returncode], [5_000_000, true, 0]);
    }),

  "who reads nothing breaks no communicate": () =>
    run(function* () {
      const process = yield* createSubprocessExec("true", [], { stdin: PIPE, stdout: PIPE });
      same((yield* process.communicate(new Uint8Array(2_000_000)))[0]?.length, 0);
      same(process.returncode, 0);
    }),

  "a grandchild keeps the pipe, not the wait": () =>
    run(function* () {
      const process = yield* createSubprocessShell("(sleep 0.3; echo late) & echo early", { stdout: PIPE });
      same(decode(yield* stdoutOf(process).readline()), "early\n");
      same(yield* process.wait(), 0);
      same(decode(yield* stdoutOf(process).read()), "late\n");
    }),

  "sixty at once": () =>
    run(function* () {
      const numbers = Array.from({ length: 60 }, (_, number) => number);
      const outputs = yield* gather(numbers.map((number) => outputOf(`echo ${number}`)));
      same(
        outputs.map(([output]) => output),
        numbers.map((number) => `${number}\n`),
      );
    }),

  "cancelled while it starts: it is killed, and gone": () =>
    run(function* () {
      for (const steps of [0, 1, 2, 3, 4, 5, 6, 8, 10]) {
        const task: Task<Process> = createTask(createSubprocessExec("sleep", ["100"], { stdin: PIPE, stdout: PIPE }));
        for (let step = 0; step < steps; step++) yield* sleep(0);
        task.cancel();
        yield* gather([task], { returnExceptions: true });
        if (task.cancelled()) continue;
        task.result().kill();
        same(yield* task.result().wait(), -9);
      }
    }),

  "a timeout over a wait leaves the process": () =>
    run(function* () {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
      let name = "";
      try {
        yield* timeout(0.02).with(() => process.wait());
      } catch (error) {
        ({ name } = error as Error);
      }
      same([name, process.returncode], ["TimeoutError", null]);
      same(decode((yield* process.communicate(encode("still there")))[0] as Uint8Array), "still there");
    }),

  "a program that ends kills what it has started": async () => {
    const pids = await run(function* () {
      const started = yield* gather([
        createSubprocessExec("sleep", ["100"]),
        createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE, stderr: PIPE }),
      ]);
      return started.map(({ pid }) => pid);
    });
    await run(() => gather(pids.map(gone)));
  },
};

export async function testProcesses(report: Report): Promise<void> {
  for (const [name, body] of Object.entries(TESTS)) await report.test(`processes: ${name}`, body);
}
