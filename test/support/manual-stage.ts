// A program that waits for what is outside, in turns and at times that the test gives it.

import { type Coroutine, EventLoop } from "wasyncio";
import { ManualHost } from "./manual-host.ts";

export class Stage {
  readonly host = new ManualHost();
  readonly loop = new EventLoop(this.host);
  readonly reports: [message: string, exception: unknown][] = [];

  constructor() {
    this.loop.setExceptionHandler((_, { message = "", exception }) => this.reports.push([message, exception]));
  }

  /** Begins a program. */
  start<T>(program: () => Coroutine<T>): Promise<T> {
    function* main(): Coroutine<T> {
      return yield* program();
    }
    const result = this.loop.runUntilComplete(main());
    result.catch(() => {}); // the test looks at it later
    this.host.turn();
    return result;
  }

  /** Gives the loop a turn, so many seconds later. */
  turn(seconds = 0): void {
    this.host.time += seconds;
    this.host.turn();
  }
}
