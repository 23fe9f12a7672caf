// One measurement of a case with a storage in use, or without: `context.mjs LIBRARY CASE OPERATIONS used|unused`.
// Prints nanoseconds of the processor's time an operation.

import { AsyncLocalStorage } from "node:async_hooks";
import type * as Wasyncio from "wasyncio";
import { cases } from "../cases.ts";
import { Meter } from "../harness/meter.ts";

const [library, name, operations, use] = process.argv.slice(2) as [string, string, string, "used" | "unused"];
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const meter = new Meter(Number(operations), { warmUp: 0.6, measure: 0.4 }, processorSeconds, () => globalThis.gc?.());
const wasyncio = (await import(library)) as typeof Wasyncio;
const batch = cases[name].wasyncio(wasyncio);
const measure = (): Promise<void> =>
  wasyncio.run(
    function* () {
      while (meter.more()) meter.count(yield* batch(meter.fromHere));
    },
    use === "used" ? { hostContext: true } : {},
  );

if (use === "used") await new AsyncLocalStorage<object>().run({}, measure);
else await measure();
console.log(meter.figure);
