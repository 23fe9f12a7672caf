// Executors of queues in simulations: jobs are tasks of the program's own loop, in virtual time. No Redis is there.

import { describe, expect, test } from "vitest";
import { type Coroutine, forEach, gather, sleep, timeout } from "wasyncio";
import { BullMQExecutor, type BullMQExecutorOptions, type QueuedJob } from "wasyncio/bullmq";
import { currentJob, job, runInExecutor } from "wasyncio/executors";
import { explore, simulate, sweep } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";

let log: string[] = [];
/** What jobs change. */
let balance = 0;

const nap = job(import.meta, function* nap(seconds: number, name: string) {
  log.push(`${name} begins`);
  try {
    yield* sleep(seconds);
    return name;
  } finally {
    log.push(`${name} over`);
  }
});

const flaky = job(import.meta, function flaky(succeedsAt: number) {
  const attempt = currentJob()?.attempt ?? 0;
  if (attempt < succeedsAt) throw new RangeError(`not at ${attempt}`);
  return attempt;
});

const told = job(import.meta, function told(value: object) {
  currentJob()?.progress(value);
  return { same: value, key: currentJob()?.key };
});

const dated = job(import.meta, function dated() {
  return new Date(0);
});

const withdraw = job(import.meta, function* withdraw(amount: number) {
  const seen = balance;
  yield* sleep(0);
  balance = seen - amount;
});

const inCluster =
  <T>(body: (cluster: BullMQExecutor) => Coroutine<T>, options: Partial<BullMQExecutorOptions> = {}) =>
  (): Coroutine<T> =>
    new BullMQExecutor({ queue: "jobs", ...options }).with(body);

describe("a simulated queue", () => {
  test("takes no time but that of its jobs, and runs ten at once", () => {
    log = [];
    const { time, value } = simulate(
      inCluster(function* (cluster) {
        return yield* gather(
          Array.from({ length: 11 }, (_, index) => runInExecutor(cluster, nap, 3600, `job ${index}`)),
        );
      }),
    );
    expect([time, value?.length]).toEqual([7200, 11]);
    expect(log.indexOf("job 10 begins")).toBeGreaterThan(log.indexOf("job 0 over"));
  });

  test("tries again, later each time", () => {
    const { time, value } = simulate(
      inCluster((cluster) => cluster.submit(flaky, 4) as unknown as Coroutine<number>, {
        attempts: 4,
        backoff: { minutes: 1 },
        backoffType: "exponential",
      }),
    );
    expect([time, value]).toEqual([60 + 120 + 240, 4]);
  });

  test("fails with the error of the last attempt", () => {
    const { value } = simulate(inCluster((cluster) => attemptAwait(cluster.submitWith({ attempts: 2 }, flaky, 9))));
    expect(value).toBe("RangeError('not at 2')");
  });

  test("does not try again what was cancelled, and has failed of that", () => {
    let runs = 0;
    const failOfCancel = job(import.meta, function* failOfCancel() {
      runs++;
      try {
        yield* sleep(10);
      } catch (error) {
        throw new RangeError("cancelled", { cause: error });
      }
    });
    const program = inCluster(function* (cluster) {
      const future = cluster.submitWith({ attempts: 3 }, failOfCancel);
      yield* sleep(1);
      future.cancel();
      yield* sleep(60);
    });
    simulate(program);
    expect(runs).toBe(1);
  });

  test("gives jobs the same keys each time", () => {
    const keys = (seed: number) =>
      simulate(
        inCluster(function* (cluster) {
          const futures = [1, 2].map((value) => cluster.submit(told, { value }));
          yield* gather(futures);
          return futures.map(({ key }) => key);
        }),
        { seed },
      ).value;
    expect(new Set(keys(1)).size).toBe(2);
    expect(keys(1)).toEqual(keys(1));
    expect(keys(1)).not.toEqual(keys(2));
  });

  test("goes by priority, and by delay", () => {
    log = [];
    simulate(
      inCluster(function* (cluster) {
        const busy = Array.from({ length: 10 }, () => cluster.submit(nap, 1, "busy"));
        yield* sleep(0.5);
        log = [];
        const ordered = [
          cluster.submitWith({ priority: 2 }, nap, 0, "low"),
          cluster.submitWith({ delay: 10 }, nap, 0, "late"),
          cluster.submitWith({ priority: 1 }, nap, 0, "high"),
        ];
        yield* gather(...busy, ...ordered);
      }),
    );
    expect(log.filter((line) => /(low|high|late) begins/.test(line))).toEqual([
      "high begins",
      "low begins",
      "late begins",
    ]);
  });

  test("has a key once, and keeps what came of it", () => {
    log = [];
    const { value } = simulate(
      inCluster(function* (cluster) {
        const submit = (): QueuedJob<string> => cluster.submitWith({ key: "once" }, nap, 1, "job");
        const both = yield* gather(submit(), submit());
        return [...both, yield* submit(), yield* cluster.attach("once"), yield* attemptAwait(cluster.attach("other"))];
      }),
    );
    expect(value?.slice(0, 4)).toEqual(["job", "job", "job", "job"]);
    expect(value?.[4]).toMatch(/^JobNotFoundError\(/);
    expect(log).toEqual(["job begins", "job over"]);
  });

  test("copies as JSON does, both ways", () => {
    const given = { list: [1] };
    const seen: unknown[] = [];
    const { value } = simulate(
      inCluster(function* (cluster) {
        const future = cluster.submitWith({ key: "copied" }, told, given);
        yield* forEach(future.progress, (each) => void seen.push(each));
        return [yield* future, yield* attemptAwait(cluster.submit(dated))] as const;
      }),
    );
    expect([value?.[0], seen]).toEqual([{ same: given, key: "copied" }, [given]]);
    expect([value?.[0].same === given, seen[0] === given]).toEqual([false, false]);
    expect(value?.[1]).toBe("TypeError('Cannot send the result: JSON does not keep objects of Date')");
  });

  test("cancels what runs, and what waits", () => {
    log = [];
    const { time, value } = simulate(
      inCluster(function* (cluster) {
        const late = timeout(5).with(() => cluster.submit(nap, 60, "running"));
        const delayed = cluster.submitWith({ delay: 60 }, nap, 1, "delayed");
        const failure = yield* attemptAwait(late);
        delayed.cancel();
        return [failure, yield* attemptAwait(delayed)];
      }),
    );
    expect([time, value]).toEqual([5, ["TimeoutError()", "CancelledError()"]]);
    expect(log).toEqual(["running begins", "running over"]);
  });

  test("is searched for races, and swept", () => {
    const program = inCluster(function* (cluster) {
      balance = 100;
      yield* gather(cluster.submit(withdraw, 30), cluster.submit(withdraw, 50));
      if (balance !== 20) throw new Error(`lost: ${balance}`);
    });
    expect(explore(program).failure?.error).toMatchObject({ message: expect.stringMatching(/^lost: (50|70)$/) });
    const napping = inCluster(function* (cluster) {
      yield* cluster.submit(nap, 1, "job");
    });
    expect(sweep(napping).failures).toEqual([]);
  });
});
