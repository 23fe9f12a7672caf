// The network of a loop: its host's own when that brings one along, else the one of the host that the program runs on.

import { createNetwork } from "#network";
import type { Network } from "../drivers/network.ts";
import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";

let network: Network | null = null;

/** Throws as `refuseInVirtualTime` does. */
export function networkOf(loop: EventLoop): Network {
  refuseInVirtualTime(loop, "the network");
  return hostNetwork();
}

/**
 * Throws in virtual time, which would not stand still while the outside is waited for: OutsideError in simulations,
 * with what to do instead, else RuntimeError.
 */
export function refuseInVirtualTime(loop: EventLoop, what: string, instead = OTHER_STREAMS): void {
  if (loop.host.virtual !== true) return;
  loop.arrivals.refusal?.act(`used ${what}`, instead);
  throw new RuntimeError(`Cannot use ${what} in virtual time`);
}

const OTHER_STREAMS =
  "give the program streams that stand in for it: a StreamReader that is fed, a StreamWriter over a transport of its own";

/** The network of the host that the program runs on, whatever the loop. */
export function hostNetwork(): Network {
  return (network ??= createNetwork());
}

/** The running loop. Throws RuntimeError when none runs. */
export function loopForNetwork(): EventLoop {
  return checkLoop(getRunningLoop());
}
