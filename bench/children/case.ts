// One measurement of a JavaScript side, in a process of its own:
// `case.mjs SIDE LIBRARY CASE OPERATIONS WARM_UP MEASURE`. Prints nanoseconds an operation.

import { cases } from "../cases.ts";
import { Meter } from "../harness/meter.ts";
import { collectGarbage, now, worlds } from "./worlds.ts";

const [side, library, name, operations, warmUp, measure] = process.argv.slice(2) as [
  string,
  string,
  string,
  ...string[],
];
const run = await worlds[side](library);
const budget = { warmUp: Number(warmUp), measure: Number(measure) };
const meter = new Meter(Number(operations), budget, now, collectGarbage);
await run(cases[name], meter);
console.log(meter.figure);
