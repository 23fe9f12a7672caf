// What a worker and whoever has started it have to say to each other beside jobs: questions to objects that stay where
// they were made, and the answers. Executors pass it on, and know nothing of it: so programs that have no such objects
// go without what they take.

export interface SideChannel {
  /** Asks whoever has started this worker; null in what is none. Throws for what cannot be copied. */
  ask: ((message: unknown, transfer: readonly object[]) => void) | null;
  /** Takes what a worker has asked. `tell` sends to that worker. */
  asked: (message: unknown, tell: (message: unknown) => void) => void;
  /** The name of this worker; null in what is none, and where jobs are tasks of the program's own loop. */
  workerName: string | null;
  /** Takes what this worker is told. */
  told: (message: unknown) => void;
}

function ignore(): void {}

export const sideChannel: SideChannel = { ask: null, workerName: null, asked: ignore, told: ignore };
