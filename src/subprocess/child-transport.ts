// The transport of a child that runs: its pipes, its end and its signals, told to one protocol.

import type { ReadEnd, WriteEnd } from "../drivers/network.ts";
import type { Child, PipeEnd, Processes } from "../drivers/processes.ts";
import { ProcessLookupError, osError } from "../errors/os.ts";
import { type PipeParts, ReadPipeTransport, WritePipeTransport } from "../net/pipe-transports.ts";
import { checkProtocol } from "../net/checks.ts";
import { serving } from "../net/serving.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { writeLog } from "../runtime/reports.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Protocol } from "../streams/protocols.ts";
import { format } from "../support/format.ts";
import { type PipeOwner, PipeProtocol } from "./pipe-protocol.ts";
import type { SubprocessProtocol } from "./subprocess-protocol.ts";
import { SubprocessTransport } from "./subprocess-transport.ts";

type PipeTransport = ReadPipeTransport | WritePipeTransport;

export const SIGKILL = 9;
const SIGTERM = 15;

/** What the transport of a child is made of. */
export interface ChildParts {
  readonly loop: EventLoop;
  readonly child: Child;
  readonly protocol: SubprocessProtocol;
  readonly signals: Processes["signals"];
  /** Settled when all pipes are connected and `connectionMade` is about to be called. */
  readonly waiter: Future<void>;
}

/** The transport of a child that runs. Mirrors asyncio's transport of such a child. */
export class ChildTransport extends SubprocessTransport {
  /** @internal */
  static override readonly name: string = "ChildTransport";
  readonly #loop: EventLoop;
  readonly #child: Child;
  readonly #signals: Processes["signals"];
  /** Lets go of the child, as the loop does when it is closed. */
  readonly #leave: () => void;
  #protocol: SubprocessProtocol;
  /** Its pipes, by number; null as long as one is not connected. */
  readonly #pipes = new Map<number, PipeProtocol<PipeTransport> | null>();
  /** What is to be told after `connectionMade`; null once that is under way. */
  #early: (() => void)[] | null = [];
  #returncode: number | null = null;
  /** Who waits for its end, in order of arrival. */
  readonly #exitWaiters = new Set<Future<number>>();
  #isClosing = false;
  /** Whether it has ended and all pipes are closed, so that `connectionLost` is under way. */
  #isFinished = false;
  /** Whether nothing is left of it. */
  #isReleased = false;

  /** @internal Its pipes are connected in a task; `connectionMade` is called then. */
  constructor({ loop, child, protocol, signals, waiter }: ChildParts) {
    super({ subprocess: child.native });
    this.#loop = loop;
    this.#child = child;
    this.#signals = signals;
    this.#protocol = protocol;
    for (const [fd, pipe] of this.#ends.entries()) if (pipe !== null) this.#pipes.set(fd, null);
    const connecting = loop.createTask(this.#connectPipes(waiter));
    connecting.addDoneCallback(() => {
      if (connecting.failed) this.#giveUpPipes(waiter, connecting.cancelled() ? null : connecting.exception());
    });
    this.#leave = loop.arrivals.listen(() => this.#release());
    child.start((returncode) => {
      loop.arrivals.deliver("process", () => {
        if (!this.#isReleased) loop.callSoon(() => this.#exited(returncode));
      });
    });
  }

  get #ends() {
    const { stdin, stdout, stderr } = this.#child;
    return [stdin, stdout, stderr];
  }

  // ── Pipes ──────────────────────────────────────────────────────────────────────────────────────────────────────

  *#connectPipes(waiter: Future<void>): Coroutine<void> {
    const { stdin, stdout, stderr } = this.#child;
    if (stdin !== null) yield* this.#connectPipe(0, stdin, WritePipeTransport);
    if (stdout !== null) yield* this.#connectPipe(1, stdout, ReadPipeTransport);
    if (stderr !== null) yield* this.#connectPipe(2, stderr, ReadPipeTransport);
    const early = this.#early as (() => void)[];
    this.#early = null;
    this.#loop.callSoon(() => this.#protocol.connectionMade(this));
    for (const call of early) this.#loop.callSoon(call);
    if (!waiter.cancelled()) waiter.setResult();
  }

  *#connectPipe<E extends ReadEnd | WriteEnd, T extends PipeTransport>(
    fd: number,
    { end, native: pipe }: PipeEnd<E>,
    Transport: new (parts: PipeParts<E, Protocol>) => T,
  ): Coroutine<void> {
    const loop = this.#loop;
    const [, connected] = yield* serving(
      loop,
      () => new PipeProtocol<T>(this.#owner, fd),
      (protocol, waiter) => new Transport({ loop, end, protocol, pipe, waiter }),
      () => end.abort(),
    );
    this.#pipes.set(fd, connected);
  }

  /** The pipes cannot be connected: what there is of them is closed, so that nothing more is waited for. */
  #giveUpPipes(waiter: Future<void>, error: unknown): void {
    for (const [fd, end] of this.#ends.entries()) {
      const pipe = this.#pipes.get(fd)?.pipe ?? null;
      if (pipe === null) end?.end.abort();
      else pipe.close();
    }
    this.#pipes.clear();
    this.#early = null;
    if (error === null) waiter.cancel();
    else if (!waiter.done()) waiter.setException(error);
  }

  readonly #owner: PipeOwner = {
    pipeDataReceived: (fd, data) => this.#tell(() => this.#protocol.pipeDataReceived(fd, data)),
    pipeConnectionLost: (fd, exc) => {
      this.#tell(() => this.#protocol.pipeConnectionLost(fd, exc));
      this.#finish();
    },
    pauseWriting: () => this.#protocol.pauseWriting(),
    resumeWriting: () => this.#protocol.resumeWriting(),
  };

  #tell(call: () => void): void {
    if (this.#early === null) this.#loop.callSoon(call);
    else this.#early.push(call);
  }

  override getPipeTransport(fd: 0): WritePipeTransport | null;
  override getPipeTransport(fd: 1 | 2): ReadPipeTransport | null;
  override getPipeTransport(fd: number): PipeTransport | null;
  override getPipeTransport(fd: number): PipeTransport | null {
    return this.#pipes.get(fd)?.pipe ?? null;
  }

  // ── The end of the process ─────────────────────────────────────────────────────────────────────────────────────

  #exited(returncode: number): void {
    this.#returncode = returncode;
    this.#tell(() => this.#protocol.processExited());
    this.#finish();
    for (const waiter of this.#exitWaiters) if (!waiter.done()) waiter.setResult(returncode);
  }

  #finish(): void {
    if (this.#isFinished || this.#returncode === null) return;
    if (![...this.#pipes.values()].every((pipe) => pipe?.isDisconnected === true)) return;
    this.#isFinished = true;
    this.#tell(() => {
      try {
        this.#protocol.connectionLost(null);
      } finally {
        this.#leave();
      }
    });
  }

  /** @internal Waits until the process has ended. */
  *_wait(): Coroutine<number> {
    if (this.#returncode !== null) return this.#returncode;
    const waiter = this.#loop.createFuture<number>();
    this.#exitWaiters.add(waiter);
    try {
      return yield* waiter;
    } finally {
      this.#exitWaiters.delete(waiter);
    }
  }

  override getPid(): number {
    return this.#child.pid;
  }

  override getReturncode(): number | null {
    return this.#returncode;
  }

  // ── Signals ────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * @throws TypeError or RangeError for what is no signal of the system's
   * @throws ProcessLookupError when the process has ended, and `connectionLost` was called
   * @throws PermissionError when the system refuses
   */
  override sendSignal(signal: string | number): void {
    this.#send(numberOf(signal, this.#signals));
  }

  override terminate(): void {
    this.#send(SIGTERM);
  }

  override kill(): void {
    this.#send(SIGKILL);
  }

  #send(signal: number): void {
    if (this.#isReleased) throw new ProcessLookupError();
    const fault = this.#child.kill(signal);
    if (fault !== null) throw osError(fault);
  }

  // ── Closing ────────────────────────────────────────────────────────────────────────────────────────────────────

  override isClosing(): boolean {
    return this.#isClosing;
  }

  /** Closes all pipes, and kills the process if it has not ended. */
  override close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const pipe of this.#pipes.values()) pipe?.pipe?.close();
    if (this.#returncode !== null) return;
    if (this.#loop.getDebug()) {
      writeLog(this.#loop.host, "warning", `Close running child process: kill ${this.toString()}`);
    }
    this.#child.kill(SIGKILL); // the system may refuse: then it runs on
  }

  #release(): void {
    this.#isClosing = true;
    this.#isReleased = true;
    for (const end of this.#ends) end?.end.abort();
    if (this.#returncode === null) this.#child.kill(SIGKILL);
  }

  override setProtocol(protocol: SubprocessProtocol): void {
    this.#protocol = checkProtocol(protocol);
  }

  override getProtocol(): SubprocessProtocol {
    return this.#protocol;
  }

  /** "<ChildTransport pid=1234 running stdout=<ReadPipeTransport polling>>". */
  override toString(): string {
    const state = this.#returncode === null ? "running" : `returncode=${this.#returncode}`;
    const pipes = ["stdin", "stdout", "stderr"].map((name, fd) => [name, this.getPipeTransport(fd)] as const);
    const shown = pipes.flatMap(([name, pipe]) => (pipe === null ? [] : [`${name}=${pipe.toString()}`]));
    const words = [...(this.#isClosing ? ["closed"] : []), `pid=${this.#child.pid}`, state, ...shown];
    return `<ChildTransport ${words.join(" ")}>`;
  }
}

/** The number of a signal. Throws TypeError or RangeError for what is none. */
function numberOf(signal: string | number, signals: Processes["signals"]): number {
  if (typeof signal === "number") {
    if (signal === 0 || Object.values(signals).includes(signal)) return signal;
    throw new RangeError(`invalid signal number ${signal}`);
  }
  if (typeof signal !== "string")
    throw new TypeError(`signal must be a name such as "SIGTERM", or a number, not ${format(signal)}`);
  if (Object.hasOwn(signals, signal)) return signals[signal];
  throw new RangeError(`invalid signal name ${format(signal)}`);
}
