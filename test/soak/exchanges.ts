// Many exchanges, several at a time in one loop.

import { EventLoop, mapConcurrently } from "wasyncio";
import { exchange } from "./exchange.ts";

const AT_A_TIME = 8;

/** Plays exchanges. Returns the bytes that arrived, and what the loop had to report. */
export async function playExchanges(seed: number, count: number): Promise<{ bytes: number; reports: string[] }> {
  const loop = new EventLoop();
  const reports: string[] = [];
  loop.setExceptionHandler((_, { message, exception }) => reports.push(`${message}: ${String(exception)}`));
  loop.host.report = () => {}; // writes behind the end are on purpose
  try {
    const numbers = Array.from({ length: count }, (_, index) => index);
    const play = (index: number) => exchange(seed, index);
    const sizes = await loop.runUntilComplete(mapConcurrently(play, numbers, { limit: AT_A_TIME }));
    return { bytes: sizes.reduce((sum, size) => sum + size, 0), reports };
  } finally {
    loop.close();
  }
}
