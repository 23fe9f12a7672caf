// Addresses of sockets, as Python has them.

/** Host and port; for IPv6 with flow info and scope behind them. */
export type InetAddress =
  | readonly [host: string, port: number]
  | readonly [host: string, port: number, flowInfo: number, scopeId: number];

/** The address of an IP address and a port. */
export function addressOf(host: string, port: number): InetAddress {
  return host.includes(":") ? [host, port, 0, 0] : [host, port];
}
