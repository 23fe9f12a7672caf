// All cases of a JavaScript side in one process, as in a program that does everything:
// `mixed.mjs SIDE LIBRARY CASE:OPERATIONS,... WARM_UP MEASURE SEED`. The order is shuffled, three times over, and
// 100 MB of the program's own are alive. Prints nanoseconds an operation by case, a list of three each.

import { Random } from "../../test/support/random.ts";
import { cases } from "../cases.ts";
import { Meter } from "../harness/meter.ts";
import { collectGarbage, now, worlds } from "./worlds.ts";

const PASSES = 3;
/** About a hundred bytes each, on every engine. */
const LIVE = 1_000_000;

const [side, library, wanted, warmUp, measure, seed] = process.argv.slice(2) as [string, string, string, ...string[]];
const budget = { warmUp: Number(warmUp), measure: Number(measure) };
const run = await worlds[side](library);
const live = Array.from({ length: LIVE }, (_, index) => ({
  index,
  name: `record ${index}`,
  values: [index, index + 1],
}));
collectGarbage();
const figures: Record<string, number[]> = {};
const random = new Random(Number(seed), 0);
for (let pass = 0; pass < PASSES; pass++) {
  const left = wanted.split(",").map((pair) => pair.split(":"));
  while (left.length > 0) {
    const [[name, operations]] = left.splice(random.below(left.length), 1);
    const meter = new Meter(Number(operations), budget, now, collectGarbage);
    await run(cases[name], meter);
    (figures[name] ??= []).push(meter.figure);
  }
}
if (live.length !== LIVE) throw new Error("the live heap is gone");
console.log(JSON.stringify(figures));
