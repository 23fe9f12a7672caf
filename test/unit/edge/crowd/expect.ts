// What must be true when a crowd has gone.

import { expect } from "vitest";
import { type Crowd, settledStats, visit } from "./clients.ts";

/**
 * Sends a crowd, and expects every answer to be right and nothing to be left. Prints its numbers. `connectionLost` is
 * what reading a body fails with on hosts that say that before they abort the signal.
 */
export async function expectCrowdServed(
  host: string,
  url: string,
  crowd: Crowd,
  connectionLost?: RegExp,
): Promise<void> {
  const { right, brokenOff, wrong, seconds } = await visit(url, crowd);
  const stats = await settledStats(url, crowd);
  console.log(
    `${host}: ${right + brokenOff} requests (${brokenOff} broken off), ${crowd.concurrency} at once, ${seconds.toFixed(1)} s; ` +
      `${stats.made} loops, ${stats.made - stats.closed} left open, ${stats.slotsLeft} slots left`,
  );
  const seed = `seed ${crowd.seed}`;
  expect(wrong.slice(0, 10), seed).toEqual([]);
  expect(right + brokenOff, seed).toBe(crowd.requests);
  expect(brokenOff, seed).toBeGreaterThan((crowd.requests * crowd.percentBrokenOff) / 200);
  expect(stats.sharing).toMatch(
    crowd.loop === "shared" ? /^made$/ : /^RuntimeError: Cannot share a loop: on this host/,
  );
  if (crowd.loop === "request") expect(stats.closed, seed).toBe(stats.made);
  else expect([stats.made, stats.closed], seed).toEqual([2, 0]); // one for each of its handlers
  expect(stats.slotsLeft, seed).toBe(0);
  expect(stats.left, seed).toBe(stats.entered);
  expect(stats.done, seed).toBe(stats.begun);
  const unexpected = Object.keys(stats.errors).filter(
    (text) => text !== "RangeError: expected" && connectionLost?.test(text) !== true,
  );
  expect(unexpected, seed).toEqual([]);
}
