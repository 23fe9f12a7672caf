// Ctrl-C: the first one asks the programs that run to stop, a second one ends the process, as it would without us.
//
// npm passes a terminal's SIGINT on to a script that has had it from the terminal already: what comes within 100 ms is
// taken for that echo, because no hand is so fast. One listener serves all loops; Node warns from the eleventh on.

const ECHO_MS = 100;

/** How a host listens to Ctrl-C, and how it ends its process as Ctrl-C does where nobody listens. */
export interface InterruptSource {
  listen(handle: () => void): void;
  unlisten(handle: () => void): void;
  end(): void;
}

interface Program {
  readonly interrupt: () => void;
  interrupted: boolean;
}

/** Gives the function that calls `interrupt` once, at the first Ctrl-C, unless what it returns is called before. */
export function createInterrupts(source: InterruptSource): (interrupt: () => void) => () => void {
  const programs = new Set<Program>();
  let listening = false;
  /** When programs were interrupted last, in milliseconds of the host's clock. */
  let interruptedAt = -Infinity;
  /** Ends the wait for the echo that a program which has ended meanwhile may still get. */
  let lastEcho: ReturnType<typeof setTimeout> | undefined;

  const handleSignal = (): void => {
    if (performance.now() < interruptedAt + ECHO_MS) return;
    const running = [...programs].filter((program) => !program.interrupted);
    if (running.length === 0) {
      stopListening();
      source.end();
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
    if (!listening) source.listen(handleSignal);
    listening = true;
  };

  const stopListening = (): void => {
    source.unlisten(handleSignal);
    listening = false;
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
