// One measurement of a block: `forms.mjs WASYNCIO FORM lock|timeout|group`. Prints nanoseconds of the processor's time
// a block, which waits for nothing but what entering and leaving wait for; null when the form is none of that.

import type * as Wasyncio from "wasyncio";
import type { Coroutine, Hold, TaskGroup, Timeout } from "wasyncio";
import { Meter } from "../harness/meter.ts";

const [library, form, name] = process.argv.slice(2) as [string, string, "lock" | "timeout" | "group"];
const OPERATIONS = 10_000;

const { Lock, TaskGroup: Group, run, timeout, waitFor } = (await import(library)) as typeof Wasyncio;

const lock = new Lock();
let count = 0;

function* body(): Coroutine<void> {
  count++;
}

function* child(): Coroutine<void> {}

function* groupBody(group: TaskGroup): Coroutine<void> {
  group.createTask(child());
  count++;
}

/** `using` as the engine has it, which a compiler would take away; null where it has none. */
function nativeUsing(): (() => Coroutine<void>) | null {
  const text = "return function* () { for (let i = 0; i < n; i++) { using hold = yield* lock.acquire(); add(); } }";
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- see above
    return new Function("lock", "n", "add", text)(lock, OPERATIONS, () => count++) as () => Coroutine<void>;
  } catch {
    return null;
  }
}

const PROGRAMS: Record<typeof name, Record<string, (() => Coroutine<void>) | null>> = {
  lock: {
    *closure() {
      for (let i = 0; i < OPERATIONS; i++) {
        yield* lock.with(function* () {
          count++;
        });
      }
    },
    *arrow() {
      for (let i = 0; i < OPERATIONS; i++) yield* lock.with(() => body());
    },
    *hoisted() {
      for (let i = 0; i < OPERATIONS; i++) yield* lock.with(body);
    },
    *inPlace() {
      for (let i = 0; i < OPERATIONS; i++) {
        yield* lock.acquire();
        try {
          count++;
        } finally {
          lock.release();
        }
      }
    },
    using: nativeUsing(),
    *compiledUsing() {
      for (let i = 0; i < OPERATIONS; i++) {
        using _hold: Hold = yield* lock.acquire();
        count++;
      }
    },
  },
  timeout: {
    *closure() {
      for (let i = 0; i < OPERATIONS; i++) {
        yield* timeout(5).with(function* () {
          count++;
        });
      }
    },
    *arrow() {
      for (let i = 0; i < OPERATIONS; i++) yield* timeout(5).with(() => body());
    },
    *hoisted() {
      for (let i = 0; i < OPERATIONS; i++) yield* timeout(5).with(body);
    },
    *inPlace() {
      for (let i = 0; i < OPERATIONS; i++) {
        const scope: Timeout = timeout(5).enter();
        try {
          count++;
        } catch (error) {
          throw scope.fail(error);
        } finally {
          scope.exit();
        }
      }
    },
    *waitFor() {
      for (let i = 0; i < OPERATIONS; i++) yield* waitFor(body(), 5);
    },
  },
  group: {
    *closure() {
      for (let i = 0; i < OPERATIONS; i++) {
        yield* new Group().with(function* (group) {
          group.createTask(child());
          count++;
        });
      }
    },
    *arrow() {
      for (let i = 0; i < OPERATIONS; i++) yield* new Group().with((group) => groupBody(group));
    },
    *hoisted() {
      for (let i = 0; i < OPERATIONS; i++) yield* new Group().with(groupBody);
    },
    *inPlace() {
      for (let i = 0; i < OPERATIONS; i++) {
        const group = new Group().enter();
        try {
          group.createTask(child());
          count++;
        } catch (error) {
          group.fail(error);
        } finally {
          yield* group.exit();
        }
      }
    },
  },
};

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const program = PROGRAMS[name][form] ?? null;
const meter = new Meter(OPERATIONS, { warmUp: 0.6, measure: 0.3 }, processorSeconds, () => globalThis.gc?.());
while (program !== null && meter.more()) {
  count = 0;
  meter.fromHere();
  await run(program);
  meter.count(count);
}
console.log(program === null ? null : meter.figure);
