// Pipes: streams of the host's own, or of the web, that go one way.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction } from "../support/checks.ts";
import type { BaseProtocol, Protocol } from "../streams/protocols.ts";
import { operation } from "../waiting/operation.ts";
import { checkProtocol } from "./checks.ts";
import { loopForNetwork, networkOf } from "./network.ts";
import { type PipeParts, ReadPipeTransport, WritePipeTransport } from "./pipe-transports.ts";
import { WebReadEnd, WebWriteEnd, checkFree, isReadable, isWritable } from "./web-ends.ts";

/**
 * Has a protocol told what comes by a pipe. Mirrors loop.connect_read_pipe, on the running loop.
 * @param protocolFactory called when the pipe is taken
 * @param pipe a stream of bytes to read from: of Node's library on Node, Deno and Bun, such as `process.stdin`; a
 *   ReadableStream everywhere. It is the transport's from then on, which closes it
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError, at the call, for what is no such stream, and for one that is locked
 * @throws RuntimeError outside a running loop, and in virtual time
 * @throws CancelledError when the task is cancelled; then the pipe is closed
 *
 * @example
 * const reader = new StreamReader();
 * yield* connectReadPipe(() => new StreamReaderProtocol(reader), process.stdin);
 * yield* forEach(reader, (line) => console.log(line));
 */
export function connectReadPipe<P extends Protocol>(
  protocolFactory: () => P,
  pipe: object,
): Coroutine<[ReadPipeTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const loop = loopForNetwork();
  const network = networkOf(loop);
  if (isReadable(pipe)) checkFree(pipe, "pipe");
  const end = isReadable(pipe) ? new WebReadEnd(pipe) : network.adoptReadable(pipe);
  const connecting = connected(loop, end, protocolFactory, pipe, (parts) => new ReadPipeTransport(parts));
  return operation("connectReadPipe", connecting);
}

/**
 * Has a protocol write to a pipe. Mirrors loop.connect_write_pipe, on the running loop.
 * @param protocolFactory called when the pipe is taken
 * @param pipe a stream of bytes to write to: of Node's library on Node, Deno and Bun, such as `process.stdout`; a
 *   WritableStream everywhere. It is the transport's from then on, which closes it
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError, at the call, for what is no such stream, and for one that is locked
 * @throws RuntimeError outside a running loop, and in virtual time
 * @throws CancelledError when the task is cancelled; then the pipe is closed
 *
 * @example
 * const [transport] = yield* connectWritePipe(() => new BaseProtocol(), process.stdout);
 * transport.write(new TextEncoder().encode("hello\n"));
 */
export function connectWritePipe<P extends BaseProtocol>(
  protocolFactory: () => P,
  pipe: object,
): Coroutine<[WritePipeTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const loop = loopForNetwork();
  const network = networkOf(loop);
  if (isWritable(pipe)) checkFree(pipe, "pipe");
  const end = isWritable(pipe) ? new WebWriteEnd(pipe) : network.adoptWritable(pipe);
  const connecting = connected(loop, end, protocolFactory, pipe, (parts) => new WritePipeTransport(parts));
  return operation("connectWritePipe", connecting);
}

function* connected<E extends { abort(): void }, P, T extends { close(): void }>(
  loop: EventLoop,
  end: E,
  protocolFactory: () => P,
  pipe: object,
  transportOf: (parts: PipeParts<E, P>) => T,
): Coroutine<[T, P]> {
  let protocol: P;
  try {
    protocol = checkProtocol(protocolFactory());
  } catch (error) {
    end.abort();
    throw error;
  }
  const waiter = loop.createFuture();
  const transport = transportOf({ loop, end, protocol, pipe, waiter });
  try {
    yield* waiter;
  } catch (error) {
    transport.close();
    throw error;
  }
  return [transport, protocol];
}
