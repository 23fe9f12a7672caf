// The state machine: what has a slot, and what may happen to it; and the flags beside the state.
//
// Written out in words from the prose in assembly/state.ts, and not taken from its code. The calls of this core check
// the state that they need themselves: the table is what `transition` answers from, and what the tests hold the wasm
// core against.

import { E_TRANSITION } from "../../../src/core/abi.ts";

// Flags of a task.
export const MUST_CANCEL = 1;
export const WAIT_WAS_CANCELLED = 2;
export const BY_FUTURE = 4;

/** Flag of a member: its join is told when it is done, and not only when it is the last one. */
export const TELLS = 2;

/** The kinds of slots, by number. */
export const KINDS = [
  "free",
  "task",
  "callback",
  "timer",
  "done-callback",
  "future",
  "waiter list",
  "join",
  "source",
] as const;

/** The states, by number. */
export const STATES = [
  "free",
  "ready",
  "running",
  "waiting",
  "awaiting",
  "sleeping",
  "queued",
  "subscribed",
  "armed",
  "dropped",
  "pending",
  "posted",
] as const;

/** The events, by number. */
export const EVENTS = [
  "spawn",
  "spawn eager",
  "step",
  "yield",
  "park",
  "await",
  "sleep",
  "wake",
  "cancel",
  "finish",
  "queue",
  "run",
  "subscribe",
  "unsubscribe",
  "arm",
  "open",
  "close",
  "post",
] as const;

export type State = (typeof STATES)[number];
export type Event = (typeof EVENTS)[number];

/** Where each event leads from each state; what is missing is forbidden. */
export const ALLOWED: Record<State, Partial<Record<Event, State>>> = {
  // What gets a slot begins here.
  free: {
    spawn: "ready",
    "spawn eager": "running",
    queue: "queued",
    arm: "armed",
    subscribe: "subscribed",
    open: "pending",
  },
  // Tasks.
  ready: { step: "running", cancel: "ready" },
  running: {
    yield: "ready",
    park: "waiting",
    await: "awaiting",
    sleep: "sleeping",
    finish: "free",
    cancel: "running",
  },
  waiting: { wake: "ready", cancel: "ready" },
  awaiting: { wake: "ready", cancel: "awaiting" },
  sleeping: { wake: "ready", cancel: "ready" },
  // Callbacks.
  queued: { run: "free", cancel: "dropped" },
  subscribed: { queue: "queued", unsubscribe: "free" },
  armed: { queue: "queued", cancel: "free" },
  dropped: { run: "free", cancel: "dropped" },
  // Futures, waiter lists, joins and sources; only those are posted.
  pending: { close: "free", post: "posted" },
  posted: { run: "pending", close: "dropped" },
};

/** The state that `event` leads to from `state`, or E_TRANSITION; for any two numbers. */
export function transition(state: number, event: number): number {
  const from = STATES[state];
  const by = EVENTS[event];
  const to = from === undefined || by === undefined ? undefined : ALLOWED[from][by];
  return to === undefined ? E_TRANSITION : STATES.indexOf(to);
}
