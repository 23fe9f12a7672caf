// What stays the same object wherever it is sent: how it is found in what was copied.

import { describe, expect, test } from "vitest";
import { copying } from "../../../src/executors/copying.ts";
import { copyWithin, findShared, makeShareable, pack, unpack } from "../../../src/multiprocessing/shareable.ts";
import { attempt } from "../../support/outcomes.ts";

class Badge {
  readonly #text: unknown;
  constructor(text: unknown, isMemory = false) {
    this.#text = text;
    makeShareable(this, "Badge", () => this.#text, isMemory);
  }
  get text(): unknown {
    return this.#text;
  }
}

findShared("Badge", (text) => new Badge(text));

const sent = <T>(value: T): T => unpack(structuredClone(pack(value)));

describe("what is sent", () => {
  test("is looked through only when there is something to find", () => {
    expect(structuredClone(pack([1, { two: 2 }]))).toEqual({ value: [1, { two: 2 }], hasShared: false });
    expect(structuredClone(pack(new Badge("a"))).hasShared).toBe(true);
    expect(structuredClone(pack(1)).hasShared).toBe(false);
  });

  test("has them wherever they stand, once for each", () => {
    const badge = new Badge("a");
    const circle: { badge: Badge; self?: unknown } = { badge };
    circle.self = circle;
    const value = {
      list: [badge, new Badge("b")],
      map: new Map<unknown, unknown>([
        ["key", badge],
        [badge, 1],
      ]),
      set: new Set([badge]),
      bytes: new Uint8Array([1]),
      circle,
    };
    const copy = sent(value);
    const [found, other] = copy.list;
    expect([found.text, other.text]).toEqual(["a", "b"]);
    expect(found).not.toBe(badge);
    expect([copy.map.get("key"), copy.map.get(found), copy.set.has(found)]).toEqual([found, 1, true]);
    expect([copy.circle.badge, copy.circle.self, copy.bytes]).toEqual([found, copy.circle, new Uint8Array([1])]);
  });

  test("may have others in what finds it", () => {
    const inner = sent(new Badge([new Badge("inner")])).text as Badge[];
    expect(inner[0].text).toBe("inner");
  });

  test("is refused when it is memory that would be copied", () => {
    const memory = new Badge("a", true);
    expect(attempt(() => copying.send(false, () => structuredClone(pack(memory))))).toMatch(
      /only threads share memory/,
    );
    expect(sent(memory).text).toBe("a");
  });

  test("is of a kind that is known", () => {
    const value = {};
    makeShareable(value, "Ghost", () => 1);
    expect(attempt(() => sent(value))).toMatch(/^RuntimeError\('Cannot take a Ghost/);
  });
});

test("a copy within the realm has the objects themselves", () => {
  const badge = new Badge("a");
  const list = [1];
  const copy = copyWithin({ badge, deep: [badge], list });
  expect([copy.badge, copy.deep[0], copy.list]).toEqual([badge, badge, [1]]);
  expect([copy.badge === badge, copy.list === list]).toEqual([true, false]);
});
