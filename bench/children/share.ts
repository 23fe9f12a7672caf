// `share.mjs DOORS BURN_MS SECONDS`: a busy loop in a process whose other code burns BURN_MS in every turn that it
// gets. Prints the share of the time that the loop has, and how many turns the other code got in a second.

import { beBusy } from "./busy.ts";
import { loadLibrary } from "./library.ts";

export interface Share {
  share: number;
  othersTurns: number;
}

const [doors, burnMs, seconds] = process.argv.slice(2) as [string, ...string[]];
const library = await loadLibrary(doors);
let burnt = 0;
let turns = 0;
let over = false;

function burn(): void {
  const started = performance.now();
  while (performance.now() - started < Number(burnMs));
  burnt += performance.now() - started;
  turns++;
  if (!over) setImmediate(burn);
}

const started = performance.now();
setImmediate(burn);
await library.run(() => beBusy(library, () => performance.now() - started > Number(seconds) * 1000));
over = true;
const elapsed = performance.now() - started;
console.log(JSON.stringify({ share: 1 - burnt / elapsed, othersTurns: (turns / elapsed) * 1000 } satisfies Share));
