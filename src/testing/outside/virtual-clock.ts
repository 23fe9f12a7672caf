// The host's clocks on a loop's virtual time: `Date`, and the readings of `performance`.

import type { EventLoop } from "../../runtime/event-loop.ts";
import { format } from "../../support/format.ts";

/** Virtual time 0 on the calendar, unless a program chooses another: 2000-01-01T00:00:00Z. */
const DEFAULT_EPOCH = Date.UTC(2000, 0, 1);

const HostDate = Date;

/** A run's clocks. */
export class VirtualClock {
  /** Virtual time 0, in milliseconds since 1970. */
  readonly epoch: number;
  readonly #loop: EventLoop;

  /** Throws TypeError for an epoch that is neither a date nor a number, RangeError for one that is no point of time. */
  constructor(loop: EventLoop, epoch: Date | number = DEFAULT_EPOCH) {
    if (typeof epoch !== "number" && Object.prototype.toString.call(epoch) !== "[object Date]")
      throw new TypeError(`Invalid epoch: expected a date or milliseconds since 1970, got ${format(epoch)}`);
    this.epoch = new HostDate(epoch).getTime();
    if (Number.isNaN(this.epoch))
      throw new RangeError(`Invalid epoch: expected a date or milliseconds since 1970, got ${format(epoch)}`);
    this.#loop = loop;
  }

  /** Milliseconds since virtual time 0, without the last bits of sums of seconds: what `performance.now` gives. */
  elapsed(): number {
    return Math.round(this.#loop.time() * 1e9) / 1e6;
  }

  /** Whole milliseconds since 1970: what `Date.now` gives. */
  date(): number {
    return this.epoch + Math.floor(this.elapsed());
  }
}

/**
 * A `Date` whose now is another one. The dates that it makes are the host's own, so that `instanceof`, subclasses and
 * everything that takes dates work as ever.
 */
export function dateWith(now: () => number): DateConstructor {
  return new Proxy(HostDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new HostDate(now()).toString(),
    get: (target, key, receiver) => (key === "now" ? now : (Reflect.get(target, key, receiver) as unknown)),
  });
}
