// Replaying: a strategy that decides as the run of a token did.

import { TokenReader } from "../../trace/token.ts";
import type { ChoicePoint, Strategy } from "./strategy.ts";

/** Follows a token's decisions. */
export class Replay extends TokenReader implements Strategy {
  readonly name = "replay";

  begin(): boolean {
    this.rewind();
    return true;
  }

  choose({ count }: ChoicePoint): number {
    return this.next(count);
  }
}
