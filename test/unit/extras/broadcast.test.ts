import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, createTask, forEach, gather, sleep } from "wasyncio";
import { Broadcast, type SubscribeOptions } from "wasyncio/extras";
import { explore, simulate } from "wasyncio/testing";
import { attempt, attemptAwait } from "../../support/outcomes.ts";
import { fullTrace } from "../../support/stage.ts";
import { goesOn, sweepEverywhere } from "../testing/sweep/everywhere.ts";

describe("Broadcast", () => {
  test("tells each item to all who have subscribed before, in order", () => {
    fullTrace(function* () {
      const news = new Broadcast<number>();
      yield* news.publish(0);
      const logs: number[][] = [[], []];
      const readers = logs.map((log) => {
        const mine = news.subscribe();
        return createTask(mine.with(() => forEach(mine, (item) => void log.push(item))));
      });
      expect([news.subscribers, String(news)]).toEqual([2, "<Broadcast [open, subscribers:2]>"]);
      for (const item of [1, 2, 3]) yield* news.publish(item);
      news.close();
      yield* gather(...readers);
      expect(logs).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      expect(news.subscribers).toBe(0);
    });
  });

  test("does with a slow subscriber what that one has asked for", () => {
    fullTrace(function* (_, loop) {
      const news = new Broadcast<number>();
      const take = (options: SubscribeOptions) => news.subscribe({ size: 2, ...options });
      const [oldest, newest] = [take({}), take({ whenFull: "drop newest" })];
      for (const item of [1, 2, 3, 4]) yield* news.publish(item);
      const waiting = take({ whenFull: "wait" });
      const publishing = gather(...[5, 6, 7].map((item) => news.publish(item)));
      yield* sleep(1);
      expect([publishing.done(), oldest.lost, newest.lost, waiting.lost]).toEqual([false, 5, 5, 0]);
      expect([oldest.receiveNowait(), oldest.receiveNowait()]).toEqual([6, 7]);
      expect([newest.receiveNowait(), newest.receiveNowait()]).toEqual([1, 2]);
      expect(yield* waiting.receive()).toBe(5);
      yield* publishing;
      expect([waiting.receiveNowait(), waiting.receiveNowait(), loop.time()]).toEqual([6, 7, 1]);
    });
  });

  test("forgets what waits for who has left, and goes on if it has waited for that one", () => {
    fullTrace(function* () {
      const news = new Broadcast<number>();
      const mine = news.subscribe({ size: 1, whenFull: "wait" });
      yield* news.publish(1);
      const publishing = createTask(news.publish(2));
      yield* sleep(0);
      mine.close();
      yield* publishing;
      expect(yield* attemptAwait(news.publish(3))).toBeUndefined();
      expect(attempt(() => mine.receive())).toContain("ClosedResourceError");
    });
  });

  test("ends clones of a subscription with it, behind what waits", () => {
    fullTrace(function* () {
      const news = new Broadcast<number>();
      const mine = news.subscribe();
      const clone = mine.clone();
      yield* news.publish(1);
      mine.close();
      yield* news.publish(2);
      const heard: number[] = [];
      yield* forEach(clone, (item) => void heard.push(item));
      expect(heard).toEqual([1]);
    });
  });

  test("a publisher that is cancelled leaves nothing unawaited", () => {
    const { reports } = simulate(function* () {
      const news = new Broadcast<number>();
      for (const _ of [1, 2]) news.subscribe({ size: 1, whenFull: "wait" });
      yield* news.publish(1);
      const publishing = createTask(news.publish(2));
      yield* sleep(1);
      publishing.cancel();
      yield* attemptAwait(publishing);
    });
    expect(reports).toEqual([]);
  });

  test("keeps an item that a cancelled subscriber was woken for", () => {
    fullTrace(function* () {
      const news = new Broadcast<number>();
      const mine = news.subscribe({ size: 1 });
      const reading = createTask(mine.receive());
      yield* sleep(0);
      yield* news.publish(1);
      reading.cancel();
      yield* news.publish(2);
      yield* attemptAwait(reading);
      expect([mine.receiveNowait(), mine.receiveNowait(), mine.lost]).toEqual([1, 2, 0]);
    });
  });

  test("refuses bad options, and all when it is closed", () => {
    const news = new Broadcast<number>();
    expect(attempt(() => news.subscribe({ size: 0 }))).toContain("RangeError('size must be greater than 0");
    expect(attempt(() => news.subscribe({ whenFull: "block" as never }))).toBe(
      "TypeError('Invalid whenFull: expected one of drop oldest, drop newest, wait, got 'block'')",
    );
    expect(attempt(() => news.subscribe({ max: 3 } as never))).toContain("there is no 'max'");
    news.close();
    news.close();
    expect(attempt(() => news.publish(1))).toContain("ClosedResourceError");
    expect(attempt(() => news.subscribe())).toContain("ClosedResourceError");
  });

  test.each(["drop oldest", "drop newest", "wait"] as const)("is swept and explored: %s", (whenFull) => {
    let seen: Map<string, number[]>;
    const program = function* (): Coroutine<void> {
      seen = new Map();
      const news = new Broadcast<number>();
      yield* new TaskGroup().with(function* (group) {
        for (const name of ["one", "two"]) {
          const log: number[] = [];
          seen.set(name, log);
          const mine = news.subscribe({ size: 2, whenFull });
          const read = function* (item: number): Coroutine<void> {
            log.push(item);
            yield* sleep(name === "two" ? 0.5 : 0);
          };
          // A task that is cancelled before it begins closes nothing.
          group.createTask(forEach(mine, read), { name }).addDoneCallback(() => mine.close());
        }
        const publish = function* (): Coroutine<void> {
          for (let item = 0; item < 6; item++) yield* news.publish(item);
        };
        group.createTask(publish(), { name: "publisher" }).addDoneCallback(() => news.close());
      });
      yield* sleep(0.001); // until the callbacks have run
      expect(news.subscribers).toBe(0);
    };
    const check = (name: string): void => {
      const log = seen.get(name) as number[];
      expect(log).toEqual([...new Set(log)].sort((left, right) => left - right));
      if (whenFull === "wait") expect(log).toEqual([0, 1, 2, 3, 4, 5]);
      if (whenFull === "drop oldest") expect(log).toContain(5);
    };
    sweepEverywhere(program, {
      check(_, at) {
        if (goesOn(at) && at.task !== "publisher") for (const name of ["one", "two"]) if (at.task !== name) check(name);
      },
    });
    const found = explore(program, { runs: 200, check: () => ["one", "two"].forEach(check) });
    expect(found.failure).toBeNull();
  });
});
