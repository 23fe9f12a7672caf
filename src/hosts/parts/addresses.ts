// Addresses as hosts tell them.

import type { SocketAddress } from "../../drivers/network.ts";

/** A host and a port as an address; null when there are none. */
export function addressOf(host: string | undefined, port: number | undefined): SocketAddress | null {
  if (host === undefined || port === undefined) return null;
  return host.includes(":") ? [host, port, 0, 0] : [host, port];
}
