// The digest: what it takes in, and what it does not.

import { describe, expect, test } from "vitest";
import { drain, implementations, parkTask, runTask, turn } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

describe.each(implementations)("the digest of the %s", (_, create) => {
  /** The digest after a program on a new core. */
  function digestOf(program: (core: Core) => void): string {
    const core = create();
    program(core);
    return core.inspection.digestText();
  }

  const nothing = digestOf(() => {});

  test("begins at 0", () => {
    expect(nothing).toBe("0000000000000000");
  });

  // These numbers are the same on every host, for good: recordings are compared by them.
  test("is as it always was", () => {
    const first = 0x9e3779b97f4a7c15n; // (0 ^ 1) * multiplier
    const mixed = first ^ (first >> 29n);
    expect(digestOf((core) => core.advance(0, 0))).toBe(mixed.toString(16));
    expect(
      digestOf((core) => {
        core.callSoon();
        core.spawn();
        core.callAt(1.5);
        turn(core, 2);
        parkTask(core, () => core.sleep(-3));
        turn(core, 2);
        turn(core, 2);
      }),
    ).toBe("1903053658fb6291");
  });

  test("is the same for the same program", () => {
    const program = (core: Core) => {
      for (let count = 0; count < 100; count++) core.callAt(count % 7);
      turn(core, 4);
    };
    expect(digestOf(program)).toBe(digestOf(program));
  });

  test.each<[string, (core: Core) => void, (core: Core) => void]>([
    ["the order of entries", (core) => (core.spawn(), core.callSoon()), (core) => (core.callSoon(), core.spawn())],
    ["the slot", (core) => core.callSoon(), (core) => (core.openList(), core.callSoon())],
    ["a deadline", (core) => core.callAt(0.25), (core) => core.callAt(0.5)],
    ["the sign of a deadline", (core) => core.callAt(-0.25), (core) => core.callAt(0.25)],
    [
      "the iterations",
      (core) => core.callSoon(),
      (core) => {
        turn(core);
        core.callSoon();
      },
    ],
    [
      "an entry that is dropped",
      (core) => core.callSoon(),
      (core) => {
        core.cancelHandle(core.callSoon());
        core.callSoon();
      },
    ],
  ])("tells %s apart", (_name, one, other) => {
    const run = (program: (core: Core) => void) =>
      digestOf((core) => {
        program(core);
        turn(core, 1);
      });
    expect(run(one)).not.toBe(run(other));
  });

  test("takes in decisions, not requests", () => {
    expect(
      digestOf((core) => {
        core.callSoon();
        core.callAt(1);
        core.cancelHandle(core.callAt(0));
        core.openFuture();
        runTask(core);
        core.nextDeadline();
        core.inspection.counters();
        core.createContainer(0, 0);
      }),
    ).toBe(nothing);
  });

  test("does not depend on how often the host was asked", () => {
    const program = (budget: number) => (core: Core) => {
      for (let count = 0; count < 20; count++) core.callSoon();
      core.advance(0, 0);
      for (let round = 0; round < 20; round++) {
        core.setBudget(budget);
        while (core.next(0) >= 0);
      }
      drain(core);
    };
    expect(digestOf(program(1))).toBe(digestOf(program(1000)));
  });
});
