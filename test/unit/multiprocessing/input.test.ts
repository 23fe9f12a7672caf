// What is refused, at the call that is wrong.

import { expect, test } from "vitest";
import { run } from "wasyncio";
import {
  Array as SharedArray,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  Manager,
  Pool,
  Process,
  Queue,
  RLock,
  Semaphore,
  Value,
  loopHandle,
  serveProcesses,
} from "wasyncio/multiprocessing";
import { attempt } from "../../support/outcomes.ts";

const wrong = (value: unknown): never => value as never;
const nothing = (): void => {};

test.each<[string, () => unknown, RegExp]>([
  ["Semaphore: no number", () => new Semaphore(wrong("1")), /^TypeError\('Invalid value: expected a number/],
  ["Semaphore: negative", () => new Semaphore(-1), /^RangeError\('Semaphore initial value must be >= 0/],
  ["Semaphore: not whole", () => new BoundedSemaphore(1.5), /^RangeError/],
  ["Semaphore: NaN", () => new Semaphore(Number.NaN), /^RangeError/],
  ["Semaphore.release", () => new BoundedSemaphore(1).release(), /^RangeError\('semaphore or lock released too many/],
  ["Lock.release", () => new Lock().release(), /^RangeError\('semaphore or lock released too many times/],
  ["Lock.acquireSync: timeout", () => new Semaphore(0).acquireSync(wrong("1")), /^TypeError\('Invalid timeout/],
  ["Lock.withSync: body", () => new Lock().withSync(wrong(1)), /^TypeError\('Invalid body/],
  ["Lock.with: body", () => new Lock().with(wrong(1)), /^TypeError/],
  ["RLock.release", () => new RLock().release(), /^RuntimeError/],
  ["Condition: lock", () => new Condition(wrong({})), /^TypeError\('Invalid lock/],
  ["Condition.waitFor: predicate", () => new Condition().waitFor(wrong(1)), /^TypeError\('Invalid predicate/],
  ["Condition.waitForSync: predicate", () => new Condition().waitForSync(wrong(1)), /^TypeError\('Invalid predicate/],
  ["Condition.notify: n", () => withLock((condition) => condition.notify(Number.NaN)), /^TypeError\('Invalid n/],
  ["Event.waitSync: timeout", () => new Event().waitSync(Number.NaN), /^TypeError\('Invalid timeout/],
  ["Barrier: none", () => new Barrier(0), /^RangeError\('parties must be greater than 0/],
  ["Barrier: no number", () => new Barrier(wrong("2")), /^TypeError\('Invalid parties/],
  ["Value: typecode", () => new Value(wrong("l")), /^TypeError\('Invalid typecode: expected one of b, B/],
  ["Value: initial", () => new Value("i", wrong("1")), /^TypeError\('Invalid value: expected a whole number/],
  ["Value: not whole", () => new Value("i", 1.5), /^TypeError\('Invalid value: expected a whole number/],
  ["Value.value: NaN", () => (new Value("B").value = Number.NaN), /^TypeError\('Invalid value: expected a whole/],
  ["Value: float", () => new Value("d", wrong("1")), /^TypeError\('Invalid value: expected a number/],
  ["Value: bigint", () => new Value("q", wrong(1)), /^TypeError\('Invalid value: expected a bigint/],
  ["Value: lock", () => new Value("i", 0, { lock: wrong(1) }), /^TypeError\('Invalid lock/],
  [
    "Value: option",
    () => new Value("i", 0, wrong({ locks: true })),
    /^TypeError\('Invalid options: there is no 'locks'/,
  ],
  ["Value.getLock: none", () => new Value("i", 0, { lock: false }).getLock(), /was made without a lock/],
  ["Array: length", () => new SharedArray("i", -1), /^RangeError\('Invalid length/],
  ["Array: items", () => new SharedArray("i", wrong(null)), /^TypeError/],
  ["Array: an item", () => new SharedArray("i", wrong([1, "x"])), /^TypeError\('Invalid value: expected a whole/],
  ["Array: a bigint", () => new SharedArray("q", wrong([1])), /^TypeError\('Invalid value: expected a bigint/],
  ["Lock.acquireSync: timeout of a free one", () => new Lock().acquireSync(wrong("1")), /^TypeError\('Invalid timeout/],
  ["RLock.acquireSync: timeout", () => new RLock().acquireSync(Number.NaN), /^TypeError\('Invalid timeout/],
  ["Queue.putSync: timeout", () => new Queue().putSync(1, wrong("1")), /^TypeError\('Invalid timeout/],
  ["Manager.namespace: values", () => new Manager().namespace(wrong(1)), /^TypeError\('Invalid values/],
  ["loopHandle: loop", () => loopHandle(wrong(1)), /^TypeError\('Invalid loop: expected an EventLoop, got 1/],
  ["Pool: too many", () => new Pool(1e9), /^RangeError\('processes must be at most 1024: got 1000000000/],
  ["Queue: maxsize", () => new Queue(wrong("1")), /^TypeError\('Invalid maxsize/],
  ["Process: target", () => new Process(wrong(1)), /^TypeError\('Invalid target/],
  ["Process: args", () => new Process(nothing, { args: wrong(1) }), /^TypeError\('Invalid args/],
  ["Process: name", () => new Process(nothing, { name: wrong(1) }), /^TypeError\('Invalid name/],
  ["Process: context", () => new Process(nothing, { context: wrong("spawn") }), /^TypeError\('Invalid context/],
  ["Process: option", () => new Process(nothing, wrong({ daemon: true })), /^TypeError\('Invalid options: there is no/],
  ["Process.join: before it is started", () => new Process(nothing).join(), /^RuntimeError\('can only join a started/],
  ["Pool: processes", () => new Pool(0), /^RangeError\('processes must be greater than 0/],
  ["Pool: option", () => new Pool(1, wrong({ maxTasksPerChild: 1 })), /^TypeError\('Invalid options/],
  ["Pool: maxtasksperchild", () => new Pool(1, { maxtasksperchild: 0 }), /^RangeError/],
  ["Pool.apply: function", () => new Pool(1).apply(wrong(1), []), /^TypeError\('Invalid job/],
  ["Pool.apply: args", () => new Pool(1).apply(nothing, wrong(undefined)), /^TypeError\('Invalid args/],
  ["Manager.with: body", () => new Manager().with(wrong(1)), /^TypeError\('Invalid body/],
  ["serveProcesses: registry", () => serveProcesses(wrong(1)), /^TypeError\('Invalid registry/],
  ["serveProcesses: no worker", () => serveProcesses({}), /^RuntimeError\('Cannot serve jobs: this is no worker/],
])("%s", (_what, call, refusal) => {
  expect(attempt(call)).toMatch(refusal);
});

function withLock(act: (condition: Condition) => void): void {
  const condition = new Condition();
  condition.withSync(() => act(condition));
}

test("what a pool's methods are given in a loop", async () => {
  await run(() =>
    new Pool(1).with(function* (pool) {
      const calls: [() => unknown, RegExp][] = [
        [() => pool.map(wrong(1), [1]), /^TypeError\('Invalid job/],
        [() => pool.map(wrong(1), []), /^TypeError\('Invalid job/],
        [() => pool.map(nothing, wrong(1)), /^TypeError\('Invalid items: expected an iterable, got 1/],
        [() => pool.starmap(nothing, wrong(1)), /^TypeError\('Invalid items: expected an iterable, got 1/],
        [() => pool.starmapAsync(nothing, wrong({ length: 1 })), /^TypeError\('Invalid items/],
        [() => pool.imapUnordered(nothing, wrong(undefined)), /^TypeError\('Invalid items/],
        [() => pool.imapUnordered(wrong(1), []), /^TypeError\('Invalid job/],
        [() => pool.imap(nothing, wrong(undefined)), /^TypeError\('Cannot map: expected iterables/],
        [() => pool.imap(wrong(1), []), /^TypeError\('Invalid job/],
        [() => pool.map(nothing, [1], 0), /^RangeError\('chunksize/],
        [() => pool.starmap(nothing, [wrong(1)]), /^TypeError\('Invalid args/],
        [() => pool.imap(nothing, [1], 0), /^RangeError\('chunksize/],
        [() => pool.imapUnordered(nothing, [1], 0), /^RangeError\('chunksize/],
        [() => pool.applyAsync(nothing, [], { callback: wrong(1) }), /^TypeError\('Invalid callback/],
        [() => pool.applyAsync(nothing, [], wrong({ callbacks: 1 })), /^TypeError\('Invalid options/],
        [() => pool.applyAsync(Math.max, [1]), /native code/],
      ];
      for (const [call, refusal] of calls) expect(attempt(call)).toMatch(refusal);
    }),
  );
});

test("of calls with one that is wrong among them none is made", async () => {
  const flags = new Int32Array(new SharedArrayBuffer(4));
  await run(() =>
    new Pool(1).with(function* (pool) {
      const count = (cells: Int32Array): number => Atomics.add(cells, 0, 1);
      expect(attempt(() => pool.starmap(count, [[flags], wrong(1)]))).toMatch(/^TypeError\('Invalid args/);
      function* broken(): Generator<Int32Array> {
        yield flags;
        throw new RangeError("no more");
      }
      expect(attempt(() => pool.map(count, broken()))).toBe("RangeError('no more')");
      expect(attempt(() => pool.imapUnordered(count, broken()))).toBe("RangeError('no more')");
      yield* pool.apply(count, [flags]);
    }),
  );
  expect(flags[0]).toBe(1);
});
