// Signals: what the system tells a process. A host has them beside its clock, where there is a process that gets some.

/** Where signals come in: the loop's arrivals. */
export interface SignalEntrance {
  /** A signal came: calls `apply` in the loop's turn. */
  deliver(name: string, apply: () => void): void;
  /** A signal is expected to come, or no longer. */
  expect(change: 1 | -1): void;
}

/**
 * The signals of the process that a loop runs in, and that loop's handlers of them. They have Node's names: "SIGTERM".
 * Both methods throw TypeError for what is no name of a signal, RangeError for a signal that the system does not have.
 * Closing the host removes all handlers.
 */
export interface HostSignals {
  /**
   * Sets the handler of a signal, in place of an earlier one. As long as there is one, the signal does nothing else,
   * and SIGINT does not interrupt the loop's program.
   * @param handler what to call each time that the signal comes, through `entrance`: whichever is the handler when its
   * turn comes
   * @throws RuntimeError for a signal that cannot be caught
   */
  add(name: string, handler: () => void, entrance: SignalEntrance): void;
  /** Removes the handler of a signal. Returns whether there was one. */
  remove(name: string): boolean;
}
