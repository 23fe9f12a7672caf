// The transport of a child process: the names, and what they promise.

import { NotImplementedError } from "../streams/errors.ts";
import { BaseTransport } from "../streams/transports.ts";
import type { ReadTransport, WriteTransport } from "../streams/transports.ts";

/** A child process, as its protocol sees it. Mirrors asyncio.SubprocessTransport. */
export class SubprocessTransport extends BaseTransport {
  /** @internal */
  static override readonly name: string = "SubprocessTransport";
  /** Number of the process. Mirrors SubprocessTransport.get_pid. */
  getPid(): number {
    throw new NotImplementedError();
  }

  /**
   * How the process has ended: its exit code, or the negative number of the signal that ended it; null before. Mirrors
   * SubprocessTransport.get_returncode.
   */
  getReturncode(): number | null {
    throw new NotImplementedError();
  }

  /**
   * The transport of a pipe. Mirrors SubprocessTransport.get_pipe_transport.
   * @param _fd 0 for standard input, which is written to; 1 and 2 for standard output and error, which are read
   * @returns null where there is no pipe
   */
  getPipeTransport(_fd: 0): WriteTransport | null;
  getPipeTransport(_fd: 1 | 2): ReadTransport | null;
  getPipeTransport(_fd: number): WriteTransport | ReadTransport | null;
  getPipeTransport(_fd: number): WriteTransport | ReadTransport | null {
    throw new NotImplementedError();
  }

  /**
   * Sends a signal. Does nothing when the process has ended, as long as something is left of it. Mirrors
   * SubprocessTransport.send_signal.
   * @param _signal its name, such as "SIGHUP", or its number
   */
  sendSignal(_signal: string | number): void {
    throw new NotImplementedError();
  }

  /** Asks the process to end: SIGTERM. Mirrors SubprocessTransport.terminate. */
  terminate(): void {
    throw new NotImplementedError();
  }

  /** Ends the process: SIGKILL. Mirrors SubprocessTransport.kill. */
  kill(): void {
    throw new NotImplementedError();
  }
}
