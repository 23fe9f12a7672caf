// What has come, and was not told yet.

import { concat } from "../streams/bytes.ts";

/** Most bytes that a protocol is given in one call, as asyncio reads. */
export const MOST_RECEIVED = 256 * 1024;

/** Takes chunks off the beginning, as many as a protocol is given in one call: one at least. */
export function takeChunks(chunks: Uint8Array[]): Uint8Array {
  let count = 0;
  let total = 0;
  do total += chunks[count++].length;
  while (count < chunks.length && total + chunks[count].length <= MOST_RECEIVED);
  return count === 1 ? (chunks.shift() as Uint8Array) : concat(chunks.splice(0, count));
}
