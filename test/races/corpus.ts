// The corpus: all planted races, and the controls beside them.

import { cancelsAgainstCompletions } from "./cases/cancel-completion.ts";
import { checksThenActs } from "./cases/check-then-act.ts";
import { collections } from "./cases/collections.ts";
import { deadlocks } from "./cases/deadlocks.ts";
import { deepRaces } from "./cases/deep.ts";
import { doubleReleases } from "./cases/double-release.ts";
import { fixedInCPython } from "./cases/fixed-in-cpython.ts";
import { leases } from "./cases/leases.ts";
import { listeners } from "./cases/listeners.ts";
import { lostUpdates } from "./cases/lost-update.ts";
import { lostWakeUps } from "./cases/lost-wake-up.ts";
import { outOfOrder } from "./cases/out-of-order.ts";
import { pacing } from "./cases/pacing.ts";
import { pools } from "./cases/pools.ts";
import { shutdowns } from "./cases/shutdown.ts";
import { staleCaches } from "./cases/stale-cache.ts";
import { timeoutsAgainstCompletions } from "./cases/timeout-completion.ts";
import { transactions } from "./cases/transactions.ts";
import type { RaceCase } from "./race.ts";

export const corpus: readonly RaceCase[] = [
  ...lostUpdates,
  ...checksThenActs,
  ...staleCaches,
  ...outOfOrder,
  ...listeners,
  ...lostWakeUps,
  ...timeoutsAgainstCompletions,
  ...cancelsAgainstCompletions,
  ...fixedInCPython,
  ...doubleReleases,
  ...shutdowns,
  ...collections,
  ...pools,
  ...pacing,
  ...leases,
  ...transactions,
  ...deadlocks,
  ...deepRaces,
];

/** The planted races. */
export const races = corpus.filter(({ racy }) => racy !== null);

/** The programs without one. */
export const controls = corpus.filter(({ racy }) => racy === null);
