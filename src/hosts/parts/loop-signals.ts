// The signal handlers of one loop, and the Ctrl-C of the program in it, whose place a handler for SIGINT takes.
//
// Which handler a signal has is asked when its turn in the loop comes, as asyncio does: by then it may be removed, or
// another one.

import type { Host } from "../../drivers/clock.ts";
import type { HostSignals, SignalEntrance } from "../../drivers/signals.ts";
import { format } from "../../support/format.ts";
import { builtin } from "./builtins.ts";
import type { ProcessSignals } from "./signals.ts";

/** Calls `interrupt` at Ctrl-C until the returned function is called. */
type WatchInterrupts = NonNullable<Host["onInterrupt"]>;

interface SignalHandler {
  call: () => void;
  /** Ends what was begun for it. */
  readonly end: () => void;
}

export class LoopSignals implements HostSignals {
  readonly #process: ProcessSignals;
  readonly #watchInterrupts: WatchInterrupts;
  readonly #handlers = new Map<string, SignalHandler>();
  /** What the program that runs is to be interrupted by. */
  #interrupt: (() => void) | null = null;
  #stopWatching: (() => void) | null = null;

  /** @param watchInterrupts what all loops of the process have in common for Ctrl-C */
  constructor(process: ProcessSignals, watchInterrupts: WatchInterrupts) {
    this.#process = process;
    this.#watchInterrupts = watchInterrupts;
  }

  add(name: string, handler: () => void, entrance: SignalEntrance): void {
    checkName(name);
    const known = this.#handlers.get(name);
    if (known !== undefined) {
      known.call = handler;
      return;
    }
    const apply = (): void => this.#handlers.get(name)?.call();
    const stopListening = this.#process.listen(name, () => entrance.deliver(name, apply));
    entrance.expect(1);
    const end = (): void => {
      stopListening();
      entrance.expect(-1);
    };
    this.#handlers.set(name, { call: handler, end });
    this.#updateInterrupts();
  }

  remove(name: string): boolean {
    checkName(name);
    const handler = this.#handlers.get(name);
    if (handler === undefined) return false;
    this.#handlers.delete(name);
    this.#updateInterrupts(); // before the last listener is gone: without any, the signal ends the process
    handler.end();
    return true;
  }

  /** Removes all handlers. */
  close(): void {
    for (const name of this.#handlers.keys()) this.remove(name);
  }

  /** Calls `interrupt` at Ctrl-C while there is no handler for it, until the returned function is called. */
  onInterrupt(interrupt: () => void): () => void {
    this.#interrupt = interrupt;
    this.#updateInterrupts();
    return () => {
      this.#interrupt = null;
      this.#updateInterrupts();
    };
  }

  #updateInterrupts(): void {
    if (this.#interrupt !== null && !this.#handlers.has("SIGINT")) {
      this.#stopWatching ??= this.#watchInterrupts(this.#interrupt);
    } else {
      this.#stopWatching?.();
      this.#stopWatching = null;
    }
  }
}

/** Throws TypeError for what is no name of a signal, RangeError for a signal that the system does not have. */
function checkName(name: string): void {
  if (typeof name !== "string") throw new TypeError(`signal must be a name such as "SIGTERM", not ${format(name)}`);
  if (!isSignal(name)) throw new RangeError(`invalid signal name ${format(name)}`);
}

/** Node before 20.16 cannot be asked: there a name that looks like one will do. */
function isSignal(name: string): boolean {
  const os = builtin("os");
  return os === undefined ? /^SIG[A-Z\d]+$/.test(name) : Object.hasOwn(os.constants.signals, name);
}
