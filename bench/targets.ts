// What we want to be able to say of the cases on Node 26: how many times ours a peer's figure is.
//
// Each is within reach of what the case is made of, and so differs from case to case; docs/performance.md says what
// that is.

import type { Peer } from "./sides.ts";

/** The heading of our own cases, each in a process of its own, beside all in one. */
export const ALONE = "alone";
/** In a process that does everything, a case takes at most so many times what it takes alone. */
const TIMES_ALONE = 1.3;

export const TARGETS: Readonly<Record<string, Partial<Record<Peer, number>>>> = {
  "sleep-one-task": { uvloop: 20, native: 0.5, effect: 20 },
  "sleep-1000-tasks": { uvloop: 12, native: 0.55, effect: 10 },
  "deep-chain": { uvloop: 10, native: 0.18, effect: 9 },
  gather: { uvloop: 14, native: 0.25, effect: 4.5 },
  "task-group": { uvloop: 10, effect: 6 },
  "queue-ping-pong": { uvloop: 15, effect: 15 },
  "priority-queue": { uvloop: 5.5, effect: 200 },
  timers: { uvloop: 5, native: 0.4 },
  "call-later-cancel": { uvloop: 7, native: 3.3 },
  "wait-for": { uvloop: 18, native: 2, effect: 17 },
  "cancel-caught": { uvloop: 5, effect: 2 },
  "cancel-sleeping": { uvloop: 2.6, native: 8, effect: 1.1 },
  "future-fan-out": { uvloop: 5.5, native: 0.75, effect: 4.5 },
  lock: { uvloop: 13, effect: 20 },
  semaphore: { uvloop: 10, effect: 60 },
  event: { uvloop: 11, effect: 3.3 },
  condition: { uvloop: 8.5 },
};

export interface Measured {
  /** Name of the case. */
  name: string;
  /** Name of the other side. */
  other: string;
  /** The other's figure over ours. */
  ratio: number;
}

/** Lines that say how many of the targets hold, and which do not. */
export function describeTargets(measured: readonly Measured[]): string[] {
  return ["uvloop", "native", "effect", ALONE].flatMap((side) => {
    const wanted = measured.flatMap(({ name, other, ratio }) => {
      const target = other === side ? targetOf(name, side) : undefined;
      return target === undefined ? [] : [{ name, ratio, target }];
    });
    if (wanted.length === 0) return [];
    const missed = wanted.filter(({ ratio, target }) => ratio < target);
    const list = missed.map(({ name, ratio, target }) => `${name} ${ratio.toFixed(2)} of ${target.toFixed(2)}`);
    const below = list.length === 0 ? "" : `; below: ${list.join(", ")}`;
    return [`Targets against ${side}: ${wanted.length - missed.length} of ${wanted.length} hold${below}.`];
  });
}

function targetOf(name: string, side: string): number | undefined {
  return side === ALONE ? 1 / TIMES_ALONE : TARGETS[name][side as Peer];
}
