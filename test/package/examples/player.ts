// Plays examples, one after the other, in one process: node scripts/run-ts.mjs test/package/examples/player.ts
// PROGRAM.ts... prints what each has printed, as JSON. Its clock jumps: a timer fires at once, and so much later it is
// then. Nothing that an example prints can depend on how fast the machine is, and what it prints of time is exact. For
// examples that wait for timers alone.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

let now = 0;
performance.now = () => now;
Object.assign(globalThis, {
  setTimeout: (call: () => void, ms: number) =>
    setImmediate(() => {
      now += ms;
      call();
    }),
  clearTimeout: clearImmediate,
});

const printed: Record<string, string> = {};
for (const program of process.argv.slice(2)) {
  printed[program] = "";
  console.log = (...values: unknown[]) => void (printed[program] += `${format(...values)}\n`);
  await import(pathToFileURL(resolve("examples", program)).href); // after the clock, which the library may keep
}
process.stdout.write(JSON.stringify(printed));
