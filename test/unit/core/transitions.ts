// What has a slot, and what may happen to it, written out from the prose in assembly/state.ts and not taken from its
// code: the model and the state machine's test both read it.

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
