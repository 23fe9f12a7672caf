// Pages have no sockets.

import type { Network } from "../../drivers/network.ts";
import { noNetwork } from "../parts/no-network.ts";

/** The network of the host that the program runs on. */
export const createNetwork = (): Network => noNetwork("pages have no sockets");
