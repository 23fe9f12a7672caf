// Whether simulations are as they were: the same run on every core that waits for one, the host's globals, no loop that
// runs.

import { type Coroutine, Lock, Queue, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { type Simulation, simulate } from "wasyncio/testing";
import { currentLedger } from "../../src/waiting/ledger.ts";
import { attempt } from "../support/outcomes.ts";
import { SimulationLoop } from "../../src/testing/simulation/simulation-loop.ts";

/** A small program that uses most of what a core has: tasks, timers, lists, callbacks, futures. */
export function* goodProgram(): Coroutine<string> {
  const seen: string[] = [];
  const lock = new Lock();
  const queue = new Queue<string>(1);
  function* worker(name: string): Coroutine<void> {
    for (let turn = 0; turn < 3; turn++) {
      yield* lock.with(function* () {
        seen.push(name);
        yield* sleep(0.5);
      });
      yield* queue.put(name);
    }
  }
  const consumer = createTask(
    (function* () {
      for (let item = 0; item < 6; item++) seen.push((yield* queue.get()).toUpperCase());
    })(),
  );
  getRunningLoop().callLater(1, () => seen.push("!"));
  yield* gather([worker("a"), worker("b")]);
  yield* consumer;
  return seen.join("");
}

const SETTINGS = { seed: 0, orders: "any", window: 0, latePercent: 0, maxTime: 100, maxSteps: 1000 } as const;

/** More cores than one call gives back last: those are taken first. */
const CORES = 5;

/** What is replaced while a simulation runs. */
function globalsNow(): unknown[] {
  const names = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"];
  const owned: [object, string][] = [...names, "fetch", "queueMicrotask", "Date"].map((name) => [globalThis, name]);
  owned.push([performance, "now"], [performance, "timeOrigin"], [AbortSignal, "timeout"]);
  return owned.flatMap(([owner, name]) => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    return [descriptor?.value, descriptor?.get, descriptor?.writable, descriptor?.configurable];
  });
}

const globals = globalsNow();
const first: Simulation<string> = simulate(goodProgram);

function sameRunAgain(loop: SimulationLoop): boolean {
  const { task } = loop.runProgram(goodProgram());
  const { simulation } = loop.core;
  const halves = [simulation.digestHigh(), simulation.digestLow()];
  const digest = halves.map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  return task.result() === first.value && digest === first.digest;
}

/** What is not as it was before, in words; [] when all is well. */
export function unsoundness(): string[] {
  const found: string[] = [];
  if (attempt(getRunningLoop) !== "RuntimeError('no running event loop')") found.push("a loop runs");
  if (currentLedger !== null) found.push("there is a ledger");
  if (!globalsNow().every((item, index) => Object.is(item, globals[index]))) found.push("the globals are others");
  const loops = Array.from({ length: CORES }, () => new SimulationLoop(SETTINGS, {}));
  if (!loops.every(sameRunAgain)) found.push("a core is not as new");
  for (const loop of loops) loop.close();
  const { status, value, digest, log } = simulate(goodProgram);
  if (status !== "ok" || value !== first.value || digest !== first.digest) found.push("another run");
  if (log.steps.length !== first.log.steps.length) found.push("another log");
  return found;
}
