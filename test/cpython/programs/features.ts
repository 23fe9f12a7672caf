// What random programs are made of: values, and the statements that each feature brings, with weights.

import type { CatchName, ErrorName, ObjectType, Op, Source, WaitMode } from "./program.ts";

/** Dyadic, so that sums are exact; few, so that deadlines meet. */
export const DELAYS: readonly number[] = [0, 0.25, 0.25, 0.5, 0.5, 0.75, 1, 1, 1.5, 2];
export const ERRORS: readonly ErrorName[] = ["ValueError", "ValueError", "RuntimeError", "TypeError", "AppError"];
export const CATCHES: readonly CatchName[] = [
  "Exception",
  "Exception",
  "CancelledError",
  "CancelledError",
  "TimeoutError",
  "ValueError",
  "RuntimeError",
  "ExceptionGroup",
  "Any",
];
export const MODES: readonly WaitMode[] = ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"];

export type OpWeights = Partial<Record<Op, number>>;

/** Statements with how often each comes up. */
export interface Feature {
  /** Those that wait, or hold others that do. */
  waiting?: OpWeights;
  plain?: OpWeights;
}

export const CANCEL: Feature = { plain: { cancel: 10, uncancel: 2, cancelling: 3 } };

export const FEATURES: readonly Feature[] = [
  CANCEL,
  { plain: { future: 4, setResult: 6, setError: 3, probe: 3 } },
  { plain: { addCallback: 6, removeCallback: 2 } },
  { plain: { callSoon: 4, callLater: 4, callAt: 2, cancelHandle: 4, report: 1 } },
  { waiting: { try: 16 } },
  { waiting: { timeout: 9 }, plain: { reschedule: 3, showScope: 2 } },
  { waiting: { reenter: 3 } },
  { waiting: { group: 8 }, plain: { groupSpawn: 8 } },
  { waiting: { asCompleted: 6 } },
  { plain: { keep: 8 } },
  { plain: { setVariable: 5, getVariable: 4, resetVariable: 2, inContext: 2 } },
  { plain: { raise: 5, reraise: 2 } },
  { waiting: { if: 4, repeat: 4 }, plain: { return: 2 } },
  { plain: { tasks: 2, probe: 3, rename: 1 } },
];

export const LOCKS: readonly ObjectType[] = ["Lock", "Condition", "Semaphore", "BoundedSemaphore"];
export const QUEUES: readonly ObjectType[] = ["Queue", "LifoQueue", "PriorityQueue"];

/** Features that come with an object of one of some types. */
export const OBJECTS: readonly (Feature & { types: readonly ObjectType[] })[] = [
  { types: ["Lock"], waiting: { with: 9 }, plain: { release: 3, show: 1 } },
  { types: ["Event"], plain: { set: 5, clear: 3, show: 1 } },
  {
    types: ["Condition"],
    waiting: { with: 12, waitUntil: 6 },
    plain: { notify: 7, count: 4, release: 1, show: 1 },
  },
  { types: ["Semaphore", "BoundedSemaphore"], waiting: { with: 7 }, plain: { release: 7, show: 1 } },
  { types: ["Barrier"], waiting: { with: 4, abort: 1, reset: 2 }, plain: { show: 1 } },
  { types: QUEUES, plain: { putNowait: 7, getNowait: 5, taskDone: 4, shutdown: 1, show: 2 } },
];

/** What can be awaited on objects of some types. */
export const OBJECT_SOURCES: readonly { source: Source["source"]; types: readonly ObjectType[]; weight: number }[] = [
  { source: "acquire", types: LOCKS, weight: 10 },
  { source: "wait", types: ["Event", "Condition"], weight: 10 },
  { source: "barrier", types: ["Barrier"], weight: 10 },
  { source: "get", types: QUEUES, weight: 10 },
  { source: "put", types: QUEUES, weight: 10 },
  { source: "join", types: QUEUES, weight: 2 },
];

/** What can be awaited without an object. */
export const COMPOSITES: Partial<Record<Source["source"], number>> = {
  slot: 7,
  coroutine: 2,
  gather: 4,
  shield: 3,
  waitFor: 5,
  waitAll: 4,
};
