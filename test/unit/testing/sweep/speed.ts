// How many runs a second a sweep makes, for programs of 100 steps: node test/unit/testing/sweep/measure-speed.mjs
//
// Beside each sweep stands what the undisturbed run takes. A run with a fault takes about half of that, and all of it
// when the program goes on in spite of the fault.

import { sweep } from "wasyncio/testing";
import { Lock, Queue, TaskGroup, sleep } from "wasyncio";
import { TestedProgram } from "../../../../src/testing/simulation/program.ts";
import { MODES } from "../../../../src/testing/sweep/modes.ts";

const ROUNDS = 20;
const ROUND_SECONDS = 0.05;

const programs = {
  *"one task gives way"() {
    for (let i = 0; i < 100; i++) yield* sleep(0);
  },

  *"one task sleeps"() {
    for (let i = 0; i < 100; i++) yield* sleep(1);
  },

  *"four tasks sleep"() {
    yield* new TaskGroup().with(function* (group) {
      for (let task = 0; task < 4; task++) group.createTask(sleepOften(25));
    });
  },

  *"four tasks, a lock"() {
    const lock = new Lock();
    yield* new TaskGroup().with(function* (group) {
      for (let task = 0; task < 4; task++) group.createTask(lockOften(lock, 12));
    });
  },

  *"two tasks, a queue"() {
    const queue = new Queue<number>(4);
    yield* new TaskGroup().with(function* (group) {
      const producer = group.createTask(produce(queue, 100));
      const consumer = group.createTask(consume(queue, 100));
      producer.addDoneCallback(() => queue.shutdown());
      consumer.addDoneCallback(() => producer.cancel());
    });
  },
};

function* sleepOften(times: number) {
  for (let i = 0; i < times; i++) yield* sleep(1);
}

function* lockOften(lock: Lock, times: number) {
  for (let i = 0; i < times; i++) yield* lock.with(() => sleep(0));
}

function* produce(queue: Queue<number>, items: number) {
  for (let i = 0; i < items; i++) yield* queue.put(i);
}

function* consume(queue: Queue<number>, items: number) {
  for (let i = 0; i < items; i++) yield* queue.get();
}

/** Nanoseconds of the processor for one of what `work` returns the number of: the best of some rounds. */
function measure(work: () => number): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.cpuUsage();
    let count = 0;
    let elapsed = 0;
    while (elapsed < ROUND_SECONDS * 1e6) {
      count += work();
      const { user, system } = process.cpuUsage(started);
      elapsed = user + system;
    }
    best = Math.min(best, (elapsed * 1000) / count);
  }
  return best;
}

for (const [name, main] of Object.entries(programs)) {
  const undisturbed = new TestedProgram(main, {}).running((run) =>
    measure(() => {
      if (run().status !== "ok") throw new Error(`${name} fails`);
      return 1;
    }),
  );
  const { points } = sweep(main, { allowed: () => true });
  console.log(`${name}: ${points} points, undisturbed ${Math.round(undisturbed)} ns`);
  for (const mode of MODES) {
    const failures = sweep(main, { [mode]: true, allowed: () => true }).failures;
    for (const failure of failures) console.log(failure.report);
    const time = measure(() => sweep(main, { [mode]: true, allowed: () => true }).runs);
    console.log(`  ${mode}: ${Math.round(time)} ns a run, ${Math.round(1e9 / time)} runs a second`);
  }
}
