// Ctrl-C: the first one asks the programs that run to stop, a second one ends the process, as it would without us.
//
// npm passes a terminal's SIGINT on to a script that has had it from the terminal already: what comes within 100 ms is
// taken for that echo, because no hand is so fast.
//
// A program whose loop has a handler of its own for SIGINT is not among these, and that handler is told of each one.

import type { ProcessSignals } from "./signals.ts";

const ECHO_MS = 100;

interface Program {
  readonly interrupt: () => void;
  interrupted: boolean;
}

/**
 * Gives the function that calls `interrupt` once, at the first Ctrl-C, unless what it returns is called before.
 * @param end ends the process as Ctrl-C does where nobody listens
 */
export function createInterrupts(signals: ProcessSignals, end: () => void): (interrupt: () => void) => () => void {
  const programs = new Set<Program>();
  let stop: (() => void) | null = null;
  /** When programs were interrupted last, in milliseconds of the host's clock. */
  let interruptedAt = -Infinity;
  /** Ends the wait for the echo that a program which has ended meanwhile may still get. */
  let lastEcho: ReturnType<typeof setTimeout> | undefined;

  const handleSignal = (): void => {
    if (performance.now() < interruptedAt + ECHO_MS) return;
    const running = [...programs].filter((program) => !program.interrupted);
    if (running.length === 0) {
      if (signals.count("SIGINT") > 1) return; // another loop of the process sees to it
      stopListening();
      end();
      return;
    }
    interruptedAt = performance.now();
    for (const program of running) {
      program.interrupted = true;
      program.interrupt();
    }
  };

  const listen = (): void => {
    clearTimeout(lastEcho);
    stop ??= signals.listen("SIGINT", handleSignal);
  };

  const stopListening = (): void => {
    stop?.();
    stop = null;
  };

  const stopListeningAfterEcho = (): void => {
    const remainingMs = interruptedAt + ECHO_MS - performance.now();
    if (!(remainingMs > 0)) {
      stopListening();
      return;
    }
    lastEcho = setTimeout(stopListening, remainingMs);
    (lastEcho as { unref?: () => void }).unref?.();
  };

  return (interrupt) => {
    const program = { interrupt, interrupted: false };
    programs.add(program);
    listen();
    return () => {
      if (programs.delete(program) && programs.size === 0) stopListeningAfterEcho();
    };
  };
}
