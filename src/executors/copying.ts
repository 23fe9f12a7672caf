// How messages are copied. Executors leave that to the host. Objects that stay the same wherever they are sent, as
// locks do, take more; who has some replaces these functions, and programs without them carry nothing of it.

import { RuntimeError } from "../errors/base.ts";

/** A value as it is sent. */
export interface Packed<T> {
  readonly value: T;
  /** Whether there are such objects in it. */
  readonly hasShared: boolean;
}

export const copying = {
  /** A value for a message, which is copied before the next one is packed. */
  pack: <T>(value: T): Packed<T> => ({ value, hasShared: false }),

  /** What was packed on the other side. Throws RuntimeError for such objects when they are not known here. */
  unpack: <T>({ value, hasShared }: Packed<T>): T => {
    if (!hasShared) return value;
    const hint = "a worker of the program's own calls serveProcesses, in place of serveJobs";
    throw new RuntimeError(`Cannot take what wasyncio/multiprocessing shares: ${hint}`);
  },

  /** A copy within the realm, as it would arrive in another one: such objects are themselves in it. */
  copyWithin: <T>(value: T, transfer: readonly object[]): T =>
    structuredClone(value, { transfer: [...transfer] as Transferable[] }),

  /** Calls what sends a message to somebody who has memory together with this realm, or none. */
  send: (_hasMemory: boolean, post: () => void): void => post(),
};
