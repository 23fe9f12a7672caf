// Sockets, with both ends in the program: what a transport, a server and streams promise holds over the host's own.

import { CANCELLATION } from "./network/cancellation.ts";
import { CONNECTIONS } from "./network/connections.ts";
import { FLOW } from "./network/flow.ts";
import { LOOPS } from "./network/loops.ts";
import { SERVERS } from "./network/servers.ts";
import { TLS } from "./network/tls.ts";
import { UNIX } from "./network/unix.ts";
import type { Sockets } from "./index.ts";
import type { Report } from "./report.ts";

export async function testNetwork(report: Report, { folder, certificates }: Sockets): Promise<void> {
  const tests = {
    ...CONNECTIONS,
    ...FLOW,
    ...SERVERS,
    ...UNIX(folder),
    ...CANCELLATION,
    ...LOOPS,
    ...TLS(certificates),
  };
  for (const [name, body] of Object.entries(tests)) await report.test(`network: ${name}`, body);
}
