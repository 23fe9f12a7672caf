// How each library is used: as its documentation shows, and as something that other code is called through. Lowered and
// bundled with the libraries, as they come from npm, by the test.

import * as callbacks from "async";
import asyncRetry from "async-retry";
import { Mutex, withTimeout } from "async-mutex";
import { Sema } from "async-sema";
import Bottleneck from "bottleneck";
import { ConstantBackoff, bulkhead, handleAll, retry, wrap } from "cockatiel";
import DataLoader from "dataloader";
import delay from "delay";
import { backOff } from "exponential-backoff";
import { promise as fastq } from "fastq";
import CircuitBreaker from "opossum";
import pAll from "p-all";
import pAny from "p-any";
import pDebounce from "p-debounce";
import pDefer from "p-defer";
import pDoWhilst from "p-do-whilst";
import pEachSeries from "p-each-series";
import pEvery from "p-every";
import pFilter from "p-filter";
import pForever from "p-forever";
import PLazy from "p-lazy";
import pLimit from "p-limit";
import pLocate from "p-locate";
import pMap from "p-map";
import pMapSeries from "p-map-series";
import pMemoize from "p-memoize";
import pMinDelay from "p-min-delay";
import pOne from "p-one";
import pPipe from "p-pipe";
import pProps from "p-props";
import PQueue from "p-queue";
import pReduce from "p-reduce";
import pReflect from "p-reflect";
import pRetry from "p-retry";
import pSeries from "p-series";
import pSettle from "p-settle";
import pSome from "p-some";
import pTap from "p-tap";
import pThrottle from "p-throttle";
import pTimeout from "p-timeout";
import pTimes from "p-times";
import pWaitFor from "p-wait-for";
import pWaterfall from "p-waterfall";
import promiseRetry from "promise-retry";
import { PromisePool } from "@supercharge/promise-pool";

/** Gives a value in so many seconds. */
export const after = (seconds, value) => new Promise((resolve) => setTimeout(() => resolve(value), seconds * 1000));

/** Three that take 3, 1 and 2 seconds, and give that. */
const SECONDS = [3, 1, 2];
const jobs = SECONDS.map((each) => () => after(each, each));
const running = () => jobs.map((job) => job());

/** A function that fails after a second, two times, and then gives how often it was called. */
function failingTwice() {
  let calls = 0;
  return async () => {
    await after(1);
    if (++calls < 3) throw new Error(`failed ${calls}`);
    return calls;
  };
}

/** A function that gives what it is given, after a second, and notes it. */
function noting() {
  const noted = [];
  const note = async (value) => {
    await after(1);
    noted.push(value);
    return value;
  };
  return { noted, note };
}

/** The function by which something is called back, from a promise. */
const callingBack = (promise, done) => {
  promise.then(
    (value) => done(null, value),
    (error) => done(error),
  );
};

/**
 * For each library: `use` gives `result` in so many `seconds`; `through` calls an async function by the library, and
 * gives what that gives.
 */
export const libraries = {
  "@supercharge/promise-pool": {
    use: async () =>
      (
        await PromisePool.for(jobs)
          .withConcurrency(2)
          .process((job) => job())
      ).results,
    result: [1, 3, 2],
    seconds: 3,
    through: async (work) => (await PromisePool.for([work]).process((each) => each())).results[0],
  },
  async: {
    use: () => callbacks.mapLimit(jobs, 2, (job, done) => callingBack(job(), done)),
    result: SECONDS,
    seconds: 3,
    through: (work) => callbacks.map([work], (each, done) => callingBack(each(), done)).then(([value]) => value),
  },
  "async-mutex": {
    use: () => {
      const mutex = new Mutex();
      return Promise.all(jobs.map((job) => mutex.runExclusive(job)));
    },
    result: SECONDS,
    seconds: 6,
    through: (work) => withTimeout(new Mutex(), 1e6).runExclusive(work),
  },
  "async-retry": {
    use: () => asyncRetry(failingTwice(), { minTimeout: 1000, randomize: false }),
    result: 3,
    seconds: 3 + 1 + 2,
    through: (work) => asyncRetry(work, { retries: 0 }),
  },
  "async-sema": {
    use: async () => {
      const semaphore = new Sema(2);
      const guarded = async (job) => {
        await semaphore.acquire();
        try {
          return await job();
        } finally {
          semaphore.release();
        }
      };
      return [await Promise.all(jobs.map(guarded)), semaphore.nrWaiting()];
    },
    result: [SECONDS, 0],
    seconds: 3,
    through: async (work) => {
      const semaphore = new Sema(1);
      await semaphore.acquire();
      try {
        return await work();
      } finally {
        semaphore.release();
      }
    },
  },
  bottleneck: {
    use: () => {
      const limiter = new Bottleneck({ maxConcurrent: 1, minTime: 2000 });
      return Promise.all(jobs.map((job) => limiter.schedule(job)));
    },
    result: SECONDS,
    seconds: 3 + 2 + 2,
    through: (work) => new Bottleneck().schedule(work),
  },
  cockatiel: {
    use: () =>
      wrap(retry(handleAll, { maxAttempts: 5, backoff: new ConstantBackoff(500) }), bulkhead(1)).execute(
        failingTwice(),
      ),
    result: 3,
    seconds: 3 + 0.5 + 0.5,
    through: (work) => retry(handleAll, { maxAttempts: 1 }).execute(work),
  },
  dataloader: {
    use: async () => {
      const { noted, note } = noting();
      const loader = new DataLoader((keys) => note(keys));
      return [await Promise.all([loader.load("a"), loader.load("b"), loader.load("a")]), noted];
    },
    result: [["a", "b", "a"], [["a", "b"]]],
    seconds: 1,
    through: (work) => new DataLoader(async ([key]) => [await work(key)]).load(1),
  },
  delay: {
    use: () => delay(2500, { value: "late" }),
    result: "late",
    seconds: 2.5,
    through: async (work) => {
      await delay(10);
      return work();
    },
  },
  "exponential-backoff": {
    use: () => backOff(failingTwice(), { startingDelay: 1000 }),
    result: 3,
    seconds: 3 + 1 + 2,
    through: (work) => backOff(work, { numOfAttempts: 1 }),
  },
  fastq: {
    use: () => {
      const queue = fastq((job) => job(), 2);
      return Promise.all(jobs.map((job) => queue.push(job)));
    },
    result: SECONDS,
    seconds: 3,
    through: (work) => fastq((job) => job(), 1).push(work),
  },
  opossum: {
    use: async () => {
      const breaker = new CircuitBreaker((seconds) => after(seconds, seconds), { timeout: 2000 });
      const results = [];
      for (const each of [1, 3, 1]) results.push(await breaker.fire(each).catch(({ message }) => message));
      breaker.shutdown();
      return results;
    },
    result: [1, "Timed out after 2000ms", 1],
    seconds: 4,
    through: async (work) => {
      const breaker = new CircuitBreaker(work, { timeout: false });
      try {
        return await breaker.fire();
      } finally {
        breaker.shutdown();
      }
    },
  },
  "p-all": {
    use: () => pAll(jobs, { concurrency: 2 }),
    result: SECONDS,
    seconds: 3,
    through: (work) => pAll([work]).then(([value]) => value),
  },
  "p-any": {
    use: async () => await pAny(running()), // which is none of the language's promises
    result: 1,
    seconds: 1,
    through: (work) => pAny([work()]),
  },
  "p-debounce": {
    use: () => {
      const { note } = noting();
      const debounced = pDebounce(note, 500);
      return Promise.all(["a", "b", "c"].map((each) => debounced(each)));
    },
    result: ["c", "c", "c"],
    seconds: 1.5,
    through: (work) => pDebounce(work, 10)(),
  },
  "p-defer": {
    use: () => {
      const { promise, resolve } = pDefer();
      setTimeout(() => resolve("later"), 2000);
      return promise;
    },
    result: "later",
    seconds: 2,
    through: (work) => {
      const { promise, resolve, reject } = pDefer();
      work().then(resolve, reject);
      return promise;
    },
  },
  "p-do-whilst": {
    use: async () => {
      let count = 0;
      await pDoWhilst(
        () => after(1, ++count),
        (value) => value < 3,
      );
      return count;
    },
    result: 3,
    seconds: 3,
    through: async (work) => {
      let value;
      await pDoWhilst(
        async () => (value = await work()),
        () => false,
      );
      return value;
    },
  },
  "p-each-series": {
    use: () => pEachSeries(jobs, (job) => job()).then((each) => each.length),
    result: 3,
    seconds: 6,
    through: async (work) => {
      let value;
      await pEachSeries([work], async (each) => void (value = await each()));
      return value;
    },
  },
  "p-every": {
    use: () => pEvery(jobs, async (job) => (await job()) < 3, { concurrency: 1 }),
    result: false,
    seconds: 3,
    through: (work) => pEvery([work], (each) => each()),
  },
  "p-filter": {
    use: () => pFilter(SECONDS, async (each) => (await after(each, each)) > 1, { concurrency: 1 }),
    result: [3, 2],
    seconds: 6,
    through: (work) => pFilter([work], (each) => each()),
  },
  "p-forever": {
    use: async () => {
      let last = 0;
      await pForever(async (count) => ((last = await after(1, count + 1)) < 3 ? last : pForever.end), 0);
      return last;
    },
    result: 3,
    seconds: 3,
    through: async (work) => {
      let value;
      await pForever(async () => {
        value = await work();
        return pForever.end;
      });
      return value;
    },
  },
  "p-lazy": {
    use: async () => {
      const { noted, note } = noting();
      const lazy = PLazy.from(() => note("asked"));
      await after(2);
      return [noted.length, await lazy, lazy instanceof Promise];
    },
    result: [0, "asked", true],
    seconds: 3,
    through: async (work) => await PLazy.from(work),
  },
  "p-limit": {
    use: () => {
      const limit = pLimit(2);
      return Promise.all([...jobs, ...jobs].map((job) => limit(job)));
    },
    result: [...SECONDS, ...SECONDS],
    seconds: 6,
    through: (work) => pLimit(1)(work),
  },
  "p-locate": {
    use: () => pLocate(running(), (value) => value < 3),
    result: 1,
    seconds: 3,
    through: (work) => pLocate([work], (each) => each()),
  },
  "p-map": {
    use: () => pMap(jobs, (job) => job(), { concurrency: 2 }),
    result: SECONDS,
    seconds: 3,
    through: (work) => pMap([work], (each) => each()).then(([value]) => value),
  },
  "p-map-series": {
    use: () => pMapSeries(jobs, (job) => job()),
    result: SECONDS,
    seconds: 6,
    through: (work) => pMapSeries([work], (each) => each()).then(([value]) => value),
  },
  "p-memoize": {
    use: async () => {
      const { noted, note } = noting();
      const memoised = pMemoize(note);
      return [await Promise.all([memoised("a"), memoised("a")]), await memoised("a"), noted];
    },
    result: [["a", "a"], "a", ["a"]],
    seconds: 1,
    through: (work) => pMemoize(work)(),
  },
  "p-min-delay": {
    use: () => Promise.all([pMinDelay(after(1, "fast"), 2000), pMinDelay(after(3, "slow"), 2000)]),
    result: ["fast", "slow"],
    seconds: 3,
    through: (work) => pMinDelay(work(), 1),
  },
  "p-one": {
    use: () => pOne(jobs, async (job) => (await job()) === 1, { concurrency: 1 }),
    result: true,
    seconds: 4,
    through: (work) => pOne([work], (each) => each()),
  },
  "p-pipe": {
    use: () =>
      pPipe(
        (value) => after(1, value + 1),
        (value) => after(2, value * 10),
      )(1),
    result: 20,
    seconds: 3,
    through: (work) => pPipe(work, (value) => value)(),
  },
  "p-props": {
    use: () => pProps({ a: after(1, "A"), b: after(2, "B") }),
    result: { a: "A", b: "B" },
    seconds: 2,
    through: (work) => pProps({ value: work() }).then(({ value }) => value),
  },
  "p-queue": {
    use: async () => {
      const queue = new PQueue({ concurrency: 5, interval: 60_000, intervalCap: 10 });
      const results = await queue.addAll(Array.from({ length: 30 }, (_, index) => () => after(1, index)));
      return results.length;
    },
    result: 30,
    seconds: 120 + 1 + 1,
    through: (work) => new PQueue({ concurrency: 1 }).add(work),
  },
  "p-reduce": {
    use: () => pReduce(SECONDS, async (sum, each) => sum + (await after(each, each)), 0),
    result: 6,
    seconds: 6,
    through: (work) => pReduce([work], (_, each) => each(), null),
  },
  "p-reflect": {
    use: () => pReflect(failingTwice()()).then(({ status, reason }) => [status, reason.message]),
    result: ["rejected", "failed 1"],
    seconds: 1,
    through: (work) => pReflect(work()).then(({ value }) => value),
  },
  "p-retry": {
    use: () => pRetry(failingTwice(), { minTimeout: 1000 }),
    result: 3,
    seconds: 3 + 1 + 2,
    through: (work) => pRetry(work, { retries: 0 }),
  },
  "p-series": {
    use: () => pSeries(jobs),
    result: SECONDS,
    seconds: 6,
    through: (work) => pSeries([work]).then(([value]) => value),
  },
  "p-settle": {
    use: () => pSettle([jobs[0](), failingTwice()()]).then((all) => all.map(({ status }) => status)),
    result: ["fulfilled", "rejected"],
    seconds: 3,
    through: (work) => pSettle([work]).then(([{ value }]) => value),
  },
  "p-some": {
    use: () => pSome(running(), { count: 2 }),
    result: [1, 2],
    seconds: 2,
    through: (work) => pSome([work()], { count: 1 }).then(([value]) => value),
  },
  "p-tap": {
    use: async () => {
      const { noted, note } = noting();
      return [await after(1, "value").then(pTap(note)), noted];
    },
    result: ["value", ["value"]],
    seconds: 2,
    through: async (work) => {
      let value;
      await Promise.resolve().then(pTap(async () => (value = await work())));
      return value;
    },
  },
  "p-throttle": {
    use: () => {
      const throttled = pThrottle({ limit: 2, interval: 1000 })((value) => value);
      return Promise.all([1, 2, 3, 4, 5].map((each) => throttled(each)));
    },
    result: [1, 2, 3, 4, 5],
    seconds: 2,
    through: (work) => pThrottle({ limit: 1, interval: 10 })(work)(),
  },
  "p-timeout": {
    use: () => pTimeout(after(5), { milliseconds: 2000 }).catch((error) => error.message),
    result: "Promise timed out after 2000 milliseconds",
    seconds: 2,
    through: (work) => pTimeout(work(), { milliseconds: 1e6 }),
  },
  "p-times": {
    use: () => pTimes(4, (index) => after(1, index), { concurrency: 2 }),
    result: [0, 1, 2, 3],
    seconds: 2,
    through: (work) => pTimes(1, work).then(([value]) => value),
  },
  "p-wait-for": {
    use: async () => {
      let isReady = false;
      setTimeout(() => (isReady = true), 950);
      await pWaitFor(() => isReady, { interval: 100 });
      return isReady;
    },
    result: true,
    seconds: 1,
    through: (work) => pWaitFor(async () => pWaitFor.resolveWith(await work())),
  },
  "p-waterfall": {
    use: () => pWaterfall([() => after(1, 1), (value) => after(1, value + 1)]),
    result: 2,
    seconds: 2,
    through: (work) => pWaterfall([work]),
  },
  "promise-retry": {
    use: () => {
      const work = failingTwice();
      return promiseRetry((again) => work().catch(again));
    },
    result: 3,
    seconds: 3 + 1 + 2,
    through: (work) => promiseRetry((again) => work().catch(again), { retries: 0 }),
  },
};
