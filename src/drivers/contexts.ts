// The seam to the host's own asynchronous contexts: AsyncLocalStorage, on which tracing, loggers and transactions stand.

/** A context of the host's that was captured. */
export interface HostContext {
  /** Calls `fn` in it, with these arguments, and returns what it returns. */
  runInAsyncScope<A extends unknown[], R>(fn: (...args: A) => R, thisArg: undefined, ...args: A): R;
}

/** Who is told of the host's contexts. */
export interface HostContextEvents {
  /** The program uses them from now on. `capture` takes the current one; at this moment it is one in which nothing is stored yet. */
  used(capture: () => HostContext): void;
  /** The current one was replaced, for as long as the code that runs goes on. */
  entered(): void;
}
