// SUBPROC: child processes, and pipes.

import { type Coroutine, type Future, gather, sleep } from "wasyncio";
import { connectReadPipe } from "wasyncio/streams";
import {
  DEVNULL,
  PIPE,
  STDOUT,
  SubprocessProtocol,
  createSubprocessExec,
  createSubprocessShell,
  subprocessExec,
} from "wasyncio/subprocess";
import type { Facts } from "../fact.ts";
import { Noting, realTrace } from "../sockets.ts";
import { bytes, text } from "../../../support/bytes.ts";
import { attempt } from "../../../support/outcomes.ts";

/** Bytes as Python shows them. */
const shown = (data: Uint8Array | null): string | null => (data === null ? null : `b'${text(data)}'`);

/** Writes down in which order it is told what. */
class Order extends SubprocessProtocol {
  readonly log: string[] = [];
  readonly #over: Future<void>;

  constructor(over: Future<void>) {
    super();
    this.#over = over;
  }

  override connectionMade(): void {
    this.log.push("made");
  }

  override pipeDataReceived(): void {
    this.log.push("data");
  }

  override pipeConnectionLost(fd: number): void {
    this.log.push(`plost${fd}`);
  }

  override processExited(): void {
    this.log.push("exited");
  }

  override connectionLost(): void {
    this.log.push("lost");
    this.#over.setResult();
  }
}

export const facts: Facts = {
  "SUBPROC-01": () =>
    realTrace(function* (log) {
      const process = yield* createSubprocessExec("cat", [], { stdin: PIPE, stdout: PIPE });
      log.push(process.returncode);
      const [stdout, stderr] = yield* process.communicate(bytes("in"));
      log.push(shown(stdout), stderr, process.returncode);
    }),

  "SUBPROC-02": () =>
    realTrace(function* (log) {
      const killed = yield* createSubprocessExec("sleep", ["9"]);
      killed.kill();
      log.push(yield* killed.wait());
      const terminated = yield* createSubprocessShell("sleep 9");
      terminated.terminate();
      log.push(yield* terminated.wait());
      yield* sleep(0.02);
      log.push(attempt(() => terminated.kill()));
    }),

  "SUBPROC-03": () =>
    realTrace(function* (log) {
      const process = yield* createSubprocessExec("true", [], { stdin: PIPE, stdout: PIPE });
      const [stdout] = yield* process.communicate(new Uint8Array(1 << 20));
      log.push(shown(stdout), process.returncode);
    }),

  "SUBPROC-04": () =>
    realTrace(function* (log) {
      for (const option of [{ universalNewlines: true }, { shell: true }, { bufsize: 1 }, { text: true }])
        log.push(attempt(() => createSubprocessExec("true", [], option as object)));
      log.push(attempt(() => createSubprocessShell(5 as never)));
      yield* sleep(0);
    }),

  "SUBPROC-05": () =>
    realTrace(function* (log) {
      try {
        yield* createSubprocessExec("/no/such");
      } catch (error) {
        log.push((error as Error).name);
      }
    }),

  "SUBPROC-06": () =>
    realTrace(function* (log, loop): Coroutine<void> {
      const over = loop.createFuture<void>();
      const [transport, protocol] = yield* subprocessExec(() => new Order(over), "echo", ["x"], { stdin: null });
      yield* over;
      transport.close();
      const told = protocol.log;
      log.push(
        told[0],
        told.at(-1),
        ["exited", "data", "plost1"].every((word) => told.includes(word)),
      );
    }),

  "SUBPROC-07": () => [PIPE, STDOUT, DEVNULL],

  "SUBPROC-08": () =>
    realTrace(function* (log, loop) {
      const process = yield* createSubprocessExec("true");
      log.push(yield* gather(process.wait(), process.wait()));
      const started = loop.time();
      const parent = yield* createSubprocessShell("sleep 2 & sleep 0.1", { stdout: PIPE });
      yield* parent.wait();
      log.push(loop.time() - started < 1.5);
    }),

  "SUBPROC-09": () =>
    realTrace(function* (log) {
      let pipe: ReadableStreamDefaultController<Uint8Array> | null = null;
      const readable = new ReadableStream<Uint8Array>({ start: (controller) => void (pipe = controller) });
      yield* connectReadPipe(() => new Noting(log), readable);
      const { enqueue, close } = pipe as unknown as ReadableStreamDefaultController<Uint8Array>;
      enqueue.call(pipe, bytes("zz"));
      yield* sleep(0.01);
      close.call(pipe);
      yield* sleep(0.02);
    }),
};
