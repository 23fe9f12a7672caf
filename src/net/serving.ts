// A protocol for an end that is there: made by the program's factory, and told of its transport before anybody is given
// either.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkProtocol } from "./checks.ts";

/**
 * Makes the protocol and its transport, and gives them when `connectionMade` was called.
 * @param transportOf makes the transport, which settles the future
 * @param drop lets go of the end, where there is no transport that could
 * @throws TypeError when the factory gives no protocol
 * @throws CancelledError when the task is cancelled; the transport is closed
 */
export function* serving<P, T extends { close(): void }>(
  loop: EventLoop,
  protocolFactory: () => P,
  transportOf: (protocol: P, waiter: Future<void>) => T,
  drop: () => void,
): Coroutine<[T, P]> {
  const waiter = loop.createFuture();
  let protocol: P;
  let transport: T;
  try {
    protocol = checkProtocol(protocolFactory());
    transport = transportOf(protocol, waiter);
  } catch (error) {
    drop();
    throw error;
  }
  try {
    yield* waiter;
  } catch (error) {
    transport.close();
    throw error;
  }
  return [transport, protocol];
}
