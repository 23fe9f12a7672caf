// The core against the one in TypeScript, by random operations.

import { GAMES, play } from "../../unit/core/random-operations.ts";
import { type Report, pause } from "./report.ts";

const SEED = 20_250_701;
const RUNS = 20;

export async function testCore(report: Report): Promise<void> {
  for (const game of GAMES) {
    await report.test(`core: ${game.name}`, () => play(game, SEED, RUNS));
    await pause();
  }
}
