// Random streams: the same numbers on every host for the same seed, and others in each loop on the host itself.

import { getRunningLoop, newEventLoop, run } from "wasyncio";
import { simulate } from "wasyncio/testing";
import { RANDOM_NUMBERS, drawn } from "../../support/random-numbers.ts";
import { type Report, check, same } from "./report.ts";

const LOOPS = 50;

export async function testRandom(report: Report): Promise<void> {
  await report.test("random: a seed and a name give the numbers that they give everywhere", () => {
    for (const [seed, name, numbers] of RANDOM_NUMBERS) {
      const outcome = simulate(
        function* () {
          return drawn(getRunningLoop().random(name));
        },
        { seed },
      );
      same(outcome.value, numbers);
    }
  });

  await report.test("random: no two loops have the same numbers, and no two names", () => {
    const seen = new Set<string>();
    for (let number = 0; number < LOOPS; number++) {
      const loop = newEventLoop();
      for (const name of ["", "a", "b"]) {
        const stream = loop.random(name);
        seen.add([stream.uint32(), stream.uint32(), stream.uint32(), stream.uint32()].join());
        check(stream === loop.random(name), "a new stream for the same name");
      }
      loop.close();
    }
    same(seen.size, 3 * LOOPS);
  });

  await report.test("random: a program that runs draws from its own loop", async () => {
    const draw = (): Promise<number> =>
      run(function* () {
        const float = getRunningLoop().random("float").float();
        check(float >= 0 && float < 1, float);
        return float;
      });
    const [one, other] = [await draw(), await draw()];
    check(one !== other, one);
  });
}
