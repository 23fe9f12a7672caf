// A child process, with its pipes as streams.

import { BrokenPipeError, ConnectionResetError } from "../errors/os.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkBytes } from "../streams/bytes.ts";
import type { StreamReader } from "../streams/stream-reader.ts";
import type { StreamWriter } from "../streams/stream-writer.ts";
import { Shown } from "../support/shown.ts";
import { gather } from "../tasks/gather.ts";
import { operation } from "../waiting/operation.ts";
import type { ChildTransport } from "./child-transport.ts";
import type { SubprocessStreamProtocol } from "./subprocess-stream-protocol.ts";

/**
 * A child process that `createSubprocessExec` or `createSubprocessShell` has started. Mirrors
 * asyncio.subprocess.Process.
 *
 * @example
 * const process = yield* createSubprocessExec("sort", [], { stdin: PIPE, stdout: PIPE });
 * const [sorted] = yield* process.communicate(new TextEncoder().encode("b\na\n"));
 */
export class Process extends Shown {
  /** @internal */
  static override readonly name: string = "Process";
  readonly #transport: ChildTransport;
  readonly #protocol: SubprocessStreamProtocol;

  /** @internal */
  constructor(transport: ChildTransport, protocol: SubprocessStreamProtocol) {
    super();
    this.#transport = transport;
    this.#protocol = protocol;
  }

  /** Its number. Mirrors Process.pid. */
  get pid(): number {
    return this.#transport.getPid();
  }

  /**
   * How it has ended: its exit code, or the negative number of the signal that ended it; null before. Mirrors
   * Process.returncode.
   */
  get returncode(): number | null {
    return this.#transport.getReturncode();
  }

  /** What writes to its standard input; null where that is no pipe. Mirrors Process.stdin. */
  get stdin(): StreamWriter | null {
    return this.#protocol.stdin;
  }

  /** What reads its standard output; null where that is no pipe. Mirrors Process.stdout. */
  get stdout(): StreamReader | null {
    return this.#protocol.stdout;
  }

  /** What reads its standard error; null where that is no pipe. Mirrors Process.stderr. */
  get stderr(): StreamReader | null {
    return this.#protocol.stderr;
  }

  /**
   * Waits until it has ended; somebody else may hold its pipes open. It never ends when it writes more into a pipe than
   * the system keeps, and nobody reads: `communicate` does. Mirrors Process.wait.
   * @returns its exit code, or the negative number of the signal that ended it
   * @throws CancelledError when the task is cancelled; the process goes on
   */
  wait(): Coroutine<number> {
    return operation("Process.wait", this.#transport._wait());
  }

  /**
   * Writes to its standard input and closes that, reads both outputs to their ends, and waits until it has ended. All
   * that it writes is kept. That it does not read what is written is no error. Mirrors Process.communicate.
   * @param input what to write; null: nothing
   * @returns what it has written; null where that is no pipe
   * @throws TypeError, at the call, for what is not a Uint8Array or null
   * @throws RangeError, at the call, when there is something to write, and standard input is no pipe
   * @throws CancelledError when the task is cancelled; the process goes on, and what was read is lost
   */
  communicate(input: Uint8Array | null = null): Coroutine<[stdout: Uint8Array | null, stderr: Uint8Array | null]> {
    if (input !== null) {
      checkBytes(input);
      if (this.stdin === null) throw new RangeError("Cannot send input: the process was not started with stdin: PIPE");
    }
    return operation("Process.communicate", this.#communicate(input));
  }

  *#communicate(input: Uint8Array | null): Coroutine<[Uint8Array | null, Uint8Array | null]> {
    const [, stdout, stderr] = yield* gather(this.#feed(input), this.#read(1), this.#read(2));
    yield* this.#transport._wait();
    return [stdout, stderr];
  }

  *#feed(input: Uint8Array | null): Coroutine<void> {
    const { stdin } = this;
    if (stdin === null) return;
    try {
      if (input !== null) stdin.write(input);
      yield* stdin.drain();
    } catch (error) {
      if (!(error instanceof BrokenPipeError || error instanceof ConnectionResetError)) throw error;
    }
    stdin.close();
  }

  *#read(fd: 1 | 2): Coroutine<Uint8Array | null> {
    const reader = fd === 1 ? this.stdout : this.stderr;
    if (reader === null) return null;
    const output = yield* reader.read();
    this.#transport.getPipeTransport(fd)?.close();
    return output;
  }

  /**
   * Sends a signal. Does nothing when it has just ended. Mirrors Process.send_signal.
   * @param signal its name, such as "SIGHUP", or its number
   * @throws TypeError or RangeError for what is no signal of the system's
   * @throws ProcessLookupError when it has ended, and all its pipes are closed
   * @throws PermissionError when the system refuses
   */
  sendSignal(signal: string | number): void {
    this.#transport.sendSignal(signal);
  }

  /** Asks it to end: SIGTERM. Mirrors Process.terminate. Throws as `sendSignal`. */
  terminate(): void {
    this.#transport.terminate();
  }

  /** Ends it: SIGKILL. Mirrors Process.kill. Throws as `sendSignal`. */
  kill(): void {
    this.#transport.kill();
  }

  /** "<Process 1234>". */
  override toString(): string {
    return `<Process ${this.pid}>`;
  }
}
