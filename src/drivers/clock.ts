// The host: everything that is not determined by the program comes in through this interface, so that a real, a virtual
// or a replaying host can stand behind an event loop.

import type { HostSignals } from "./signals.ts";

import type { HostContexts } from "./contexts.ts";

/** What a host tells its loop. */
export interface HostEvents {
  /** A turn of the host: run what is ready. */
  turn(): void;
  /**
   * Nothing keeps the host alive any more, so that nothing can ever wake the loop. Never called by hosts that cannot
   * tell.
   */
  exhausted(): void;
  /** Whether the loop follows promises: how another loop of the process ends may settle one. Default: no. */
  followsPromises?(): boolean;
}

/** An event loop's access to its host. One host serves one loop. */
export interface Host {
  /** Seconds on a clock that never goes back; the zero is the host's. */
  now(): number;
  /** Step of that clock in seconds: a timer that is due within it is due now. */
  readonly resolution: number;
  /** Longest time in seconds that a loop with other work to do may run before the host gets its turn. */
  readonly slice: number;
  /** Whether the clock stands still between turns, as virtual time does. Default: false. */
  readonly virtual?: boolean;
  /**
   * Whether one loop may serve several requests: not where a timer belongs to the request that has set it. Absent where
   * that is not known.
   */
  readonly sharedByRequests?: boolean;
  /**
   * Whether the signal of a request takes so long to make that it is asked for only when the request has gone on for a
   * while.
   */
  readonly requestSignalsTakeLong?: boolean;
  /**
   * Makes an error without its constructor and without a stack. Absent where a constructor need not take long: it does
   * where the engine looks for a stack whatever it is told.
   */
  bareError?<E extends Error>(type: { readonly prototype: E }, message: string | undefined): E;
  /** Begins to serve a loop that runs. */
  start(events: HostEvents): void;
  /**
   * Asks for a turn as soon as may be: something came, and the loop was waiting. The turn must not come before it has
   * returned.
   */
  wakeSoon(): void;
  /**
   * Asks for the next turn of a loop that has used up its slice and has more to do: others of the host go first.
   * Default: as `wakeSoon`.
   */
  yieldTurn?(): void;
  /**
   * Asks for a turn at a time of `now`'s clock, in place of an earlier request; Infinity: for none.
   * @param keepsAlive whether the host stays alive until then. Default: true
   */
  wakeAt(deadline: number, keepsAlive?: boolean): void;
  /**
   * Somebody outside is expected to wake the loop, or nobody any more: as long as the former is so and a loop is
   * served, the host stays alive, though it has nothing to do itself. Absent where a host does so anyway, or cannot.
   */
  keepAlive?(expecting: boolean): void;
  /** Ends the service until the next `start`. */
  stop(): void;
  /** Gives back what the host holds, signal handlers among it. */
  close(): void;
  /** Writes a line for the developer. */
  report(level: "error" | "warning" | "debug", text: string, error?: unknown): void;
  /**
   * Calls `interrupt` once, at the first Ctrl-C, unless the returned function is called before. A second one ends the
   * process at once; what comes within 100 ms of the first is no second one, but npm's echo of it, and does nothing.
   * Absent where there is no Ctrl-C.
   */
  onInterrupt?(interrupt: () => void): () => void;
  /** The signals of the process, and the loop's handlers of them; a text where there are none: why. */
  signals?(): HostSignals | string;
  /**
   * Calls `notify` some time after `target` was collected, unless the returned function is called before. Absent on
   * deterministic hosts.
   */
  onCollected?(target: object, notify: () => void): () => void;
  /** The host's own asynchronous contexts, or null where there are none. Called until there are some. */
  contexts?(): HostContexts | null;
  /** Whether finding them takes so long that it is done only for who asks for it. */
  readonly contextsTakeLong?: boolean;
  /** What the loop's random numbers are seeded with. Default: 0. */
  seed?(): number | string;
  /** Value of an environment variable, or undefined. */
  environment?(name: string): string | undefined;
}
