// One measurement of virtual time, in a process of its own: `virtual.mjs SIDE DOORS PATTERN SLEEPERS WARM_UP MEASURE`.
// Prints how many timers fired in a second.
//
// Sleepers sleep again and again, for a second or two of virtual time: all for the same time, so that they wake
// together, or each for a time of its own, so that the clock moves for each.

import type * as FakeTimers from "@sinonjs/fake-timers";
import { irregular, loadLibrary } from "./library.ts";

const [side, doors, pattern, sleepers, warmUp, measure] = process.argv.slice(2) as [
  string,
  string,
  string,
  ...string[],
];
const count = Number(sleepers);
/** Seconds. */
const delays = pattern === "apart" ? irregular(count) : new Float64Array(count).fill(1);

/** Counts timers: first to get warm, then for the figure. Looks at the clock at every sixteenth. */
class Counter {
  /** Timers a second, once it is over. */
  perSecond = NaN;
  over = false;
  #fired = 0;
  #warm = false;
  #from = NaN;
  #until = NaN;

  /** A timer fired. Returns whether it is time to stop. */
  count(): boolean {
    if ((++this.#fired & 15) === 0) this.#look();
    return this.over;
  }

  #look(): void {
    const now = performance.now();
    if (now < this.#until) return;
    if (this.#warm) {
      this.over = true;
      this.perSecond = this.#fired / ((now - this.#from) / 1000);
      return;
    }
    this.#warm = !Number.isNaN(this.#until); // the first look begins to warm up
    this.#fired = 0;
    this.#from = now;
    this.#until = now + Number(this.#warm ? measure : warmUp) * 1000;
  }
}

const counter = new Counter();

const sides: Record<string, () => unknown> = {
  async wasyncio() {
    const { VirtualEventLoop, sleep } = await loadLibrary(doors);
    const loop = new VirtualEventLoop();
    function* sleeper(delay: number) {
      for (;;) {
        yield* sleep(delay);
        if (counter.count()) loop.stop();
      }
    }
    for (const delay of delays) loop.createTask(sleeper(delay));
    loop.runForeverSync();
  },

  // Callbacks, fired one by one: the fastest way that its users have, and the one without programs that wait.
  async sinon() {
    const clock = await fakeClock();
    for (const delay of delays) {
      const fire = (): void => {
        counter.count();
        clock.setTimeout(fire, delay * 1000);
      };
      clock.setTimeout(fire, delay * 1000);
    }
    while (!counter.over) clock.next();
  },

  // Async functions that sleep: the way that tests of programs have.
  async "sinon-async"() {
    const clock = await fakeClock();
    const sleeper = async (delay: number): Promise<void> => {
      for (;;) {
        await new Promise((resolve) => void clock.setTimeout(resolve, delay * 1000));
        counter.count();
      }
    };
    for (const delay of delays) void sleeper(delay);
    while (!counter.over) await clock.nextAsync();
  },

  async effect() {
    const { Effect } = await import("effect");
    const { TestClock } = await import("effect/testing");
    // About 256 timers an adjustment, or all of them.
    const step = pattern === "together" ? 1000 : Math.min(1000, (1500 * 256) / count);
    const program = Effect.gen(function* () {
      for (const delay of delays) {
        const sleep = Effect.sleep(delay * 1000);
        yield* Effect.forkChild(Effect.forever(Effect.map(sleep, () => counter.count())));
      }
      yield* Effect.yieldNow;
      while (!counter.over) yield* TestClock.adjust(step);
      finish();
    });
    await Effect.runPromise(program.pipe(Effect.provide(TestClock.layer()), Effect.scoped));
  },
};

async function fakeClock(): Promise<FakeTimers.Clock> {
  const { createClock } = await import("@sinonjs/fake-timers");
  return createClock();
}

/** Prints the figure and ends here: putting a million sleepers to an end is not part of it. */
function finish(): never {
  console.log(JSON.stringify(counter.perSecond));
  process.exit(0);
}

await sides[side]();
finish();
