// Making a core: options, errors, and that each is its own world.

import { describe, expect, test } from "vitest";
import { CONTAINER_COMPARED, E_NO_MEMORY } from "../../../src/core/abi.ts";
import * as abi from "../../../src/core/abi.ts";
import { check, errorOf } from "../../../src/core/codes.ts";
import { slotOf } from "../../../src/core/core.ts";
import { InternalError, MemoryError, RuntimeError } from "../../../src/errors/base.ts";
import { drain, snapshot } from "./support.ts";
import { createInspected as createCore } from "./inspected.ts";

describe("createCore", () => {
  test("needs no options", () => {
    const core = createCore();
    core.callSoon();
    expect(drain(core)).toEqual(["callback 0"]);
    expect(core.objects).toEqual([]);
  });

  test("makes cores that share nothing", () => {
    const [one, other] = [createCore(), createCore()];
    const before = snapshot(other);
    one.spawn();
    one.callAt(1);
    drain(one);
    expect(snapshot(other)).toEqual(before);
  });

  test.each([0, 1, -1])("throws MemoryError when %i pages are all there is", (limitPages) => {
    expect(() => createCore({ limitPages })).toThrow(MemoryError);
  });

  test.each([65_535, 65_536, 2 ** 31 - 1])("takes a limit of %i pages for all that wasm can address", (limitPages) => {
    expect(createCore({ limitPages }).callSoon()).toBe(0);
  });

  test("lets the host compare", () => {
    const compared: number[][] = [];
    const core = createCore({
      compare: (left, right) => {
        compared.push([left, right]);
        return 1;
      },
    });
    const container = core.createContainer(CONTAINER_COMPARED, 0);
    expect([core.put(container, 0), core.put(container, 0), core.take(container)]).toEqual([0, 1, 1]);
    expect(compared).toEqual([[1, 0]]);
  });

  test("slotOf gives the slot of any life", () => {
    const core = createCore();
    const ids = Array.from({ length: 5 }, () => {
      const id = core.callAt(1);
      core.cancelHandle(id);
      return id;
    });
    expect(new Set(ids).size).toBe(5);
    expect(ids.map(slotOf)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("codes", () => {
  test("that are not negative pass", () => {
    expect([check(0), check(7)]).toEqual([0, 7]);
  });

  test("that are negative are thrown as errors", () => {
    expect(() => check(E_NO_MEMORY)).toThrow(MemoryError);
    expect(() => check(abi.E_NOT_A_NUMBER)).toThrow(TypeError);
    expect(() => check(abi.E_NO_TASK)).toThrow(RuntimeError);
    expect(() => check(abi.E_TRANSITION)).toThrow(RuntimeError);
    for (const code of [abi.E_STALE, abi.E_KIND, abi.E_COMPARE, abi.E_FULL, abi.E_EMPTY, -99]) {
      expect(() => check(code)).toThrow(InternalError);
    }
  });

  test("have a message of their own each", () => {
    const codes = Object.entries(abi).filter(([name]) => name.startsWith("E_"));
    const messages = codes.map(([, code]) => errorOf(code).message);
    expect(new Set(messages).size).toBe(codes.length);
    for (const message of messages) expect(message).toMatch(/^Cannot /);
  });
});
