// The network by node:net. Deno's own sockets are hardly faster behind a loop, and its listeners are not closed when
// `close` returns. On all IPv6 addresses Deno listens for IPv4, too.

import type { Network } from "../../drivers/network.ts";
import { nodeNetwork } from "../parts/node-network.ts";

/** The network of the host that the program runs on. */
export const createNetwork = (): Network => ({ ...nodeNetwork({ readsInto: false }), takesBothFamilies: true });
