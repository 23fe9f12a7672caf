// One measurement of asynchronous functions: `async.mjs WASYNCIO LOWERED native|lowered|generators PROGRAM`.
// Prints nanoseconds of the processor's time an operation: a call, or an await.

import type * as Wasyncio from "wasyncio";
import type { Coroutine } from "wasyncio";
import type * as Lowered from "wasyncio/lowered";
import { Meter } from "../harness/meter.ts";

const [library, door, side, name] = process.argv.slice(2) as [
  string,
  string,
  "native" | "lowered" | "generators",
  "calls" | "closures" | "chains" | "all" | "iteration" | "rejections",
];
const OPERATIONS = 30_000;
const DEPTH = 10;
/** Always the same: to make one costs more than all else about a rejection. */
const FAILURE = new Error("failure");

const { gather, run, sleep } = (await import(library)) as typeof Wasyncio;
const { Promise: LoopPromise, agen, aiter, await_, d, pass, runAs, yield_ } = (await import(door)) as typeof Lowered;

/** What a function gives, ten times. */
const ten = <T>(make: (x: number) => T): T[] => Array.from({ length: DEPTH }, (_, x) => make(x));

const native = {
  async leaf(x: number): Promise<number> {
    return x + 1;
  },
  async calls(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) value = await native.leaf(value);
    return value;
  },
  async closures(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) {
      const leaf = async (): Promise<number> => value + 1;
      value = await leaf();
    }
    return value;
  },
  async deep(depth: number): Promise<number> {
    if (depth > 1) return (await native.deep(depth - 1)) + 1;
    await (null as unknown);
    return 1;
  },
  async chains(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) value += await native.deep(DEPTH);
    return value;
  },
  async all(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) value += (await Promise.all(ten(native.leaf))).length;
    return value;
  },
  async *values(): AsyncGenerator<number> {
    for (let i = 0; i < OPERATIONS; i++) yield i;
  },
  async iteration(): Promise<number> {
    let value = 0;
    for await (const _ of native.values()) value++;
    return value;
  },
  async fails(depth: number): Promise<void> {
    if (depth > 1) return await native.fails(depth - 1);
    await (null as unknown);
    throw FAILURE;
  },
  async rejections(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) {
      try {
        await native.fails(DEPTH);
      } catch {
        value += DEPTH;
      }
    }
    return value;
  },
};

/** As the lowering writes them. */
const lowered = { calls, closures, chains, all, iteration, rejections };
function leaf(x: number): unknown {
  return runAs(leafBody(x), "leaf", leaf);
}
function* leafBody(x: number): Coroutine<number> {
  return x + 1;
}
function calls(): unknown {
  return runAs(callsBody(), "calls", calls);
}
function* callsBody(): Coroutine<number> {
  let value = 0;
  for (let i = 0; i < OPERATIONS; i++) value = (yield* await_(((d.f = leaf), leaf(value)))) as number;
  return value;
}
function closures(): unknown {
  return runAs(closuresBody(), "closures", closures);
}
function* closuresBody(): Coroutine<number> {
  let value = 0;
  for (let i = 0; i < OPERATIONS; i++) {
    const leaf: () => unknown = ((generator) => ({ leaf: () => runAs(generator(), "leaf", leaf) }).leaf)(
      {
        *leaf(): Coroutine<number> {
          return value + 1;
        },
      }.leaf,
    );
    value = (yield* await_(((d.f = leaf), leaf()))) as number;
  }
  return value;
}
function deep(depth: number): unknown {
  return runAs(deepBody(depth), "deep", deep);
}
function* deepBody(depth: number): Coroutine<number> {
  if (depth > 1) return ((yield* await_(((d.f = deep), deep(depth - 1)))) as number) + 1;
  yield* await_(null);
  return 1;
}
function chains(): unknown {
  return runAs(chainsBody(), "chains", chains);
}
function* chainsBody(): Coroutine<number> {
  let value = 0;
  for (let i = 0; i < OPERATIONS / DEPTH; i++) value += (yield* await_(((d.f = deep), deep(DEPTH)))) as number;
  return value;
}
function all(): unknown {
  return runAs(allBody(), "all", all);
}
function* allBody(): Coroutine<number> {
  let value = 0;
  for (let i = 0; i < OPERATIONS / DEPTH; i++)
    value += ((yield* await_(LoopPromise.all(ten(leaf)))) as unknown[]).length;
  return value;
}
function values(): AsyncGenerator {
  return agen(valuesBody(), "values");
}
function* valuesBody(): Coroutine<void> {
  for (let i = 0; i < OPERATIONS; i++) yield* yield_(i);
}
function iteration(): unknown {
  return runAs(iterationBody(), "iteration", iteration);
}
function* iterationBody(): Coroutine<number> {
  let value = 0;
  const loop = aiter();
  try {
    while (loop.going) for (const _ of yield* loop.step(loop.begun ? undefined : values())) value++;
  } catch (error) {
    throw loop.failed(error);
  } finally {
    yield* loop.close();
  }
  return value;
}
function fails(depth: number): unknown {
  return runAs(failsBody(depth), "fails", fails);
}
function* failsBody(depth: number): Coroutine<unknown> {
  if (depth > 1) return yield* await_(((d.f = fails), fails(depth - 1)));
  yield* await_(null);
  throw FAILURE;
}
function rejections(): unknown {
  return runAs(rejectionsBody(), "rejections", rejections);
}
function* rejectionsBody(): Coroutine<number> {
  let value = 0;
  for (let i = 0; i < OPERATIONS / DEPTH; i++) {
    try {
      yield* await_(((d.f = fails), fails(DEPTH)));
    } catch (error) {
      pass(error);
      if (error !== FAILURE) throw error;
      value += DEPTH;
    }
  }
  return value;
}

const generators = {
  *leaf(x: number): Coroutine<number> {
    return x + 1;
  },
  *calls(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) value = yield* generators.leaf(value);
    return value;
  },
  *closures(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) {
      value = yield* (function* (): Coroutine<number> {
        return value + 1;
      })();
    }
    return value;
  },
  *deep(depth: number): Coroutine<number> {
    if (depth > 1) return (yield* generators.deep(depth - 1)) + 1;
    yield* sleep(0);
    return 1;
  },
  *chains(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) value += yield* generators.deep(DEPTH);
    return value;
  },
  *all(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) value += (yield* gather(...ten(generators.leaf))).length;
    return value;
  },
  /** Nothing is like an async generator: a coroutine for each value. */
  *iteration(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) {
      yield* generators.leaf(i);
      value++;
    }
    return value;
  },
  *fails(depth: number): Coroutine<void> {
    if (depth > 1) return yield* generators.fails(depth - 1);
    yield* sleep(0);
    throw FAILURE;
  },
  *rejections(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS / DEPTH; i++) {
      try {
        yield* generators.fails(DEPTH);
      } catch (error) {
        if (error !== FAILURE) throw error;
        value += DEPTH;
      }
    }
    return value;
  },
};

const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const meter = new Meter(OPERATIONS, { warmUp: 0.6, measure: 0.4 }, processorSeconds, () => globalThis.gc?.());

async function batch(): Promise<number> {
  if (side === "native") return native[name]();
  return run(() => (side === "lowered" ? (lowered[name]() as Promise<number>) : generators[name]()));
}

while (meter.more()) {
  meter.fromHere();
  meter.count(await batch());
}
console.log(meter.figure);
