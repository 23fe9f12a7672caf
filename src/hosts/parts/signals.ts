// Signals of a process: one listener each serves all loops, because Node warns from the eleventh on.

import { RuntimeError } from "../../errors/base.ts";

/** How a host listens to signals. */
export interface SignalSource {
  listen(name: string, handle: () => void): void;
  unlisten(name: string, handle: () => void): void;
}

interface Listener {
  notify(): void;
}

/** A signal that somebody listens to. */
interface Watched {
  readonly handle: () => void;
  readonly listeners: Set<Listener>;
}

/** No system lets a process catch these. Bun would take a listener all the same. */
const UNCATCHABLE: readonly string[] = ["SIGKILL", "SIGSTOP"];

/** The signals of a process, for all that asks for them there. */
export class ProcessSignals {
  readonly #source: SignalSource;
  readonly #watched = new Map<string, Watched>();

  constructor(source: SignalSource) {
    this.#source = source;
  }

  /** How many listen to a signal. */
  count(name: string): number {
    return this.#watched.get(name)?.listeners.size ?? 0;
  }

  /**
   * Calls `notify` each time that a signal comes, until the returned function is called. Throws RuntimeError when it
   * cannot be caught.
   */
  listen(name: string, notify: () => void): () => void {
    const { handle, listeners } = this.#watched.get(name) ?? this.#watch(name);
    const listener = { notify };
    listeners.add(listener);
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#watched.delete(name);
      this.#source.unlisten(name, handle);
    };
  }

  #watch(name: string): Watched {
    const listeners = new Set<Listener>();
    const handle = (): void => {
      const all = [...listeners]; // it may be changed meanwhile
      for (const listener of all) listener.notify();
    };
    try {
      if (UNCATCHABLE.includes(name)) throw new Error("No process can catch it");
      this.#source.listen(name, handle);
    } catch (cause) {
      throw new RuntimeError(`signal ${name} cannot be caught`, { cause });
    }
    const watched = { handle, listeners };
    this.#watched.set(name, watched);
    return watched;
  }
}
