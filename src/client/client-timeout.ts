// How long parts of a request may take.

import { checkNames } from "../support/checks.ts";
import { type Delay, secondsFrom0 } from "../support/delay.ts";

/**
 * How long parts of a request may take; null: for ever. What a request does not say is the session's. Mirrors
 * aiohttp.ClientTimeout.
 */
export interface ClientTimeout {
  /** All of it, from the wait for a place to the end of the body. Default: 300 s. */
  total?: Delay | null;
  /** The wait for a place and for a connection. Default: null. */
  connect?: Delay | null;
  /** A connection that is made, with TLS and a tunnel by a proxy; not where the host does not tell. Default: 30 s. */
  sockConnect?: Delay | null;
  /** What comes next of the answer. Default: null. */
  sockRead?: Delay | null;
}

/** The same in seconds. */
export type Times = Readonly<Record<keyof ClientTimeout, number | null>>;

const NAMES: readonly (keyof ClientTimeout)[] = ["total", "connect", "sockConnect", "sockRead"];

export const DEFAULT_TIMES: Times = { total: 300, connect: null, sockConnect: 30, sockRead: null };

/** Times with others in their place. Throws TypeError or RangeError for what is no timeout. */
export function timesOf(timeout: ClientTimeout | undefined, times: Times): Times {
  if (timeout === undefined) return times;
  checkNames(timeout, NAMES, "timeout");
  const all = { ...times };
  for (const name of NAMES) {
    const delay = timeout[name];
    if (delay === undefined) continue;
    const seconds = delay === null ? Infinity : secondsFrom0(delay, `timeout.${name}`);
    // As in aiohttp, 0 is no limit: a request that may take no time could never be made.
    all[name] = seconds === Infinity || seconds === 0 ? null : seconds;
  }
  return all;
}
