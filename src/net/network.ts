// The network of a loop: its host's own when that brings one along, else the one of the host that the program runs on.

import { createNetwork } from "#network";
import type { Network } from "../drivers/network.ts";
import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";

let network: Network | null = null;

/** Throws RuntimeError in virtual time, which would not stand still while a socket waits. */
export function networkOf(loop: EventLoop): Network {
  if (loop.host.virtual === true) throw new RuntimeError("Cannot use the network in virtual time");
  return hostNetwork();
}

/** The network of the host that the program runs on, whatever the loop. */
export function hostNetwork(): Network {
  return (network ??= createNetwork());
}

/** The running loop. Throws RuntimeError when none runs. */
export function loopForNetwork(): EventLoop {
  return checkLoop(getRunningLoop());
}
