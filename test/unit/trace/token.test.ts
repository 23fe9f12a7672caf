import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TokenError } from "wasyncio/testing";
import { Replay } from "../../../src/testing/strategies/replay.ts";
import { type RunIdentity, writeToken } from "../../../src/trace/token.ts";

const RUN: RunIdentity = { orders: "any", window: 0, latePercent: 0, seed: 0, digest: "00112233deadbeef" };

/** What a token says at points with these numbers of candidates. */
function choicesOf(token: string, counts: readonly number[]): number[] {
  const replay = new Replay(token);
  replay.begin();
  return counts.map((count) => replay.choose({ count, actor: () => 0 }));
}

const decisions = fc
  .array(
    fc
      .integer({ min: 2, max: 256 })
      .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 0, max: count - 1 }))),
    { maxLength: 200 },
  )
  .map((pairs) => ({ counts: pairs.map(([count]) => count), choices: pairs.map(([, choice]) => choice) }));

/** As decisions, but most of them are asyncio's. */
const fewSwitches = fc
  .tuple(decisions, fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([{ counts, choices }, dice]) => ({
    counts,
    choices: choices.map((choice) => (dice.next().value === 0 ? choice : 0)),
  }));

describe("a token", () => {
  test("holds any decisions", () => {
    fc.assert(
      fc.property(fc.oneof(decisions, fewSwitches), ({ counts, choices }) => {
        expect(choicesOf(writeToken(RUN, choices, counts), counts)).toEqual(choices);
      }),
    );
  });

  test("holds the settings of the run", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("any" as const, "asyncio" as const),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.maxSafeNat(),
        (orders, window, seed) => {
          const replay = new Replay(writeToken({ ...RUN, orders, window, seed }, [1, 0, 2], [3, 3, 3]));
          expect([replay.orders, replay.window, replay.seed]).toEqual([orders, window === 0 ? 0 : window, seed]);
        },
      ),
    );
  });

  test("means asyncio's order behind its end", () => {
    expect(choicesOf(writeToken(RUN, [1], [2]), [2, 9, 9])).toEqual([1, 0, 0]);
    expect(choicesOf(writeToken(RUN, [], []), [2, 9])).toEqual([0, 0]);
  });

  test("is a word of at most 120 characters for 50 decisions among 256 candidates, with a seed and a window", () => {
    const counts = Array<number>(50).fill(256);
    const token = writeToken(
      { ...RUN, window: 0.1, seed: Number.MAX_SAFE_INTEGER },
      Array<number>(50).fill(255),
      counts,
    );
    expect(token).toMatch(/^[\w-]+$/);
    expect(token.length).toBeLessThanOrEqual(120);
  });

  test("is short where a long run leaves asyncio's order three times", () => {
    const choices = Array<number>(10_000).fill(0).with(17, 1).with(4000, 2).with(9999, 1);
    expect(writeToken(RUN, choices, Array<number>(10_000).fill(5)).length).toBeLessThan(30);
  });

  test("begins again with each run", () => {
    const replay = new Replay(writeToken(RUN, [2, 1, 1], [3, 3, 3]));
    for (let run = 0; run < 3; run++) {
      replay.begin();
      expect([3, 3, 3].map((count) => replay.choose({ count, actor: () => 0 }))).toEqual([2, 1, 1]);
      replay.verify("ffffffffdeadbeef");
    }
  });
});

describe("a token is refused", () => {
  const token = writeToken(RUN, [2, 1, 1], [3, 3, 3]);

  test.each([
    ["nothing", ""],
    ["another text", "hello"],
    ["another format", token.replace("w1", "w2")],
    ["spaces", `${token} `],
  ])("that is %s", (_, text) => {
    expect(() => new Replay(text)).toThrow(TokenError);
    expect(() => new Replay(text)).toThrow("is no token of this library's");
  });

  test.each([undefined, null, 5, {}])("that is %s", (text) => {
    expect(() => new Replay(text as never)).toThrow("Invalid token: expected a string");
  });

  test("of another version of the core, by name", () => {
    const other = `w1${token[2] === "A" ? "B" : "A"}${token.slice(3)}`;
    expect(() => new Replay(other)).toThrow(
      /was made by another version of the scheduler core \([\w-]{4}, here it is [\w-]{4}\)/,
    );
  });

  test("that is cut short", () => {
    expect(() => new Replay(token.slice(0, 9))).toThrow("is cut short");
    const replay = new Replay(token.slice(0, -2));
    replay.begin();
    expect(() => [3, 3, 3].map((count) => replay.choose({ count, actor: () => 0 }))).toThrow("is cut short");
  });

  test("when there are fewer candidates than it chooses from", () => {
    const replay = new Replay(writeToken(RUN, Array<number>(99).fill(0).with(98, 2), Array<number>(99).fill(3)));
    replay.begin();
    for (let point = 0; point < 98; point++) replay.choose({ count: 3, actor: () => 0 });
    expect(() => replay.choose({ count: 2, actor: () => 0 })).toThrow(
      "another version of the program, or under other options: 2 could run where 3 could",
    );
  });

  test("when the run ends too early, or as another", () => {
    const replay = new Replay(token);
    replay.begin();
    expect(() => replay.verify(RUN.digest)).toThrow(
      "another version of the program, or under other options: it ended after 0 of 3 decisions",
    );
    for (const count of [3, 3, 3]) replay.choose({ count, actor: () => 0 });
    expect(() => replay.verify("0011223300000000")).toThrow(
      "another version of the program, or under other options: its steps are others",
    );
  });
});
