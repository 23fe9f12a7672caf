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
  "calls" | "chains",
];
const OPERATIONS = 30_000;
const DEPTH = 10;

const { run, sleep } = (await import(library)) as typeof Wasyncio;
const { await_, d, runAs } = (await import(door)) as typeof Lowered;

const native = {
  async leaf(x: number): Promise<number> {
    return x + 1;
  },
  async calls(): Promise<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) value = await native.leaf(value);
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
};

/** As the lowering writes them. */
const lowered = { calls, chains };
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

const generators = {
  *leaf(x: number): Coroutine<number> {
    return x + 1;
  },
  *calls(): Coroutine<number> {
    let value = 0;
    for (let i = 0; i < OPERATIONS; i++) value = yield* generators.leaf(value);
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
