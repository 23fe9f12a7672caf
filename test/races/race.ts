// What a program of the corpus is: a planted race, or a control, which does the same kind of work without one.

import type { Coroutine } from "wasyncio";

/**
 * A program that fails in some schedules, or a control that fails in none. It fails by throwing, by a deadlock, or by a
 * leak where `noLeaks` says so. In asyncio's own order, as a VirtualEventLoop runs it, every program passes.
 */
export interface RaceCase {
  /** A sentence, unique in the corpus. */
  readonly name: string;
  /** What engineers call such a bug; a control has the kind of the race that it does without. */
  readonly kind: string;
  /** The program. All state lives inside, so that each run begins anew. */
  main(): Coroutine<unknown>;
  /** Labels of the lines that take part, each marked by a comment `race: LABEL` at its end; null for a control. */
  readonly racy: readonly string[] | null;
  /** Seconds by which a timer may be late against another one, or against what is ready; default: "auto". */
  readonly window?: number | "auto";
  /** Whether the race shows in an order that asyncio allows; default: "any". */
  readonly orders?: "any" | "asyncio";
  /** Whether a task or a timer that is left at the end is a failure. */
  readonly noLeaks?: boolean;
}
