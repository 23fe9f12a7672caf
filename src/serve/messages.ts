// What a supervisor and its workers tell each other, over the channel that a child process has to its parent. An app
// may send messages of its own over it: these are told from them by their name.

/** What a worker tells: that it listens, that it could not start, that its loop goes on, that it is to be replaced. */
export type WorkerMessage =
  | { readonly wasyncio: "ready"; readonly url: string }
  | { readonly wasyncio: "failed"; readonly text: string }
  | { readonly wasyncio: "beat" }
  | { readonly wasyncio: "spent" };

/** What a worker is told: to end in order, "drain" when another one listens in its place. */
export interface SupervisorMessage {
  readonly wasyncio: "drain" | "stop";
}

/** How often a worker tells that its loop goes on, in the time after which it counts as blocked. */
export const BEATS = 5;
