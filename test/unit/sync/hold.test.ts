import { describe, expect, test } from "vitest";
import { Hold } from "wasyncio";

describe("Hold", () => {
  test("gives back what it stands for once, whichever way and however often it is released", () => {
    const released: Hold[] = [];
    const hold = new Hold({ releaseHold: (which) => void released.push(which) });
    expect(Boolean(hold)).toBe(true);
    hold.release();
    hold.release();
    hold[Symbol.dispose]();
    expect(released).toEqual([hold]);
  });

  test("is released at the end of a `using` block, also when that throws", () => {
    let count = 0;
    const owner = { releaseHold: () => void count++ };
    const fail = (): void => {
      using _hold = new Hold(owner);
      throw new Error("body");
    };
    expect(fail).toThrow("body");
    expect(count).toBe(1);
  });

  test("counts as released when giving back fails", () => {
    const hold = new Hold({
      releaseHold() {
        throw new RangeError("released too many times");
      },
    });
    expect(() => hold.release()).toThrow(RangeError);
    hold.release();
  });
});
