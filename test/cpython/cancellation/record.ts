// Writes data/: what CPython does in each scenario, cancelled at each point.
//
//   node scripts/run-ts.mjs test/cpython/cancellation/record.ts [chapters]

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { loadPython } from "../programs/cpython.ts";

const names = process.argv.length > 2 ? process.argv.slice(2) : ["tasks", "sync", "queues", "contexts"];
const python = await loadPython(resolve(import.meta.dirname, "python"));
for (const name of names) {
  const json = python.runPython(`import sweep, ${name}; sweep.record(${name})`) as string;
  writeFileSync(resolve(import.meta.dirname, `data/${name}.json`), `${json}\n`);
  console.log(`record: ${name}.json written`);
}
