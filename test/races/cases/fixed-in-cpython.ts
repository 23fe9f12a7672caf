// Bugs that CPython's own asyncio had around cancellation, as patterns: primitives written by hand over futures, as
// people still write them. The controls do the same with the library's.

import {
  CancelledError,
  Condition,
  type Coroutine,
  Event,
  FIRST_COMPLETED,
  type Future,
  Lock,
  Queue,
  Semaphore,
  TimeoutError,
  createTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  wait,
  waitFor,
} from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "cancel against completion";

export const fixedInCPython: readonly RaceCase[] = [
  {
    name: "a semaphore's permit goes down with a cancelled waiter (gh-90155)",
    kind,
    window: 0.004,
    racy: ["permit.wait", "permit.release", "permit.cancel"],
    *main() {
      const loop = getRunningLoop();
      const waiters: Future<void>[] = [];
      let free = 1;
      function* acquire() {
        if (free > 0) {
          free--;
          return;
        }
        const waiter: Future<void> = loop.createFuture();
        waiters.push(waiter);
        yield* waiter; // race: permit.wait
      }
      function release() {
        const waiter = waiters.find((each) => !each.done());
        waiters.splice(0, waiter === undefined ? waiters.length : waiters.indexOf(waiter) + 1);
        if (waiter === undefined) free++;
        else waiter.setResult(); // it has the permit now
      }
      function* request(seconds: number) {
        yield* acquire(); // race: permit.wait
        try {
          yield* sleep(seconds); // race: permit.release
        } finally {
          release(); // race: permit.release
        }
      }
      const requests = [0.01, 0.001, 0.001].map((seconds) => createTask(request(seconds)));
      yield* sleep(0.013); // race: permit.cancel
      requests[1]?.cancel(); // race: permit.cancel
      yield* wait(requests);
    },
  },
  {
    name: "an item is handed to a getter that is being cancelled",
    kind,
    window: 0.003,
    racy: ["handed.get", "handed.put", "handed.cancel"],
    *main() {
      const loop = getRunningLoop();
      const items: string[] = [];
      const getters: Future<string>[] = [];
      function put(item: string) {
        const getter = getters.shift();
        if (getter === undefined || getter.done()) items.push(item);
        else getter.setResult(item); // race: handed.put
      }
      function* get() {
        const item = items.shift();
        if (item !== undefined) return item;
        const getter: Future<string> = loop.createFuture();
        getters.push(getter);
        return yield* getter; // race: handed.get
      }
      const seen: string[] = [];
      function* consume() {
        for (;;) seen.push(yield* get()); // race: handed.get
      }
      function* produce() {
        yield* sleep(0.005); // race: handed.put
        put("order"); // race: handed.put
      }
      const consumer = createTask(consume(), { name: "consumer" });
      const producer = createTask(produce(), { name: "producer" });
      yield* sleep(0.007); // race: handed.cancel
      consumer.cancel(); // race: handed.cancel
      yield* wait([consumer, producer]);
      assert(seen.length + items.length === 1, "the order is lost");
    },
  },
  {
    name: "a lock's wake-up is lost with a cancelled waiter (bpo-32734)",
    kind: "lost wake-up",
    window: 0.004,
    racy: ["relock.wait", "relock.release", "relock.cancel"],
    *main() {
      const loop = getRunningLoop();
      const waiters: Future<void>[] = [];
      let locked = false;
      function* acquire() {
        if (locked || waiters.length > 0) {
          const waiter: Future<void> = loop.createFuture();
          waiters.push(waiter);
          try {
            yield* waiter; // race: relock.wait
          } finally {
            waiters.splice(waiters.indexOf(waiter), 1);
          }
        }
        locked = true;
      }
      function release() {
        locked = false;
        const next = waiters.find((waiter) => !waiter.done());
        next?.setResult(); // race: relock.release
      }
      function* update(seconds: number) {
        yield* acquire(); // race: relock.wait
        try {
          yield* sleep(seconds); // race: relock.release
        } finally {
          release(); // race: relock.release
        }
      }
      const updates = [0.01, 0.001, 0.001].map((seconds) => createTask(update(seconds)));
      yield* sleep(0.0135); // race: relock.cancel
      updates[1]?.cancel(); // race: relock.cancel
      yield* wait(updates);
    },
  },
  {
    name: "a condition notifies a waiter that is being cancelled",
    kind: "lost wake-up",
    window: 0.004,
    racy: ["notified.wait", "notified.notify", "notified.cancel"],
    *main() {
      const loop = getRunningLoop();
      const waiters = new Set<Future<void>>();
      let ladders = 0;
      function giveBack() {
        ladders++;
        for (const waiter of waiters) {
          if (waiter.done()) continue;
          waiter.setResult(); // race: notified.notify
          return;
        }
      }
      function* borrow() {
        while (ladders === 0) {
          const waiter: Future<void> = loop.createFuture();
          waiters.add(waiter);
          try {
            yield* waiter; // race: notified.wait
          } finally {
            waiters.delete(waiter);
          }
        }
        ladders--;
        try {
          yield* sleep(0.001); // race: notified.notify
        } finally {
          giveBack(); // race: notified.notify
        }
      }
      const [ann, bob] = [createTask(borrow(), { name: "ann" }), createTask(borrow(), { name: "bob" })];
      loop.callLater(0.005, giveBack); // race: notified.notify
      yield* sleep(0.0085); // race: notified.cancel
      ann.cancel(); // race: notified.cancel
      yield* wait([ann, bob]);
      assert(ladders === 1, `${ladders} ladders`);
    },
  },
  {
    name: "a wait with a deadline swallows its cancellation (bpo-37658)",
    kind,
    window: 0.004,
    racy: ["swallow.wait", "swallow.put", "swallow.cancel"],
    *main() {
      const jobs = new Queue<string>();
      function* within<T>(coroutine: Coroutine<T>, seconds: number) {
        const inner = createTask(coroutine); // race: swallow.wait
        try {
          return yield* waitFor(shield(inner), seconds); // race: swallow.wait
        } catch (error) {
          if (inner.done() && !inner.cancelled()) return inner.result(); // "there is a result after all"
          inner.cancel();
          throw error;
        }
      }
      const done: string[] = [];
      function* work() {
        for (;;) done.push(yield* within(jobs.get(), 3600)); // race: swallow.wait
      }
      const worker = createTask(work(), { name: "worker" });
      function* submit() {
        yield* sleep(0.005); // race: swallow.put
        yield* jobs.put("job"); // race: swallow.put
      }
      createTask(submit(), { name: "submit" });
      yield* sleep(0.008); // race: swallow.cancel
      worker.cancel(); // race: swallow.cancel
      yield* wait([worker], { timeout: 60 });
      assert(worker.cancelled(), "the worker works on although it was cancelled");
    },
  },
  {
    name: "two writers wait for the buffer to drain (gh-74116)",
    kind,
    window: 0.004,
    racy: ["drain.wait", "drain.resume"],
    *main() {
      const loop = getRunningLoop();
      const buffer = { bytes: 0 };
      let drained: Future<void> | null = null;
      function* drain() {
        if (buffer.bytes <= 64) return;
        assert(drained === null, "another coroutine is already waiting for drain"); // race: drain.wait
        drained = loop.createFuture();
        yield* drained; // race: drain.wait
      }
      function* network() {
        for (let round = 0; round < 3; round++) {
          yield* sleep(0.005); // race: drain.resume
          buffer.bytes = 0; // race: drain.resume
          drained?.setResult(); // race: drain.resume
          drained = null;
        }
      }
      function* send(at: number, bytes: number) {
        yield* sleep(at); // race: drain.wait
        buffer.bytes += bytes;
        yield* drain(); // race: drain.wait
      }
      yield* gather(network(), send(0.001, 100), send(0.008, 100));
    },
  },
  {
    name: "a gathering is cancelled, and its children save in their clean-up",
    kind,
    window: 0.004,
    racy: ["gathered.write", "gathered.cancel"],
    *main() {
      const saved: string[] = [];
      function* save(name: string, seconds: number) {
        yield* sleep(seconds); // race: gathered.write
        try {
          yield* sleep(0.001); // race: gathered.write
        } finally {
          saved.push(name);
        }
      }
      const all = gather(save("index", 0.004), save("pages", 0.008));
      yield* sleep(0.012); // race: gathered.cancel
      if (all.cancel()) saved.length = 0; // race: gathered.cancel
      try {
        yield* all;
      } catch (error) {
        if (!(error instanceof CancelledError)) throw error;
      }
      assert(saved.length === 2 || saved.length === 0, `half saved: ${saved.join()}`);
    },
  },
  {
    name: "control: a Lock under cancellation is never lost and never held twice",
    kind: "lost wake-up",
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const lock = new Lock();
      let inside = 0;
      function* update(seconds: number) {
        yield* lock.with(function* () {
          assert(++inside === 1, "two hold the lock");
          try {
            yield* sleep(seconds);
          } finally {
            inside--;
          }
        });
      }
      const updates = [0.01, 0.001, 0.002, 0.001].map((seconds) => createTask(update(seconds)));
      yield* sleep(0.01);
      updates[1]?.cancel();
      yield* sleep(0.001);
      updates[2]?.cancel();
      const results = yield* gather(updates, { returnExceptions: true });
      for (const result of results) assert(result === undefined || result instanceof CancelledError, String(result));
      assert(!lock.locked(), "the lock is held by nobody");
    },
  },
  {
    name: "control: a Queue under cancellation and timeouts loses no item",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const queue = new Queue<number>(2);
      const seen: number[] = [];
      function* consume() {
        for (;;) {
          try {
            seen.push(yield* waitFor(queue.get(), 0.004));
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
            yield* sleep(0.001);
          }
        }
      }
      function* produce(items: number[]) {
        for (const item of items) {
          yield* queue.put(item);
          yield* sleep(0.003);
        }
      }
      const consumers = [createTask(consume()), createTask(consume())];
      const producers = gather(produce([1, 3, 5]), produce([2, 4, 6]));
      yield* sleep(0.006);
      consumers[0]?.cancel();
      yield* producers;
      consumers[1]?.cancel();
      yield* wait(consumers);
      while (!queue.empty()) seen.push(queue.getNowait());
      assert(new Set(seen).size === 6 && seen.length === 6, `seen: ${seen.join()}`);
    },
  },
  {
    name: "control: a Semaphore hands its permits on when waiters are cancelled",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const slots = new Semaphore(2);
      let most = 0;
      let inside = 0;
      function* request(seconds: number) {
        yield* slots.with(function* () {
          most = Math.max(most, ++inside);
          try {
            yield* sleep(seconds);
          } finally {
            inside--;
          }
        });
      }
      const requests = [0.006, 0.006, 0.002, 0.002, 0.002].map((seconds) => createTask(request(seconds)));
      yield* sleep(0.006);
      requests[2]?.cancel();
      requests[3]?.cancel();
      yield* wait(requests);
      assert(most <= 2 && inside === 0, `${most} at a time, ${inside} left`);
      yield* slots.with(() => slots.with(() => sleep(0)));
    },
  },
  {
    name: "control: a Condition passes on the notification of a cancelled waiter",
    kind: "lost wake-up",
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const condition = new Condition();
      let stock = 0;
      function* buy() {
        yield* condition.with(function* () {
          yield* condition.waitFor(() => stock > 0);
          stock--;
        });
      }
      function* deliver() {
        for (let box = 0; box < 3; box++) {
          yield* sleep(0.004);
          yield* condition.with(function* () {
            stock++;
            condition.notify();
          });
        }
      }
      const buyers = [createTask(buy()), createTask(buy()), createTask(buy())];
      const delivery = createTask(deliver());
      yield* sleep(0.009);
      buyers[0]?.cancel();
      yield* wait([...buyers, delivery]);
      const sold = buyers.filter((buyer) => !buyer.cancelled()).length;
      assert(stock + sold === 3, `${sold} sold, ${stock} left`);
    },
  },
  {
    name: "control: a worker is told to stop by an event, and finishes what it began",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const jobs = new Queue<number>();
      const stopping = new Event();
      const done: number[] = [];
      function* work() {
        const stop = createTask(stopping.wait());
        while (!stopping.isSet() || !jobs.empty()) {
          const get = createTask(jobs.get());
          yield* wait([get, stop], { returnWhen: FIRST_COMPLETED });
          if (!get.done()) {
            get.cancel();
            yield* wait([get]);
          }
          if (get.cancelled()) break;
          yield* sleep(0.002);
          done.push(get.result());
        }
        yield* wait([stop]);
      }
      const worker = createTask(work());
      for (let job = 0; job < 4; job++) {
        jobs.putNowait(job);
        yield* sleep(0.003);
      }
      stopping.set();
      yield* worker;
      assert(done.length + jobs.qsize() === 4, `${done.length} done, ${jobs.qsize()} left`);
    },
  },
];
