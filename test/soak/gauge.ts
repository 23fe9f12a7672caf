// What a loop and the process hold: the figures that must not grow.

import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import type { EventLoop } from "wasyncio";
import { counters } from "../support/counters.ts";

/** What is known at once. */
export interface Tables {
  /** Slots in use in the core. */
  slots: number;
  /** Objects that stand for slots. */
  objects: number;
  /** Length of the table of these objects. */
  table: number;
  /** Timers that are not cancelled. */
  timers: number;
  /** Pages of all wasm memories: the loop's, and that of the queues' items. */
  pages: number;
}

/** What takes a collection of garbage to find out. */
export interface Heap {
  heapBytes: number;
  /** Objects that are alive, or NaN where the engine does not say. */
  liveObjects: number;
}

const PAGE_BYTES = 65_536;

/** All wasm memories that were made since this file was loaded, by way of a constructor that takes note of them. */
const memories: WebAssembly.Memory[] = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, args, newTarget) {
    const instance = Reflect.construct(target, args, newTarget) as WebAssembly.Instance;
    for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.push(value);
    return instance;
  },
});

export function readTables(loop: EventLoop): Tables {
  const { slots, timers, cancelledTimers: dead } = counters(loop);
  const { core } = loop;
  let objects = 0;
  for (const object of core.objects) if (object !== undefined) objects++;
  const bytes = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  return { slots, objects, table: core.objects.length, timers: timers - dead, pages: bytes / PAGE_BYTES };
}

v8.setFlagsFromString("--expose-gc");
const collect = globalThis.gc ?? (runInNewContext("gc") as () => void);

/** Collects garbage first, and lets what watches for that have its turn. */
export async function readHeap(): Promise<Heap> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const liveObjects = v8.queryObjects === undefined ? NaN : v8.queryObjects(Object, { format: "count" });
  collect();
  return { heapBytes: process.memoryUsage().heapUsed, liveObjects };
}
