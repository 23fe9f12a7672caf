// A turn as a microtask of the host's callback. V8 throws for half the price there: in a bare callback, where nobody
// but the process would catch it, it writes down the place of every error that is thrown, whoever catches it.

const settled = Promise.resolve();

/** A callback of the host that takes a turn. */
export function inMicrotask(turn: () => void): () => void {
  return () => void settled.then(turn);
}
