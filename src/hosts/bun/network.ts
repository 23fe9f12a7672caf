// The network by node:net. Servers by Bun.listen take a tenth less of the processor for an echo, but an attempt to
// connect by Bun.connect cannot be given up, and TLS cannot begin on a connection that Bun.listen has accepted.

import type { Network } from "../../drivers/network.ts";
import { nodeNetwork } from "../parts/node-network.ts";

/** The network of the host that the program runs on. */
export const createNetwork = (): Network => nodeNetwork({ readsInto: false, connects: true });
