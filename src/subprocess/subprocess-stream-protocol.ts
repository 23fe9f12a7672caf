// The protocol of a child whose pipes are streams.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { FlowControlMixin } from "../streams/flow-control-mixin.ts";
import { StreamReader } from "../streams/stream-reader.ts";
import { StreamWriter } from "../streams/stream-writer.ts";
import type { SubprocessProtocol } from "./subprocess-protocol.ts";
import type { SubprocessTransport } from "./subprocess-transport.ts";

/**
 * Gives the pipes of a child as streams, and closes its transport when it has ended and all that it wrote has come.
 * Mirrors asyncio.subprocess.SubprocessStreamProtocol.
 */
export class SubprocessStreamProtocol extends FlowControlMixin implements SubprocessProtocol {
  /** @internal */
  static override readonly name: string = "SubprocessStreamProtocol";
  /** What writes to its standard input; null where that is no pipe. */
  stdin: StreamWriter | null = null;
  /** What reads its standard output; null where that is no pipe. */
  stdout: StreamReader | null = null;
  /** What reads its standard error; null where that is no pipe. */
  stderr: StreamReader | null = null;
  readonly #limit: number | undefined;
  /** Done when standard input is closed. */
  readonly #stdinClosed: Future<void>;
  #transport: SubprocessTransport | null = null;
  /** The pipes that may still bring something. */
  readonly #open = new Set<number>();
  #hasExited = false;

  /**
   * @param limit of its readers: see StreamReader. Default: 65,536
   * @param loop the loop that it belongs to; default: the current one
   * @throws TypeError or RangeError for what is no limit, TypeError for what is no loop
   * @throws RuntimeError when there is no current loop
   */
  constructor(limit?: number, loop?: EventLoop) {
    super(loop);
    if (limit !== undefined) new StreamReader(limit, this._loop); // so that one that is none is refused here
    this.#limit = limit;
    this.#stdinClosed = this._loop.createFuture();
  }

  override connectionMade(transport: SubprocessTransport): void {
    this.#transport = transport;
    this.stdout = this.#readerOf(transport, 1);
    this.stderr = this.#readerOf(transport, 2);
    const stdin = transport.getPipeTransport(0);
    if (stdin !== null) this.stdin = new StreamWriter(stdin, this, null, this._loop);
  }

  #readerOf(transport: SubprocessTransport, fd: 1 | 2): StreamReader | null {
    const pipe = transport.getPipeTransport(fd);
    if (pipe === null) return null;
    const reader = new StreamReader(this.#limit, this._loop);
    reader.setTransport(pipe);
    this.#open.add(fd);
    return reader;
  }

  #reader(fd: number): StreamReader | null {
    return fd === 1 ? this.stdout : fd === 2 ? this.stderr : null;
  }

  /** Feeds the reader of a pipe. */
  pipeDataReceived(fd: number, data: Uint8Array): void {
    this.#reader(fd)?.feedData(data);
  }

  /** Ends the reader of a pipe, or what writes to standard input. */
  pipeConnectionLost(fd: number, exc: Error | null): void {
    if (fd === 0) return this.#loseStdin(exc);
    const reader = this.#reader(fd);
    if (exc === null) reader?.feedEof();
    else reader?.setException(exc);
    this.#open.delete(fd);
    this.#closeIfOver();
  }

  #loseStdin(exc: Error | null): void {
    this.stdin?.close();
    this.connectionLost(exc);
    if (exc === null) {
      this.#stdinClosed.setResult();
    } else {
      this.#stdinClosed.setException(exc);
      this.#stdinClosed.exception(); // counts as looked at: nobody has to wait for it
    }
  }

  /** Closes the transport when all has come. */
  processExited(): void {
    this.#hasExited = true;
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (this.#open.size > 0 || !this.#hasExited) return;
    this.#transport?.close();
    this.#transport = null;
  }

  override _getCloseWaiter(_stream: unknown): Future<void> {
    return this.#stdinClosed;
  }

  /** "<SubprocessStreamProtocol stdout=<StreamReader>>". */
  override toString(): string {
    const streams = { stdin: this.stdin, stdout: this.stdout, stderr: this.stderr };
    const shown = Object.entries(streams).flatMap(([name, stream]) =>
      stream === null ? [] : [` ${name}=${stream.toString()}`],
    );
    return `<SubprocessStreamProtocol${shown.join("")}>`;
  }
}
