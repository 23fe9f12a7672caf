// The protocol of a child process.

import { BaseProtocol } from "../streams/protocols.ts";

/**
 * A protocol of a child process. The transport calls `connectionMade` first and `connectionLost` last, when the process
 * has ended and all its pipes are closed; between them the others, in any order. `pauseWriting` and `resumeWriting` are
 * about its standard input. Mirrors asyncio.SubprocessProtocol.
 *
 * @example
 * class Output extends SubprocessProtocol {
 *   readonly chunks: Uint8Array[] = [];
 *   override pipeDataReceived(fd: number, data: Uint8Array) {
 *     if (fd === 1) this.chunks.push(data);
 *   }
 * }
 */
export class SubprocessProtocol extends BaseProtocol {
  /** @internal */
  static override readonly name: string = "SubprocessProtocol";
  /**
   * Called with bytes that the process has written. Mirrors SubprocessProtocol.pipe_data_received.
   * @param _fd 1 for its standard output, 2 for its standard error
   */
  pipeDataReceived(_fd: number, _data: Uint8Array): void {}

  /**
   * Called when a pipe is closed, by either side. Mirrors SubprocessProtocol.pipe_connection_lost.
   * @param _fd 0 for its standard input, 1 for its standard output, 2 for its standard error
   * @param _exc what ended it; null when it ended well
   */
  pipeConnectionLost(_fd: number, _exc: Error | null): void {}

  /** Called when the process has ended. Mirrors SubprocessProtocol.process_exited. */
  processExited(): void {}
}
