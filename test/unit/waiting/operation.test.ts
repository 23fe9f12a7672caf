import { expect, test } from "vitest";
import { type Coroutine, Event, Lock, Queue, Semaphore, sleep } from "wasyncio";
import { operation } from "../../../src/waiting/operation.ts";
import { giving } from "../../support/coroutines.ts";
import { attempt } from "../../support/outcomes.ts";
import { trace } from "../../support/stage.ts";

test("operations that nobody awaited are told when the loop is closed, with the place", () => {
  const log = trace(
    function* () {
      void sleep(1);
      yield* sleep(0); // this one is awaited
    },
    { debug: true },
  );
  expect(log.length).toBe(1);
  expect(log[0]).toEqual([
    "warning",
    expect.stringMatching(/^coroutine 'sleep' was never awaited\ncreated at:\n.*operation\.test\.ts/),
  ]);
});

test("awaiting, a task, throwing into it and returning from it all count as use", () => {
  const log = trace(
    function* (_, loop) {
      yield* sleep(0);
      yield* loop.createTask(sleep(0));
      loop.createTask(sleep(1)).cancel();
      attempt(() => sleep(1).throw(new RangeError()));
      sleep(1).return();
      yield* sleep(0);
    },
    { debug: true },
  );
  expect(log).toEqual([]);
});

test("outside debug mode, and outside a loop, nothing is watched", () => {
  const coroutine = giving(1);
  expect(operation("x", coroutine)).toBe(coroutine);
  expect(
    trace(function* (log) {
      const inside = giving(1);
      log.push(operation("x", inside) === inside);
      void sleep(1);
    }),
  ).toEqual([true]);
});

test("the hand-written ones show themselves by name, watched or not", () => {
  for (const debug of [false, true]) {
    const log = trace(
      function* (log) {
        const queue = new Queue();
        const all = [new Lock().acquire(), new Semaphore().acquire(), new Event().wait(), queue.put(1), queue.get()];
        for (const coroutine of [...all, queue.join()]) {
          log.push(String(coroutine));
          coroutine.return(undefined);
        }
      },
      { debug },
    );
    const names = ["Lock.acquire", "Semaphore.acquire", "Event.wait", "Queue.put", "Queue.get", "Queue.join"];
    expect(log).toEqual(names.map((name) => `<coroutine ${name}>`));
  }
});

test("a watched coroutine behaves as the one that it watches", () => {
  const log = trace(
    function* (log, loop) {
      function* echo(): Coroutine<string> {
        try {
          yield* sleep(1);
          return "woke";
        } catch (error) {
          return `caught ${(error as Error).name}`;
        } finally {
          log.push("finally");
        }
      }
      log.push(yield* operation("echo", echo()));
      const task = loop.createTask(operation("echo", echo()));
      yield* sleep(0);
      task.cancel();
      log.push(yield* task);
      const closed = operation("echo", echo());
      closed.next();
      log.push(closed.return("closed").value);
    },
    { debug: true },
  );
  expect(log).toEqual(["finally", "woke", "finally", "caught CancelledError", "finally", "closed"]);
});
