// Sources: one entry for all that has come, a slot that stays, and what is left of one that is closed.

import { describe, expect, test } from "vitest";
import { E_KIND, E_STALE, OP_NONE } from "../../../src/core/abi.ts";
import { countersOf, drain, implementations, readyOf, slotOf, stateOf, turn } from "./support.ts";

describe.each(implementations)("a source of the %s", (_, create) => {
  test("runs when it is posted, and not before", () => {
    const core = create();
    const source = core.openSource();
    expect(turn(core)).toEqual([]);
    expect(core.post(source)).toBe(1);
    expect(turn(core)).toEqual([`callback ${slotOf(source)}`]);
    expect(turn(core)).toEqual([]);
  });

  test("runs in its place among all that is ready", () => {
    const core = create();
    const [source, other] = [core.openSource(), core.openSource()];
    const expected: string[] = [];
    const callback = (slot: number) => void expected.push(`callback ${slot}`);
    callback(slotOf(core.callSoon()));
    core.post(other);
    callback(slotOf(other));
    expected.push(`step ${slotOf(core.spawn())}`);
    core.post(source);
    callback(slotOf(source));
    callback(slotOf(core.callSoon()));
    expect(turn(core)).toEqual(expected);
  });

  test("has one entry, however often it is posted", () => {
    const core = create();
    const source = core.openSource();
    expect([core.post(source), core.post(source)]).toEqual([1, 0]);
    const callback = core.callSoon();
    expect(core.post(source)).toBe(0);
    expect(readyOf(core)).toEqual([`callback ${slotOf(source)}`, `callback ${slotOf(callback)}`]);
  });

  test("keeps its slot and its id from one run to the next", () => {
    const core = create();
    const source = core.openSource();
    for (let count = 0; count < 5; count++) {
      expect([stateOf(core, source), core.post(source), stateOf(core, source)]).toEqual(["pending", 1, "posted"]);
      expect(turn(core, 0, () => OP_NONE)).toEqual([`callback ${slotOf(source)}`]);
    }
    expect(countersOf(core)).toMatchObject({ slotCount: 1, readyCount: 0, decisions: 5 });
  });

  test("that is posted again while it runs is for the next iteration", () => {
    const core = create();
    const source = core.openSource();
    core.post(source);
    const results: number[] = [];
    const again = () => void results.push(core.post(source), core.post(source));
    expect(turn(core, 0, again)).toEqual([`callback ${slotOf(source)}`]);
    expect(results).toEqual([1, 0]);
    expect(turn(core)).toEqual([`callback ${slotOf(source)}`]);
  });

  test("that is closed is free", () => {
    const core = create();
    const source = core.openSource();
    expect(core.closeSource(source)).toBe(0);
    expect(countersOf(core).slotCount).toBe(0);
    expect([core.post(source), core.closeSource(source)]).toEqual([E_STALE, E_STALE]);
  });

  test("that is closed while it is posted is dropped without a word, and free from then on", () => {
    const core = create();
    const source = core.openSource();
    core.post(source);
    expect(core.closeSource(source)).toBe(0);
    expect(stateOf(core, source)).toBe("dropped");
    expect([core.post(source), core.closeSource(source)]).toEqual([E_STALE, E_STALE]);
    const callback = core.callSoon();
    expect(turn(core)).toEqual([`callback ${slotOf(callback)}`]);
    expect(countersOf(core)).toMatchObject({ slotCount: 0, decisions: 2 });
  });

  test("may be closed by its own run, posted again or not", () => {
    for (const again of [false, true]) {
      const core = create();
      const source = core.openSource();
      core.post(source);
      const close = () => {
        if (again) core.post(source);
        core.closeSource(source);
      };
      expect(turn(core, 0, close)).toEqual([`callback ${slotOf(source)}`]);
      expect(turn(core)).toEqual([]);
      expect(countersOf(core).slotCount).toBe(0);
    }
  });

  test("is no handle, future or list", () => {
    const core = create();
    const source = core.openSource();
    core.post(source);
    const refusals = [core.cancelHandle(source), core.settleFuture(source), core.firstWaiter(source)];
    expect(refusals).toEqual([E_KIND, E_KIND, E_KIND]);
    expect([core.post(core.callSoon()), core.closeSource(core.openFuture())]).toEqual([E_KIND, E_KIND]);
  });

  test("is in the digest with each run", () => {
    const digestAfter = (runs: number) => {
      const core = create({ clockStands: true });
      const source = core.openSource();
      core.post(source);
      let left = runs - 1;
      core.advance(0, 0);
      drain(core, () => void (left-- > 0 && core.post(source)));
      return core.inspection.digestText();
    };
    expect(new Set([digestAfter(1), digestAfter(2), digestAfter(3)]).size).toBe(3);
  });
});
