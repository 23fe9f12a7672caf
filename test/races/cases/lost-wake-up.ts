// Lost wake-ups: a signal comes when the one that it is for does not wait yet, or goes to one that cannot act on it.

import { Condition, Event, type Future, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "lost wake-up";

export const lostWakeUps: readonly RaceCase[] = [
  {
    name: "a mailbox is looked into, and then waited on",
    kind,
    racy: ["mailbox.check", "mailbox.gap", "mailbox.wait", "mailbox.wake"],
    *main() {
      const loop = getRunningLoop();
      const mail: string[] = [];
      let waiter: Future<void> | null = null;
      function* receive() {
        const isEmpty = mail.length === 0; // race: mailbox.check
        if (isEmpty) {
          yield* sleep(0); // race: mailbox.gap
          waiter = loop.createFuture();
          yield* waiter; // race: mailbox.wait
        }
        return mail.shift();
      }
      function* send(letter: string) {
        for (let word = 0; word < 3; word++) yield* sleep(0); // race: mailbox.wake
        mail.push(letter); // race: mailbox.wake
        waiter?.setResult(); // race: mailbox.wake
      }
      const [letter] = yield* gather(receive(), send("dear reader"));
      assert(letter === "dear reader", `got ${letter}`);
    },
  },
  {
    name: "an event is set and cleared at once",
    kind,
    window: 0.002,
    racy: ["pulse.set", "pulse.wait"],
    *main() {
      const tick = new Event();
      function* clock() {
        yield* sleep(0.005); // race: pulse.set
        tick.set(); // race: pulse.set
        tick.clear();
      }
      function* render(loading: number) {
        yield* sleep(loading); // race: pulse.wait
        yield* tick.wait(); // race: pulse.wait
      }
      yield* gather(clock(), render(0.001), render(0.004));
    },
  },
  {
    name: "one condition for those who put and those who take",
    kind,
    racy: ["buffer.put", "buffer.wait", "buffer.take"],
    *main() {
      const condition = new Condition();
      const buffer: number[] = [];
      function* put(item: number) {
        yield* condition.acquire();
        while (buffer.length > 0) yield* condition.wait(); // race: buffer.wait
        buffer.push(item);
        condition.notify(); // race: buffer.put
        condition.release();
      }
      function* take() {
        yield* condition.acquire();
        while (buffer.length === 0) yield* condition.wait(); // race: buffer.take
        buffer.pop();
        condition.notify(); // race: buffer.take
        condition.release();
      }
      yield* gather(put(1), put(2), take(), take());
    },
  },
  {
    name: "a consumer looks once, and takes what another one has taken",
    kind,
    window: 0.001,
    racy: ["once.check", "once.wait", "once.take"],
    *main() {
      const condition = new Condition();
      const jobs: string[] = [];
      function* consume(startsAt: number) {
        yield* sleep(startsAt); // race: once.check
        yield* condition.acquire();
        if (jobs.length === 0) yield* condition.wait(); // race: once.check race: once.wait
        const job = jobs.shift(); // race: once.take
        condition.release();
        assert(job !== undefined, "woken, and there is no job");
      }
      function* produce(job: string) {
        yield* condition.acquire();
        jobs.push(job);
        condition.notify();
        condition.release();
        yield* sleep(0.001);
      }
      const consumers = [createTask(consume(0)), createTask(consume(0.001))];
      yield* sleep(0.0015);
      for (const job of ["resize", "upload"]) yield* produce(job);
      yield* gather(consumers);
    },
  },
  {
    name: "the last of a batch is signalled before the count is raised",
    kind,
    window: 0.003,
    racy: ["batch.start", "batch.done"],
    *main() {
      const idle = new Event();
      let active = 0;
      const results: number[] = [];
      function* part(id: number, seconds: number) {
        active++; // race: batch.start
        yield* sleep(seconds); // race: batch.done
        results.push(id);
        if (--active === 0) idle.set(); // race: batch.done
      }
      for (let id = 0; id < 3; id++) {
        createTask(part(id, 0.005));
        yield* sleep(0.003); // race: batch.start
      }
      yield* idle.wait();
      assert(results.length === 3, `${results.length} of 3 parts are done`);
    },
  },
  {
    name: "control: a bounded buffer with a condition for each side",
    kind,
    racy: null,
    *main() {
      const condition = new Condition();
      const buffer: number[] = [];
      const taken: number[] = [];
      function* put(item: number) {
        yield* condition.acquire();
        while (buffer.length > 0) yield* condition.wait();
        buffer.push(item);
        condition.notifyAll();
        condition.release();
      }
      function* take() {
        yield* condition.acquire();
        while (buffer.length === 0) yield* condition.wait();
        taken.push(buffer.pop() as number);
        condition.notifyAll();
        condition.release();
      }
      yield* gather(take(), put(1), put(2), take(), put(3), take());
      assert(new Set(taken).size === 3 && taken.length === 3, `taken: ${taken.join()}`);
    },
  },
  {
    name: "control: consumers look again behind each wake-up",
    kind,
    window: 0.003,
    racy: null,
    *main() {
      const condition = new Condition();
      const jobs: string[] = [];
      const done: string[] = [];
      function* consume(startsAt: number) {
        yield* sleep(startsAt);
        yield* condition.with(function* () {
          done.push((yield* condition.waitFor(() => jobs.shift())) as string);
        });
      }
      function* produce(at: number, job: string) {
        yield* sleep(at);
        yield* condition.with(function* () {
          jobs.push(job);
          condition.notify();
        });
      }
      yield* gather(
        consume(0),
        produce(0.001, "a"),
        consume(0.001),
        consume(0.002),
        produce(0.002, "b"),
        produce(0, "c"),
      );
      assert(done.toSorted().join() === "a,b,c", `done: ${done.join()}`);
    },
  },
];
