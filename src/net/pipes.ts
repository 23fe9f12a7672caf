// Pipes: streams of the host's own, or of the web, that go one way.

import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction } from "../support/checks.ts";
import type { BaseProtocol, Protocol } from "../streams/protocols.ts";
import { operation } from "../waiting/operation.ts";
import { loopForNetwork, networkOf } from "./network.ts";
import { ReadPipeTransport, WritePipeTransport } from "./pipe-transports.ts";
import { serving } from "./serving.ts";
import { WebReadEnd, WebWriteEnd, checkFree, isReadable, isWritable } from "./web-ends.ts";

/**
 * Has a protocol told what comes by a pipe. Mirrors loop.connect_read_pipe, on the running loop.
 * @param protocolFactory called when the pipe is taken
 * @param pipe a stream of bytes to read from: of Node's library on Node, Deno and Bun, such as `process.stdin`; a
 *   ReadableStream everywhere. It is the transport's from then on, which closes it
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError, at the call, for what is no such stream, and for one that is locked
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
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
  const connecting = serving(
    loop,
    protocolFactory,
    (protocol, waiter) => new ReadPipeTransport({ loop, end, protocol, pipe, waiter }),
    () => end.abort(),
  );
  return operation("connectReadPipe", connecting);
}

/**
 * Has a protocol write to a pipe. Mirrors loop.connect_write_pipe, on the running loop.
 * @param protocolFactory called when the pipe is taken
 * @param pipe a stream of bytes to write to: of Node's library on Node, Deno and Bun, such as `process.stdout`; a
 *   WritableStream everywhere. It is the transport's from then on, which closes it
 * @returns the transport and the protocol; `connectionMade` was called
 * @throws TypeError, at the call, for what is no such stream, and for one that is locked
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
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
  const connecting = serving(
    loop,
    protocolFactory,
    (protocol, waiter) => new WritePipeTransport({ loop, end, protocol, pipe, waiter }),
    () => end.abort(),
  );
  return operation("connectWritePipe", connecting);
}
