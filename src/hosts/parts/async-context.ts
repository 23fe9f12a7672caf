// AsyncContext, the language's own proposal, for browsers. No engine has it yet; where a polyfill or a coming version
// does, tasks keep its variables, from the start: a snapshot is a reference. A variable has a value for the length of a
// call only, so none is entered.

import type { HostContext, HostContexts } from "../../drivers/contexts.ts";

interface Snapshot {
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R;
}

/** The contexts of this page or worker, or null where there are none. */
export function asyncContext(): HostContexts | null {
  const { AsyncContext } = globalThis as { AsyncContext?: { Snapshot: new () => Snapshot } };
  if (AsyncContext === undefined) return null;
  const capture = (): HostContext => {
    const snapshot = new AsyncContext.Snapshot();
    return { runInAsyncScope: (fn, _thisArg, ...args) => snapshot.run(fn, ...args) };
  };
  return { capture, captureEmpty: capture, isStoring: () => true, watch() {} };
}
