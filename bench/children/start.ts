// `start.mjs LIBRARY`: what it takes a fresh process to import the library and to run a first program. Prints
// milliseconds, of the clock and of the processor, with the threads of the engine.

import type * as wasyncio from "wasyncio";

export interface Start {
  import: number;
  run: number;
  importCpu: number;
  runCpu: number;
}

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const [library] = process.argv.slice(2) as [string];
const began = [performance.now(), cpu()] as const;
const { run } = (await import(library)) as typeof wasyncio;
const imported = [performance.now(), cpu()] as const;
await run(function* () {});
const ran = [performance.now(), cpu()] as const;
const start: Start = {
  import: imported[0] - began[0],
  run: ran[0] - imported[0],
  importCpu: imported[1] - began[1],
  runCpu: ran[1] - imported[1],
};
console.log(JSON.stringify(start));
