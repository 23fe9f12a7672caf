// The seam to the host's own asynchronous contexts: AsyncLocalStorage, on which tracing, loggers and transactions
// stand.

/** A context of the host's that was captured. */
export interface HostContext {
  /** Calls `fn` in it, with these arguments, and returns what it returns. */
  runInAsyncScope<A extends unknown[], R>(fn: (...args: A) => R, thisArg: undefined, ...args: A): R;
}

/** What a host has of them. */
export interface HostContexts {
  /** Captures the current one. */
  capture(): HostContext;
  /** One in which nothing is stored; where that cannot be had, the current one. */
  captureEmpty(): HostContext;
  /** Whether something is stored in the current one. False as well where that cannot be seen. */
  isStoring(): boolean;
  /** Tells of what the program does with them. Called once. */
  watch(events: HostContextEvents): void;
}

/** Who is told. */
export interface HostContextEvents {
  /** The program is about to store something: told the first time at least. */
  used(): void;
  /** The current context was replaced, for as long as the code that runs goes on. */
  entered(): void;
}
