// The network of a host that has no sockets.

import type { Network } from "../../drivers/network.ts";
import { NotAvailableError } from "../../errors/base.ts";
import { format } from "../../support/format.ts";

/** A network of which each call throws NotAvailableError, with the reason. No stream is one of the host's own. */
export function noNetwork(reason: string): Network {
  const refuse = (): never => {
    throw new NotAvailableError("sockets", reason);
  };
  const refuseStream = (stream: unknown): never => {
    throw new TypeError(`Invalid pipe: expected a stream of bytes, got ${format(stream)}`);
  };
  return {
    connect: refuse,
    listen: refuse,
    adopt: refuse,
    adoptReadable: refuseStream,
    adoptWritable: refuseStream,
    datagram: refuse,
    adoptDatagram: refuse,
    resolve: refuse,
    reverse: refuse,
  };
}
