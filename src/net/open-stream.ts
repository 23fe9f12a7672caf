// Web streams as streams of asyncio's kind, on every host: no socket is in this, and no driver.

import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { StreamReader } from "../streams/stream-reader.ts";
import { StreamReaderProtocol } from "../streams/stream-reader-protocol.ts";
import { StreamWriter } from "../streams/stream-writer.ts";
import { operation } from "../waiting/operation.ts";
import { refuseInVirtualTime } from "./network.ts";
import type { StreamOptions, Streams } from "./open.ts";
import { SocketTransport } from "./socket-transport.ts";
import { type ByteReadable, type ByteWritable, WebStreamEnd, checkFree, isReadable, isWritable } from "./web-ends.ts";

const STREAM_OPTIONS: readonly (keyof StreamOptions)[] = ["limit"];

/**
 * Gives a pair of web streams of bytes as a reader and a writer: both directions of a WebTransport's or a
 * WebSocketStream's stream, of a socket of workerd, of a TransformStream, on every host. What is written waits in the
 * transport until the sink takes it, and `drain` for that; reading asks for no more than the reader may keep. Closing
 * closes the one and cancels the other. asyncio has nothing like it but openConnection over a socket of one's own.
 * @param readable what to read from; locked from then on
 * @param writable what to write to; locked from then on. Arrays that are written are copied
 * @param options.limit of the reader: see StreamReader. Default: 65,536
 * @throws TypeError or RangeError, at the call, for other values, for streams that are locked, for options that there
 *   are not
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws CancelledError when the task is cancelled; both streams are given up then
 *
 * @example
 * const { readable, writable } = yield* wrapFuture(session.createBidirectionalStream());
 * const [reader, writer] = yield* openStream(readable, writable);
 * writer.write(new TextEncoder().encode("hello\n"));
 * const line = yield* reader.readline();
 */
export function openStream(
  readable: ByteReadable,
  writable: ByteWritable,
  options: StreamOptions = {},
): Coroutine<Streams> {
  const { limit } = checkNames(options, STREAM_OPTIONS);
  const loop = checkLoop(getRunningLoop());
  if (!isReadable(readable))
    throw new TypeError(`Invalid readable: expected a ReadableStream, got ${format(readable)}`);
  if (!isWritable(writable))
    throw new TypeError(`Invalid writable: expected a WritableStream, got ${format(writable)}`);
  checkFree(readable, "readable");
  checkFree(writable, "writable");
  const reader = new StreamReader(limit, loop);
  refuseInVirtualTime(loop, "streams of the host");
  return operation("openStream", opened(loop, new WebStreamEnd(readable, writable), reader));
}

function* opened(loop: EventLoop, end: WebStreamEnd, reader: StreamReader): Coroutine<Streams> {
  const protocol = new StreamReaderProtocol(reader, null, loop);
  const waiter = loop.createFuture();
  const transport = new WebStreamTransport(loop, end, protocol, waiter);
  try {
    yield* waiter;
  } catch (error) {
    transport.abort();
    throw error;
  }
  return [reader, new StreamWriter(transport, protocol, reader, loop)];
}

/** Both streams as a transport: it is closed when the sink has done what it does at the end. */
class WebStreamTransport extends SocketTransport {
  static override readonly name: string = "WebStreamTransport";

  /** There is no socket to know of. */
  override getExtraInfo(_name: string, defaultValue: unknown = null): unknown {
    return defaultValue;
  }

  override close(): void {
    this.writeEof();
    super.close();
  }

  override toString(): string {
    const state = this.isClosing() ? "closing" : this.isReading() ? "polling" : "idle";
    return `<WebStreamTransport ${state} bufsize=${this.getWriteBufferSize()}>`;
  }
}
