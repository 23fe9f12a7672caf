// Prints what each strategy finds in the corpus: node scripts/run-ts.mjs test/races/table.ts [STRATEGY...]
//
// The table is of the first strategy, by default "portfolio"; below it stands a line for each.

import type { StrategyName } from "wasyncio/testing";
import { controls, races } from "./corpus.ts";
import { printedLines, printsLines, readRacyLines } from "./racy-lines.ts";
import { type Finding, search } from "./search.ts";

const MOST_RUNS = 20_000;
const HEADINGS = ["kind", "program", "run", "ms", "shrink ms", "switches", "token", "pair", "racing steps"];

const racyLines = readRacyLines();

function namesLines({ program, failure }: Finding): boolean {
  const lines = (program.racy ?? []).flatMap((label) => racyLines.get(label) ?? []);
  return failure !== null && printsLines(failure, lines);
}

function rowOf(finding: Finding): string[] {
  const { program, failure, runs, searchMs, shrinkMs } = finding;
  const start = [program.kind, program.name];
  if (failure === null) return [...start, `none in ${runs}`, searchMs.toFixed(1), "", "", "", "", ""];
  const { race, switches, switchesFound, token } = failure;
  return [
    ...start,
    String(failure.run),
    searchMs.toFixed(1),
    shrinkMs.toFixed(1),
    `${switchesFound} to ${switches}`,
    String(token.length),
    race === null ? "none" : namesLines(finding) ? "yes" : "other",
    race === null
      ? ""
      : printedLines(failure)
          .map((lines, index) => `${[race.first, race.second][index]?.name} ${lines.join(" ")}`)
          .join(" | "),
  ];
}

function print(rows: readonly string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
}

function summaryOf(strategy: StrategyName, findings: readonly Finding[]): string[] {
  const found = findings.filter(({ failure }) => failure !== null);
  const runs = found.map(({ failure }) => failure?.run ?? 0).toSorted((left, right) => left - right);
  const begin = performance.now();
  const alarms = controls.filter((program) => search(program, 2_000, strategy).failure !== null);
  return [
    strategy,
    `${found.length} of ${findings.length}`,
    String(runs[Math.floor(runs.length / 2)] ?? ""),
    String(runs.at(-1) ?? ""),
    Math.max(...findings.map(({ searchMs }) => searchMs)).toFixed(0),
    Math.max(...found.map(({ shrinkMs }) => shrinkMs)).toFixed(0),
    `${found.filter(namesLines).length} of ${found.length}`,
    `${alarms.length} of ${controls.length} in ${((performance.now() - begin) / 1000).toFixed(1)} s`,
  ];
}

const strategies = (process.argv.length > 2 ? process.argv.slice(2) : ["portfolio"]) as StrategyName[];
const results = strategies.map((strategy) => ({
  strategy,
  findings: races.map((program) => search(program, MOST_RUNS, strategy)),
}));
print([HEADINGS, ...(results[0]?.findings ?? []).map(rowOf)]);
console.log();
print([
  ["strategy", "found", "median run", "last run", "longest ms", "longest shrink ms", "pair in racy lines", "alarms"],
  ...results.map(({ strategy, findings }) => summaryOf(strategy, findings)),
]);
const names = results.flatMap(({ strategy, findings }) =>
  findings.filter(({ failure }) => failure === null).map(({ program }) => `${strategy}: ${program.name}`),
);
if (names.length > 0) console.log(`\nNot found:\n  ${names.join("\n  ")}`);
