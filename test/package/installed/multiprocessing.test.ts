// What threads share, of the packed package: in Node, Deno and Bun, which wait for shared memory and copy messages each
// in its own way.

import { expect, test } from "vitest";
import { createProject, engine } from "./project.ts";

const PROGRAM = `
import { createTask, gather, run, sleep, timeout } from "wasyncio";
import { job } from "wasyncio/executors";
import { Barrier, Condition, Manager, Pool, Process, Queue, Value, loopHandle, runCoroutineThreadsafe } from "wasyncio/multiprocessing";

const count = job(import.meta, function count(value, times) {
  for (let i = 0; i < times; i++) value.withSync(() => { value.value += 1; });
});
const countAsTask = job(import.meta, function* countAsTask(value, times) {
  for (let i = 0; i < times; i++) yield* value.with(function* () { value.value += 1; });
});
const move = job(import.meta, function move(from, to, times) {
  for (let i = 0; i < times; i++) to.putSync(from.getSync() + 1);
});
const meet = job(import.meta, function meet(barrier) { return barrier.waitSync(); });
const take = job(import.meta, function take(condition, value) {
  condition.withSync(() => condition.waitForSync(() => value.value < 0));
});
const half = job(import.meta, function* half(value) { yield* sleep(0); return value / 2; });
const ask = job(import.meta, function ask(loop, value) { return runCoroutineThreadsafe(half, [value], loop).result(30); });
const note = job(import.meta, function* note(dict, key) { yield* dict.set(key, key.length); });
const nap = job(import.meta, function* nap() { yield* sleep(60); });

await run(() => new Pool(2).with(function* (pool) {
  const value = new Value("d", 0);
  yield* gather(pool.apply(count, [value, 3000]), pool.apply(countAsTask, [value, 500]), countAsTask(value, 500));
  console.log(value.value);
  const [first, second] = [new Queue(2), new Queue()];
  const moving = pool.applyAsync(move, [first, second, 20]);
  let sum = 0;
  for (let i = 0; i < 20; i++) yield* first.put(i);
  for (let i = 0; i < 20; i++) sum += yield* second.get();
  yield* moving.get();
  const barrier = new Barrier(2);
  console.log(sum, (yield* gather(pool.apply(meet, [barrier]), barrier.wait())).sort().join());
  const condition = new Condition();
  const taking = pool.applyAsync(take, [condition, value]);
  yield* sleep(0.05);
  yield* condition.with(function* () { value.value = -1; condition.notifyAll(); });
  yield* taking.get(30);
  console.log(yield* pool.apply(ask, [loopHandle(), 42]));
  const waiting = createTask(first.get());
  yield* sleep(0.01);
  waiting.cancel();
  console.log(first.qsize(), yield* new Manager().with(function* (manager) {
    const dict = manager.dict();
    for (const context of ["thread", "process"]) {
      const process = new Process(note, { args: [dict, context], context });
      process.start();
      yield* process.join();
    }
    return JSON.stringify(yield* dict.items());
  }));
  const endless = new Process(nap);
  endless.start();
  yield* endless.join(0.2);
  endless.terminate();
  yield* timeout(30).with(() => endless.join());
  console.log(endless.exitcode);
}));
console.log("end");
`;

test.each([
  ["node", () => [process.execPath]],
  ["deno", () => [engine("deno"), "run", "--quiet", "--no-lock", "--allow-all"]],
  ["bun", () => [engine("bun")]],
] as const)("in %s threads share memory, locks and queues", async (_name, command) => {
  const project = createProject({}, { "main.mjs": PROGRAM });
  expect(await project.run(...command(), "main.mjs")).toBe(
    ["4000", "210 0,1", "21", '0 [["thread",6],["process",7]]', "-15", "end\n"].join("\n"),
  );
});
