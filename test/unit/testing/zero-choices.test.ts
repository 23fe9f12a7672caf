// The core that is tested is the one that ships: a strategy that always takes the first candidate changes nothing.

import { expect, test } from "vitest";
import { type Orders, type Strategy, simulate } from "wasyncio/testing";
import { randomPrograms } from "./random-programs.ts";

const PROGRAMS = 400;

function first(seesAll: boolean): Strategy {
  return { name: "first", seesAll, begin: () => true, choose: () => 0 };
}

test(`choosing the first candidate is the run without choices, for ${PROGRAMS} random programs`, () => {
  let choices = 0;
  for (const [index, program] of randomPrograms(20_260_601, PROGRAMS).entries()) {
    const plain = simulate(program, { debug: false });
    for (const orders of ["any", "asyncio"] as Orders[]) {
      for (const window of [0, 0.05]) {
        const chosen = simulate(program, { policy: first(index % 2 === 0), orders, window, debug: false });
        expect([chosen.digest, chosen.status, chosen.time], `program ${index}`).toEqual([
          plain.digest,
          plain.status,
          plain.time,
        ]);
        choices += chosen.log.steps.filter(({ candidates }) => candidates > 1).length;
      }
    }
  }
  expect(choices).toBeGreaterThan(10 * PROGRAMS);
});

test("any run is repeated by its token, for random programs", () => {
  const policies = ["random", "pct", "uniform", "delay", "portfolio"] as const;
  for (const [index, program] of randomPrograms(20_260_602, PROGRAMS).entries()) {
    const options = {
      policy: policies[index % policies.length],
      window: index % 3 === 0 ? 0.05 : 0,
      orders: index % 4 === 0 ? ("asyncio" as const) : ("any" as const),
      seed: index,
      debug: false,
    };
    const { token, digest, status, log } = simulate(program, options);
    const again = simulate(program, { replay: token, debug: false });
    expect([again.digest, again.status, again.token], `program ${index}: ${token}`).toEqual([digest, status, token]);
    expect(again.log.steps.map(({ actor, end }) => [actor, end])).toEqual(
      log.steps.map(({ actor, end }) => [actor, end]),
    );
  }
});
