import { expect, test } from "vitest";
import { Future, Task, ensureFuture, setEventLoop } from "wasyncio";
import { giving } from "../../support/coroutines.ts";
import { slotsInUse } from "../../support/counters.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { dispose, newLoop, trace } from "../../support/stage.ts";

test("a future or task stays what it is, a coroutine becomes a task, a promise a future", () => {
  const log = trace(function* (log, loop) {
    const future = loop.createFuture<number>();
    const task = loop.createTask(giving(1));
    const ofCoroutine = ensureFuture(giving(2));
    const ofPromise = ensureFuture({ then: (resolve: (value: number) => void) => resolve(3) } as never);
    log.push(ensureFuture(future) === future, ensureFuture(task) === (task as unknown));
    log.push(ofCoroutine instanceof Task, ofPromise instanceof Future, ofPromise instanceof Task);
    log.push(yield* ofCoroutine, yield* ofPromise);
    log.push(yield* attemptAwait(task));
  });
  expect(log).toEqual([true, true, true, true, false, 2, 3, 1]);
});

test("what cannot be awaited is refused, and nothing is made of it", () => {
  const loop = newLoop();
  for (const bad of [3, null, undefined, "text", {}, [], giving]) {
    expect(() => ensureFuture(bad as never, { loop })).toThrow(TypeError);
    expect(() => ensureFuture(bad as never, { loop })).toThrow(
      /^A Future, a coroutine or an awaitable is required, got /,
    );
  }
  expect(() => ensureFuture(3 as never, { loop })).toThrow("got 3");
  expect(slotsInUse(loop)).toBe(0);
  dispose(loop);
});

test("a future must be of the loop that is given", () => {
  const [loop, other] = [newLoop(), newLoop()];
  const future = other.createFuture();
  expect(() => ensureFuture(future, { loop })).toThrow(RangeError);
  expect(ensureFuture(future, { loop: other }) === future).toBe(true);
  expect(ensureFuture(future) === future).toBe(true);
  dispose(loop);
  dispose(other);
});

test("a coroutine needs a loop: the one given, the running one, or the chosen one", () => {
  setEventLoop(null);
  const coroutine = giving(1);
  expect(attempt(() => ensureFuture(coroutine))).toBe("RuntimeError('There is no current event loop')");
  const loop = newLoop();
  expect(ensureFuture(coroutine, { loop }).getLoop()).toBe(loop);
  setEventLoop(loop);
  try {
    expect(ensureFuture(giving(1)).getLoop()).toBe(loop);
  } finally {
    setEventLoop(null);
  }
  dispose(loop);
});

test("a task factory makes the tasks here too", () => {
  const loop = newLoop();
  loop.setTaskFactory((owner, coro, options) => new Task(coro, { ...options, loop: owner, name: "made" }));
  expect((ensureFuture(giving(1), { loop }) as Task<number>).getName()).toBe("made");
  dispose(loop);
});
