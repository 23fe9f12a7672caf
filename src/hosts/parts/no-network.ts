// The network of a host that has no sockets.

import type { Network } from "../../drivers/network.ts";
import { NotAvailableError } from "../../errors/base.ts";

/** A network of which each call throws NotAvailableError, with the reason. */
export function noNetwork(reason: string): Network {
  const refuse = (): never => {
    throw new NotAvailableError("sockets", reason);
  };
  return {
    connect: refuse,
    listen: refuse,
    adopt: refuse,
    datagram: refuse,
    adoptDatagram: refuse,
    resolve: refuse,
    reverse: refuse,
  };
}
