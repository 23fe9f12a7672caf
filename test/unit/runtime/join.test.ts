// Joins, where gather and task groups cannot show all that they do.

import { expect, test } from "vitest";
import { ContextVar, EventLoop, type Future, type Task, TaskGroup, gather, getRunningLoop, run } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { VirtualHost } from "../../../src/hosts/virtual/clock.ts";
import { Join } from "../../../src/runtime/join.ts";

function setUp() {
  const loop = new VirtualEventLoop();
  const told: [failed: number, left: number][] = [];
  const futures = Array.from({ length: 3 }, () => loop.createFuture<unknown>());
  const numberOf = (future: Future<unknown> | null): number => futures.indexOf(future as Future<unknown>);
  const join = new Join(loop, (failed, left) => void told.push([numberOf(failed), left]), null, "failures");
  const members = (): number[] => [...join].map(numberOf);
  for (const future of futures) join.add(future);
  const iterate = (): void => {
    loop.stop();
    loop.runForeverSync();
  };
  return { join, futures, members, told, iterate };
}

test("it tells of members that fail and of the last one, and lists those that are not done", () => {
  const { join, futures, members, told, iterate } = setUp();
  futures[1].setResult(1);
  iterate();
  expect([told, join.size, members()]).toEqual([[], 2, [0, 2]]);
  futures[2].setException(new RangeError("third"));
  iterate();
  expect(told).toEqual([[2, 1]]);
  futures[2].exception();
  futures[0].cancel();
  iterate();
  expect(told.slice(1)).toEqual([[-1, 0]]);
  expect([join.size, members()]).toEqual([0, []]);
});

test("its callback runs without a current task, in the context that it was made in; what it throws is reported", () => {
  const loop = new VirtualEventLoop();
  const variable = new ContextVar<string>("variable");
  const reports: unknown[] = [];
  loop.setExceptionHandler((_, { message, exception }) => reports.push([message, exception]));
  const failure = new RangeError("callback");
  const log: unknown[] = [];
  loop.runUntilCompleteSync(
    (function* () {
      variable.set("made here");
      const future = loop.createFuture();
      const callback = (): never => {
        log.push(variable.get(), loop.currentTask);
        throw failure;
      };
      new Join(loop, callback, null, "failures").add(future);
      variable.set("later");
      future.setResult();
      yield* gather(
        (function* () {
          yield* loop.createTask((function* () {})());
        })(),
      );
    })(),
  );
  expect(log).toEqual(["made here", null]);
  expect(reports).toEqual([["Exception in callback callback()", failure]]);
});

test("gather of done and pending futures on a closed loop waits for good", () => {
  const loop = new EventLoop(new VirtualHost());
  const [pending, done] = [loop.createFuture(), loop.createFuture()];
  done.setResult();
  loop.close();
  const gathered = gather(pending, done);
  expect(gathered.done()).toBe(false);
});

test("a member that is done when it is added from outside wakes the loop", async () => {
  await run(function* () {
    const errors: unknown[] = [];
    const failed = (loop: EventLoop): Task<never> => {
      const future: Future<never> = loop.createFuture();
      future.setException(new RangeError("made"));
      return future as Task<never>;
    };
    try {
      yield* new TaskGroup().with(function* (group) {
        const loop = getRunningLoop();
        const never = loop.createFuture();
        loop.setTaskFactory(failed);
        setTimeout(() => {
          group.createTask((function* () {})());
          loop.setTaskFactory(null);
        }, 5);
        yield* never;
      });
    } catch (error) {
      errors.push((error as AggregateError).errors ?? error);
    }
    expect(String(errors)).toContain("made");
  });
});
