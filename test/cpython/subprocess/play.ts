// The same scenarios as python/scenario.py, over this library.

import { type Coroutine, Event, createTask, gather, isCoroutine, sleep } from "wasyncio";
import { ProcessLookupError, type StreamReader, type StreamWriter } from "wasyncio/streams";
import {
  type ChildTransport,
  DEVNULL,
  PIPE,
  type Process,
  type ProcessOptions,
  STDOUT,
  SubprocessProtocol,
  createSubprocessExec,
  createSubprocessShell,
  subprocessExec,
  subprocessShell,
} from "wasyncio/subprocess";
import { bytes, text } from "../../support/bytes.ts";
import { sameData } from "../../support/same-data.ts";
import type { Scenario, Start } from "./scenarios.ts";

/** What was told a protocol, and what came of each step. */
export interface Played {
  readonly told: readonly (readonly unknown[])[];
  readonly outcomes: readonly unknown[];
}

const STREAMS = { PIPE, STDOUT, DEVNULL };

const nameOf = (error: unknown): string | null => (error === null ? null : (error as Error).name);
const textOf = (data: Uint8Array | null): string | null => (data === null ? null : text(data));

function optionsOf(start: Start): ProcessOptions {
  const streams = (["stdin", "stdout", "stderr"] as const).flatMap((name) => {
    const stream = start[name];
    return stream === undefined ? [] : [[name, stream === null ? null : STREAMS[stream]]];
  });
  const { cwd, env, executable, startNewSession } = start;
  return {
    ...(Object.fromEntries(streams) as ProcessOptions),
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: { ...process.env, ...env } }),
    ...(executable !== undefined && { executable }),
    ...(startNewSession !== undefined && { startNewSession }),
  };
}

class Noting extends SubprocessProtocol {
  readonly log: unknown[][] = [];
  readonly #told = new Event();
  #transport: ChildTransport | null = null;

  #tell(...entry: unknown[]): void {
    this.log.push(entry);
    this.#told.set();
  }

  *#untilTrue(condition: () => boolean): Coroutine<void> {
    while (!condition()) {
      this.#told.clear();
      yield* this.#told.wait();
    }
  }

  until(...entry: unknown[]): Coroutine<void> {
    return this.#untilTrue(() => this.log.some((each) => sameData(each, entry)));
  }

  untilData(fd: number, wanted: string): Coroutine<void> {
    return this.#untilTrue(() =>
      this.log
        .flatMap(([kind, from, data]) => (kind === "data" && from === fd ? [String(data)] : []))
        .join("")
        .includes(wanted),
    );
  }

  override connectionMade(transport: ChildTransport): void {
    this.#transport = transport;
    this.#tell(
      "made",
      [0, 1, 2].map((fd) => transport.getPipeTransport(fd) !== null),
    );
  }

  override pipeDataReceived(fd: number, data: Uint8Array): void {
    this.#tell("data", fd, text(data));
  }

  override pipeConnectionLost(fd: number, exc: Error | null): void {
    this.#tell("closed", fd, nameOf(exc));
  }

  override processExited(): void {
    this.#tell("exited", (this.#transport as ChildTransport).getReturncode());
  }

  override connectionLost(exc: Error | null): void {
    this.#tell("lost", nameOf(exc));
  }

  override pauseWriting(): void {
    this.#tell("pause");
  }

  override resumeWriting(): void {
    this.#tell("resume");
  }
}

type Steps = Readonly<Record<string, (...args: never[]) => unknown>>;

const overProtocol = (transport: ChildTransport, protocol: Noting): Steps => ({
  write: (data: string, times = 1) => transport.getPipeTransport(0)?.write(bytes(data.repeat(times))),
  eof: () => transport.getPipeTransport(0)?.writeEof(),
  close_pipe: (fd: number) => transport.getPipeTransport(fd)?.close(),
  pause: (fd: 1 | 2) => transport.getPipeTransport(fd)?.pauseReading(),
  resume: (fd: 1 | 2) => transport.getPipeTransport(fd)?.resumeReading(),
  signal: (number: number) => transport.sendSignal(number),
  terminate: () => transport.terminate(),
  kill: () => transport.kill(),
  close: () => {
    transport.close();
    return transport.isClosing();
  },
  returncode: () => transport.getReturncode(),
  until: (...entry: unknown[]) => protocol.until(...entry),
  until_data: (fd: number, wanted: string) => protocol.untilData(fd, wanted),
});

function overStreams(process: Process): Steps {
  const stdin = (): StreamWriter => process.stdin as StreamWriter;
  const reader = (name: "stdout" | "stderr"): StreamReader => process[name] as StreamReader;
  function* cancelled(coroutine: Coroutine<unknown>): Coroutine<unknown> {
    const task = createTask(coroutine);
    yield* sleep(0.01);
    task.cancel();
    yield* gather([task], { returnExceptions: true });
    return [task.cancelled(), process.returncode];
  }
  return {
    *communicate(data: string | null = null, times = 1) {
      const outputs = yield* process.communicate(data === null ? null : bytes(data.repeat(times)));
      return [...outputs.map(textOf), process.returncode];
    },
    write: (data: string, times = 1) => stdin().write(bytes(data.repeat(times))),
    drain: () => stdin().drain(),
    *close_stdin() {
      stdin().close();
      yield* stdin().waitClosed();
      return stdin().isClosing();
    },
    *readline(name: "stdout" | "stderr") {
      return text(yield* reader(name).readline());
    },
    *count(name: "stdout" | "stderr") {
      return (yield* reader(name).read()).length;
    },
    *wait() {
      return [yield* process.wait(), process.returncode];
    },
    waits: () => gather([process.wait(), process.wait(), process.wait()]),
    wait_cancelled: () => cancelled(process.wait()),
    communicate_cancelled: () => cancelled(process.communicate(bytes("x"))),
    *released() {
      for (;;) {
        try {
          process.sendSignal(0);
        } catch (error) {
          if (error instanceof ProcessLookupError) return true;
          throw error;
        }
        yield* sleep(0.001);
      }
    },
    signal: (number: number) => process.sendSignal(number),
    terminate: () => process.terminate(),
    kill: () => process.kill(),
    returncode: () => process.returncode,
    streams: () => [process.stdin, process.stdout, process.stderr].map((stream) => stream !== null),
  };
}

function* started({ over, start }: Scenario, protocol: Noting): Coroutine<Steps> {
  const options = optionsOf(start);
  if (over === "protocol") {
    const made =
      "cmd" in start
        ? subprocessShell(() => protocol, start.cmd, options)
        : subprocessExec(() => protocol, start.program, start.args, options);
    return overProtocol(...(yield* made));
  }
  const made =
    "cmd" in start
      ? createSubprocessShell(start.cmd, options)
      : createSubprocessExec(start.program, start.args, options);
  return overStreams(yield* made);
}

/** Plays a scenario. */
export function* play(scenario: Scenario): Coroutine<Played> {
  const protocol = new Noting();
  const outcomes: unknown[] = [];
  try {
    const steps = yield* started(scenario, protocol);
    for (const [name, ...args] of scenario.steps) {
      try {
        const outcome = steps[name](...(args as never[]));
        const isAwaitable =
          isCoroutine(outcome) || (outcome instanceof Object && Symbol.iterator in outcome && !Array.isArray(outcome));
        outcomes.push((isAwaitable ? yield* outcome as Coroutine<unknown> : outcome) ?? null);
      } catch (error) {
        outcomes.push(nameOf(error));
      }
    }
  } catch (error) {
    outcomes.push(nameOf(error));
  }
  return { told: protocol.log, outcomes };
}
