// Random async functions, lowered, and what V8 does with them as they stand: ../lowered-programs.ts makes them when the
// suite is bundled.

import data from "lowered programs";
import { sideBySide } from "../../cpython/programs/compare.ts";
import { type Start, runLowered } from "../../support/lowered-run.ts";
import { type Report, pause } from "./report.ts";

/** A program, with what it logs on V8. */
export interface LoweredProgram {
  readonly start: Start;
  readonly trace: readonly string[];
}

export const loweredPrograms = data as readonly LoweredProgram[];

const PAUSE_EVERY = 50;

export async function testLowered(report: Report): Promise<void> {
  for (const [index, { start, trace }] of loweredPrograms.entries()) {
    await report.test(`lowered program ${index}`, () => {
      const { lines } = runLowered(start);
      if (lines.join("\n") !== trace.join("\n"))
        throw new Error(`differs:\n${sideBySide(trace, lines, { peer: "V8" })}`);
    });
    if (index % PAUSE_EVERY === 0) await pause();
  }
}
