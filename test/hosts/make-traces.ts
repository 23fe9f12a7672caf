// Makes data/traces.json.br: what CPython does with the programs of a seed. To be run when test/cpython/programs's
// generator has changed: node scripts/run-ts.mjs test/hosts/make-traces.ts

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { normalise } from "../cpython/programs/compare.ts";
import { loadCPython } from "../cpython/programs/cpython.ts";
import { generate } from "../cpython/programs/generator.ts";
import { Hash } from "./suite/hash.ts";
import type { Traces } from "./suite/programs.ts";

const SEED = 3_141_592_653;
const COUNT = 1_000;
const BATCH = 100;

const cpython = await loadCPython();
const programs = Array.from({ length: COUNT }, (_, index) => generate(SEED, index));
const hash = new Hash();
for (const program of programs) hash.add(JSON.stringify(program));
const traces: string[][] = [];
for (let first = 0; first < COUNT; first += BATCH) {
  traces.push(...cpython.run(programs.slice(first, first + BATCH)).map(normalise));
}
const data: Traces = { python: cpython.name, seed: SEED, programs: hash.text(), traces };
const packed = brotliCompressSync(JSON.stringify(data));
writeFileSync(resolve(import.meta.dirname, "data/traces.json.br"), packed);
console.log(`${COUNT} programs in ${cpython.name}: ${packed.length} bytes`);
