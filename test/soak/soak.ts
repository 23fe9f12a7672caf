// Runs scenarios in rounds on one loop and looks whether something grows.
//
// Behind each scenario nothing may be in use. Behind the first rounds, in which tables grow to what the scenarios need
// and the engine compiles them, no table, no memory and no heap may grow any more. Which scenario made the heap grow is
// found out at the end, by running each of them alone.

import { type Coroutine, EventLoop, allTasks, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type Heap, type Tables, readHeap, readTables } from "./gauge.ts";
import type { Scenario } from "./scenario.ts";

/** Heap that may come and go: compiled code, caches of the engine. */
const HEAP_SLACK_BYTES = 1_000_000;
const LIVE_OBJECTS_SLACK = 100;
/** How often in a row it has to grow before that is called a leak. */
const TIMES = 3;

export interface Plan {
  scenarios: Readonly<Record<string, Scenario>>;
  /** Where to run them: in virtual time, or in the turns of the host that the program runs on. */
  on: "virtual time" | "host";
  /** Tasks, timers and queue items in all. */
  operations: number;
  rounds: number;
  /** How many of the rounds come before the measured ones. */
  warmUp: number;
  /** Called with a line after each round. */
  tell(line: string): void;
}

/** What a scenario did. */
export interface Row {
  name: string;
  operations: number;
  seconds: number;
}

export interface Outcome {
  rows: Row[];
  /** What grew, and by what: empty when nothing did. */
  failures: string[];
}

/** Something is in use that should not be, or has grown. */
class Grown extends Error {}

export async function soak(plan: Plan): Promise<Outcome> {
  const pass = new Pass(plan);
  const failures: string[] = [];
  try {
    failures.push(...(await pass.run()));
  } catch (error) {
    if (!(error instanceof Grown)) throw error;
    failures.push(error.message);
  }
  return { rows: [...pass.rows.values()], failures };
}

class Pass {
  readonly rows: Map<string, Row>;
  readonly #plan: Plan;
  readonly #loop: EventLoop;
  /** What there was at the end of the warm-up. */
  #limits: Tables | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#loop = plan.on === "virtual time" ? new VirtualEventLoop() : new EventLoop();
    this.#loop.setExceptionHandler(() => {}); // errors that nobody looks at, on purpose
    this.#loop.slowCallbackDuration = Infinity;
    this.rows = new Map(Object.keys(plan.scenarios).map((name) => [name, { name, operations: 0, seconds: 0 }]));
  }

  /** Returns what made the heap grow. Throws Grown for what is certain at once. */
  async run(): Promise<string[]> {
    const { rounds, warmUp, scenarios } = this.#plan;
    let flat: Heap | null = null;
    let grows = false;
    for (let round = 1; round <= rounds; round++) {
      for (const name of Object.keys(scenarios)) await this.#runOne(name);
      const heap = await readHeap();
      this.#tell(round, heap);
      if (round === warmUp) {
        flat = heap;
        this.#limits = readTables(this.#loop);
      }
      grows = flat !== null && growthBetween(flat, heap) !== null;
    }
    const culprits = grows ? await this.#findCulprits() : [];
    this.#loop.close();
    return culprits;
  }

  /** Runs a scenario for its share of a round. */
  async #runOne(name: string): Promise<void> {
    const { scenarios, operations, rounds } = this.#plan;
    const share = Math.ceil(operations / rounds / Object.keys(scenarios).length);
    const row = this.rows.get(name) as Row;
    const started = performance.now();
    try {
      row.operations += await this.#play(scenarios[name], share);
    } catch (error) {
      throw new Error(`${name} failed`, { cause: error });
    }
    row.seconds += (performance.now() - started) / 1000;
    this.#check(name);
  }

  async #play(scenario: Scenario, count: number): Promise<number> {
    const loop = this.#loop;
    if (loop instanceof VirtualEventLoop) return loop.runUntilCompleteSync(playToTheEnd(scenario, count, 1));
    return await loop.runUntilComplete(playToTheEnd(scenario, count, 0.001));
  }

  /** Throws when a scenario has left something, or made a table grow. */
  #check(name: string): void {
    const tables = readTables(this.#loop);
    const { table, pages } = this.#limits ?? tables;
    const room = this.#plan.on === "host" ? 2 : 1; // how many slots are in use at a time depends on the clock there
    const allowed: Tables = { slots: 0, objects: 0, timers: 0, table: table * room, pages: pages * room };
    for (const key of Object.keys(allowed) as (keyof Tables)[]) {
      if (tables[key] > allowed[key]) throw new Grown(`${name}: ${key} ${tables[key]}, ${allowed[key]} expected`);
    }
  }

  #tell(round: number, heap: Heap): void {
    const { rounds, scenarios, on, tell } = this.#plan;
    const operations = [...this.rows.values()].reduce((sum, row) => sum + row.operations, 0);
    const { slots, table, pages } = readTables(this.#loop);
    tell(
      `${on}, round ${round} of ${rounds}: ${Object.keys(scenarios).length} primitives, ` +
        `${operations.toLocaleString("en")} operations, ${slots} slots in use, table of ${table}, ${pages} pages, ` +
        `heap ${(heap.heapBytes / 1e6).toFixed(2)} MB, ${heap.liveObjects} objects`,
    );
  }

  /** The scenarios that make the heap grow when they run alone, or all of them together where none does it alone. */
  async #findCulprits(): Promise<string[]> {
    const names = Object.keys(this.#plan.scenarios);
    const culprits = [];
    for (const name of names) {
      const growth = await this.#growthOf([name]);
      if (growth !== null) culprits.push(`${name}: ${growth}`);
    }
    if (culprits.length > 0) return culprits;
    const together = await this.#growthOf(names);
    return together === null ? [] : [`all together: ${together}`];
  }

  /**
   * By what scenarios make the heap grow, run for as many rounds as were measured, or null. A leak grows each time;
   * what grows once for all, or waits for a collector that is late, does not.
   */
  async #growthOf(names: readonly string[]): Promise<string | null> {
    const { rounds, warmUp } = this.#plan;
    let growth: string | null = null;
    let before = await readHeap();
    for (let time = 1; time <= TIMES; time++) {
      for (let round = warmUp; round < rounds; round++) for (const name of names) await this.#runOne(name);
      const after = await readHeap();
      growth = growthBetween(before, after);
      if (growth === null) return null;
      before = after;
    }
    return growth;
  }
}

/** Runs a scenario, and then what it has left running. */
function* playToTheEnd(scenario: Scenario, count: number, pause: number): Coroutine<number> {
  const operations = yield* scenario(count, pause);
  for (let patience = 0; allTasks().size > 1 && patience < 10; patience++) yield* sleep(pause);
  return operations;
}

/** By what the heap has grown more than it may, or null. */
function growthBetween(before: Heap, after: Heap): string | null {
  const bytes = after.heapBytes - before.heapBytes;
  const objects = after.liveObjects - before.liveObjects;
  if (objects > LIVE_OBJECTS_SLACK) return `${objects} more objects are alive, the heap grew by ${bytes} bytes`;
  return bytes > HEAP_SLACK_BYTES ? `the heap grew by ${bytes} bytes` : null;
}
