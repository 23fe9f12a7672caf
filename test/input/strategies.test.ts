// Hostile strategies and callbacks of searches: what they throw comes out as it is, what they give is refused in words,
// and the next simulation knows nothing of it.

import { afterEach, describe, expect, test } from "vitest";
import { type Coroutine, sleep } from "wasyncio";
import {
  type ChoicePoint,
  type ExploreOptions,
  type Strategy,
  TokenError,
  explore,
  simulate,
  simulated,
  sweep,
} from "wasyncio/testing";
import { revokedProxy } from "./hostile.ts";
import { goodProgram, unsoundness } from "./soundness.ts";

afterEach(() => expect(unsoundness()).toEqual([]));

function strategy(own: { readonly [K in keyof Strategy]?: unknown }): Strategy {
  return { name: "own", begin: () => true, choose: () => 0, ...own } as Strategy;
}

/** Runs a program under a strategy in each way that there is. */
const WAYS: Record<string, (strategy: Strategy) => unknown> = {
  simulate: (policy) => simulate(goodProgram, { policy }),
  "simulate with verify": (policy) => simulate(goodProgram, { policy, verify: true }),
  explore: (each) => explore(goodProgram, { strategy: each, runs: 5 }),
};

const NO_CHOICES: readonly unknown[] = [
  NaN,
  -1,
  1.5,
  2,
  1e9,
  2 ** 32,
  2 ** 53,
  Infinity,
  -Infinity,
  "0",
  "x",
  "",
  undefined,
  null,
  true,
  10n,
  Symbol("s"),
  {},
  [0],
  Promise.resolve(0),
  () => 0,
  revokedProxy(),
  { valueOf: () => 0 },
];

describe.each(Object.entries(WAYS))("%s", (_, run) => {
  test("refuses what is no candidate's index", () => {
    for (const choice of NO_CHOICES) {
      const refused = /^Invalid choice: expected a whole number below \d+, got /;
      expect(() => run(strategy({ choose: () => choice }))).toThrow(refused);
      let points = 0;
      expect(() => run(strategy({ choose: () => (points++ < 5 ? 0 : choice) }))).toThrow(RangeError);
    }
  });

  test.each(["begin", "choose"])("throws what %s throws", (name) => {
    for (const error of [new EvalError("own"), Object.freeze(new EvalError("own"))]) {
      const throwing = (): never => {
        throw error;
      };
      expect(() => run(strategy({ [name]: throwing }))).toThrow(error);
    }
  });

  test.each([undefined, null, 0, 1, "true", {}, Promise.resolve(true)])(
    "asks begin for a boolean, not for %j",
    (begun) => {
      expect(() => run(strategy({ begin: () => begun }))).toThrow(
        /^Invalid strategy: expected a boolean from begin of 'own', got /,
      );
    },
  );

  test("cannot be begun inside a choice", () => {
    const inside = (): number => {
      simulate(goodProgram);
      return 0;
    };
    expect(() => run(strategy({ choose: inside }))).toThrow(/^Cannot simulate inside a running event loop$/);
  });

  test("can be begun between runs", () => {
    const value = simulate(goodProgram).value;
    const begin = (): boolean => simulate(goodProgram).value === value;
    expect(run(strategy({ begin }))).toBeDefined();
  });

  test("asks a strategy that has the name of another", () => {
    const choose = (): never => {
      throw new EvalError("asked");
    };
    for (const name of ["fifo", "exhaustive", "portfolio", ""])
      expect(() => run(strategy({ name, choose }))).toThrow("asked");
  });
});

test.each(["learn", "end"])("explore throws what %s throws", (name) => {
  const throwing = (): never => {
    throw new EvalError("own");
  };
  expect(() => explore(goodProgram, { strategy: strategy({ [name]: throwing }), runs: 5 })).toThrow(EvalError);
  for (const value of [null, 5, {}]) {
    expect(() => explore(goodProgram, { strategy: strategy({ [name]: value }) })).toThrow(
      new RegExp(`^Invalid ${name} of a strategy: expected a function, got `),
    );
  }
});

test("a strategy that has nothing left to visit ends a search, and cannot simulate", () => {
  const done = strategy({ begin: () => false });
  const nothing = { failure: null, failures: [] };
  expect(explore(goodProgram, { strategy: done })).toMatchObject({
    runs: 1,
    complete: true,
    strategy: "own",
    ...nothing,
  });
  expect(() => simulate(goodProgram, { policy: done })).toThrow(/^Cannot simulate: own has visited every schedule$/);
});

test("a strategy that makes the same runs for ever is stopped", { timeout: 30_000 }, () => {
  const last = ({ count }: ChoicePoint): number => count - 1;
  const redundant = strategy({ skipsRedundant: true, choose: last });
  expect(() => explore(goodProgram, { strategy: redundant, runs: 5 })).toThrow(
    /^Cannot explore: own has made 10000 runs in a row that are the same as others$/,
  );
});

test("a point that is asked for candidates that it has not gives numbers all the same, and stays as it is", () => {
  const asked: unknown[] = [];
  const choose = (point: ChoicePoint): number => {
    for (const index of [-1, point.count, 1e9, NaN]) {
      asked.push(typeof point.actor(index));
    }
    return 0;
  };
  expect(simulate(goodProgram, { policy: strategy({ choose }) }).value).toBe(simulate(goodProgram).value);
  expect([...new Set(asked)]).toEqual(["number"]);
});

describe("check", () => {
  const searching = (check: unknown): ReturnType<typeof explore> =>
    explore(goodProgram, { runs: 5, check } as ExploreOptions<unknown>);

  test("may throw anything", () => {
    for (const error of [undefined, null, 5, revokedProxy(), Object.freeze(new RangeError("frozen"))]) {
      const { failure } = searching(() => {
        throw error;
      });
      expect([failure?.status, failure?.run, Object.is(failure?.error, error)]).toEqual(["error", 1, true]);
      expect(String(failure)).toContain("replay: ");
    }
  });

  test("may simulate, explore and sweep itself", () => {
    const check = (): void => {
      expect(simulate(goodProgram).status).toBe("ok");
      expect(explore(goodProgram, { runs: 3 }).failure).toBeNull();
      expect(sweep(goodProgram, { target: "main", allowed: () => true, noLeaks: false }).complete).toBe(true);
    };
    expect(searching(check).failure).toBeNull();
  });

  test("is done when it returns: a promise or a coroutine would pass whatever it says", async () => {
    const waiting: [string, () => unknown][] = [
      ["[object Promise]", async () => expect(1).toBe(2)],
      ["[object Promise]", () => Promise.resolve()],
      ["[object Generator]", function* () {}],
      ["[object Object]", () => ({ then() {} })],
    ];
    for (const [given, check] of waiting) {
      const message = `Invalid check: expected a function that is done when it returns, it gave ${given}`;
      expect(searching(check).failure?.error).toEqual(new TypeError(message));
      expect(simulate(goodProgram, { check }).error).toEqual(new TypeError(message));
      await expect(simulated(goodProgram, { check })()).rejects.toThrow(message);
      await expect(simulated(goodProgram, { runs: 5, check })()).rejects.toThrow(message);
    }
    for (const value of [5, "x", {}, [], () => {}, revokedProxy(), expect(1)])
      expect(searching(() => value).failure).toBeNull();
  });
});

describe("onProgress", () => {
  test("ends the search with what it throws", () => {
    const onProgress = (): never => {
      throw new EvalError("progress");
    };
    expect(() => explore(goodProgram, { runs: 5, onProgress })).toThrow(EvalError);
  });

  test("may simulate", () => {
    const seen: string[] = [];
    explore(goodProgram, { runs: 5, onProgress: () => seen.push(simulate(goodProgram).status) });
    expect(seen).toEqual(["ok"]);
  });
});

describe("options", () => {
  const NAMES = [
    "seed",
    "policy",
    "window",
    "orders",
    "maxTime",
    "maxSteps",
    "replay",
    "verify",
    "globals",
    "epoch",
    "debug",
    "noLeaks",
  ];

  test.each(NAMES)("with a getter of %s that throws: at the call, with that error", (name) => {
    const options = Object.defineProperty({}, name, {
      enumerable: true,
      get() {
        throw new EvalError(name);
      },
    });
    expect(() => simulate(goodProgram, options)).toThrow(new EvalError(name));
  });

  test("may be a proxy, and frozen, and inherited", () => {
    const { digest } = simulate(goodProgram, { seed: 5 });
    for (const options of [new Proxy({ seed: 5 }, {}), Object.freeze({ seed: 5 }), Object.create({ seed: 5 })])
      expect(simulate(goodProgram, options as object).digest).toBe(digest);
    const refusing = new Proxy({}, { get: () => { throw new EvalError("get"); } }); // oxfmt-ignore
    for (const run of [simulate, explore, sweep]) expect(() => run(goodProgram, refusing)).toThrow(EvalError);
  });
});

describe("tokens", () => {
  const { token } = simulate(goodProgram, { policy: "random", seed: 7, window: 0.1 });

  test("with any one character changed are refused as tokens, or are other tokens of the very run", () => {
    expect(simulate(goodProgram, { replay: token }).token).toBe(token);
    for (let place = 0; place < token.length; place++) {
      for (const character of ["A", "_", "9", " ", "é", ""]) {
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        const error = errorOf(() => simulate(goodProgram, { replay: changed }));
        expect(error === null || error instanceof TokenError, `${changed}: ${String(error)}`).toBe(true);
      }
    }
  });

  test("made of anything are refused as tokens", () => {
    const head = token.slice(0, 6);
    const bodies = ["", "_", "____", "_".repeat(50), "A".repeat(50), "-".repeat(1000), "D_____________________w"];
    for (const body of bodies) expect(() => simulate(goodProgram, { replay: head + body })).toThrow(TokenError);
    for (const text of ["", "w1", "w2AAAAAAAA", "\n", "w1".repeat(1000)])
      expect(() => simulate(goodProgram, { replay: text })).toThrow(TokenError);
  });

  test("of another program are refused, and nothing of it is left", () => {
    function* other(): Coroutine<void> {
      yield* sleep(1);
    }
    for (let run = 0; run < 10; run++) expect(() => simulate(other, { replay: token })).toThrow(TokenError);
  });
});

function errorOf(call: () => unknown): unknown {
  try {
    call();
    return null;
  } catch (error) {
    return error;
  }
}
