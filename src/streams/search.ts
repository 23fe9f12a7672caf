// The search for the end of a message: it goes on where it was when more bytes have come.

import { LimitOverrunError } from "../errors/asyncio.ts";
import type { ByteBuffer } from "./byte-buffer.ts";

export class Search {
  /** What may end the message, the shortest first. */
  readonly #separators: readonly Uint8Array[];
  /** No separator begins before this index. */
  #searched = 0;

  constructor(separators: readonly Uint8Array[]) {
    this.#separators = separators;
  }

  /**
   * Index behind the first separator in a buffer, -1 when there is none yet. Throws LimitOverrunError when more than
   * `limit` bytes come before it.
   */
  endOfMessage(buffer: ByteBuffer, limit: number): number {
    const { length } = buffer;
    const separators = this.#separators;
    if (length - this.#searched < separators[0].length) return -1;
    let start = -1;
    let end = length;
    for (const separator of separators) {
      // A later one counts only if it ends before: of two that end together, the shorter one is the separator.
      const index = buffer.find(separator, this.#searched, start < 0 ? end : end - 1);
      if (index < 0) continue;
      start = index;
      end = index + separator.length;
    }
    if (start > limit) throw new LimitOverrunError("Separator is found, but chunk is longer than limit", start);
    if (start >= 0) return end;
    // The last bytes may be the beginning of a separator.
    this.#searched = Math.max(0, length + 1 - separators[separators.length - 1].length);
    if (this.#searched > limit)
      throw new LimitOverrunError("Separator is not found, and chunk exceed the limit", this.#searched);
    return -1;
  }
}
