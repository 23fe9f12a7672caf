// workerd's sockets belong to one request each.

import type { Network } from "../../drivers/network.ts";
import { noNetwork } from "../parts/no-network.ts";

/** The network of the host that the program runs on. */
export const createNetwork = (): Network => noNetwork("they are not built for this host yet");
