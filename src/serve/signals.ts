// The signals by which a service is ended: in order by the first one, at once by another.

import { getRunningLoop } from "../runtime/running.ts";

/** The signals that end a service. */
export const ENDING: readonly string[] = ["SIGINT", "SIGTERM"];

/** Seconds in which a signal that comes again is an echo: npm passes on what the terminal has sent to all. */
const ECHO = 0.1;

/** What signals call, with the name of the signal. */
interface Calls {
  first(signal: string): void;
  second(signal: string): void;
}

/** Listens to signals until the returned function is called. */
export function onSignals(signals: readonly string[], { first, second }: Calls): () => void {
  const loop = getRunningLoop();
  let begun = Infinity;
  const take = (signal: string): void => {
    if (begun === Infinity) {
      begun = loop.time();
      first(signal);
    } else if (loop.time() - begun > ECHO) second(signal);
  };
  for (const signal of signals) loop.addSignalHandler(signal, take, signal);
  return () => {
    for (const signal of signals) loop.removeSignalHandler(signal);
  };
}
