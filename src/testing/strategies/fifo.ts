// asyncio's own order: whatever is first goes first.

import type { Strategy } from "./strategy.ts";

/** Always what asyncio would run. Every run is the same. */
export class FifoStrategy implements Strategy {
  readonly name = "fifo";

  begin(): boolean {
    return true;
  }

  choose(): number {
    return 0;
  }
}
