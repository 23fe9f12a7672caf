// A host whose timers are frozen, by a program or before: simulations say so, by the name of what is frozen. Alone in
// its file, because nothing takes it back.

import { expect, test } from "vitest";
import { type Coroutine, getRunningLoop, sleep } from "wasyncio";
import { explore, simulate } from "wasyncio/testing";

test("what a program has frozen is named, and all else is put back", () => {
  Object.freeze(Promise.prototype); // what cannot be watched is not
  expect(simulate(() => sleep(1))).toMatchObject({ status: "ok", time: 1 });
  const before = [setTimeout, setInterval, setImmediate, fetch, queueMicrotask];
  function* freezing(): Coroutine<void> {
    Object.defineProperty(AbortSignal, "timeout", { configurable: false, writable: false });
  }
  expect(() => simulate(freezing)).toThrow("Cannot put back timeout after a simulation: the program has frozen it");
  expect([setTimeout, setInterval, setImmediate, fetch, queueMicrotask]).toEqual(before);
  expect(() => getRunningLoop()).toThrow("no running event loop");

  const refusal = 'Cannot replace timeout for a simulation, it is frozen: use simulate(..., { globals: "real" })';
  for (const globals of ["refused", "virtual"] as const) {
    expect(() => simulate(() => sleep(1), { globals })).toThrow(refusal);
    expect(() => explore(() => sleep(1), { globals })).toThrow(refusal);
    expect([setTimeout, setInterval, setImmediate, fetch, queueMicrotask]).toEqual(before);
  }
  expect(simulate(() => sleep(1), { globals: "real" })).toMatchObject({ status: "ok", time: 1 });
});
