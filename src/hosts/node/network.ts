// Node's network.

import type { Network } from "../../drivers/network.ts";
import { nodeNetwork } from "../parts/node-network.ts";

/** The network of the host that the program runs on. */
export const createNetwork = (): Network => nodeNetwork({ readsInto: true, connects: true });
