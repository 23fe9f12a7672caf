// Shutdown: what still comes in while the program goes down, and what was begun and is not waited for.

import { CancelledError, Queue, QueueShutDown, type Task, createTask, gather, sleep, wait } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "shutdown";

export const shutdowns: readonly RaceCase[] = [
  {
    name: "workers are stopped when the queue is empty, and one still works",
    kind,
    window: 0.006,
    racy: ["drain.poll", "drain.work"],
    *main() {
      const queue = new Queue<number>();
      const done: number[] = [];
      function* work() {
        for (;;) {
          const job = yield* queue.get();
          yield* sleep(0.004); // race: drain.work
          done.push(job); // race: drain.work
        }
      }
      const worker = createTask(work(), { name: "worker" });
      for (let job = 0; job < 3; job++) queue.putNowait(job);
      while (!queue.empty()) yield* sleep(0.015); // race: drain.poll
      worker.cancel(); // race: drain.poll
      yield* wait([worker]);
      assert(done.length === 3, `${done.length} of 3 jobs are done`);
    },
  },
  {
    name: "a job is accepted by a queue that closes",
    kind,
    racy: ["submit.check", "submit.gap", "submit.put", "submit.close"],
    *main() {
      const service = { isOpen: true, jobs: new Queue<string>() };
      function* submit(job: string, validating: number) {
        if (!service.isOpen) return "closed"; // race: submit.check
        for (let field = 0; field < validating; field++) yield* sleep(0); // race: submit.gap
        yield* service.jobs.put(job); // race: submit.put
        return "accepted";
      }
      function* close(goodbyes: number) {
        for (let goodbye = 0; goodbye < goodbyes; goodbye++) yield* sleep(0); // race: submit.close
        service.isOpen = false; // race: submit.close
        service.jobs.shutdown(); // race: submit.close
      }
      yield* gather(submit("a", 1), submit("b", 2), close(5));
    },
  },
  {
    name: "the lines of a log are flushed twice",
    kind,
    window: 0.004,
    racy: ["flush.read", "flush.write", "flush.drop"],
    *main() {
      const buffer: string[] = [];
      const written: string[] = [];
      function* flush() {
        const lines = [...buffer]; // race: flush.read
        yield* sleep(0.002); // race: flush.write
        written.push(...lines);
        buffer.splice(0, lines.length); // race: flush.drop
      }
      function* flushNowAndThen() {
        for (let round = 0; round < 2; round++) {
          yield* sleep(0.01); // race: flush.read
          yield* flush(); // race: flush.write
        }
      }
      const flusher = createTask(flushNowAndThen(), { name: "flusher" });
      for (const line of ["start", "work", "stop"]) {
        buffer.push(line);
        yield* sleep(0.005);
      }
      yield* flush(); // race: flush.write
      yield* flusher;
      assert(written.join() === "start,work,stop", `written: ${written.join()}`);
    },
  },
  {
    name: "a server counts its requests too late to wait for them",
    kind,
    racy: ["active.parse", "active.count", "active.stop"],
    *main() {
      const server = { active: 0, stopping: false, closed: false };
      function* handle(headers: number) {
        if (server.stopping) return;
        for (let header = 0; header < headers; header++) yield* sleep(0); // race: active.parse
        server.active++; // race: active.count
        yield* sleep(0.001); // race: active.count
        assert(!server.closed, "a request is handled by a closed server");
        server.active--;
      }
      function* stop(ticks: number) {
        for (let tick = 0; tick < ticks; tick++) yield* sleep(0); // race: active.stop
        server.stopping = true; // race: active.stop
        while (server.active > 0) yield* sleep(0.01); // race: active.stop
        server.closed = true; // race: active.stop
      }
      yield* gather(handle(1), handle(2), stop(4));
    },
  },
  {
    name: "a record is saved by a task that nobody awaits",
    kind: "forgotten await",
    racy: ["save.task", "save.read"],
    *main() {
      const records = new Map<number, string>();
      function* save(id: number, text: string) {
        yield* sleep(0); // race: save.task
        records.set(id, text); // race: save.task
      }
      function* post(id: number, text: string) {
        createTask(save(id, text), { name: `save ${id}` }); // race: save.task
        yield* sleep(0); // race: save.read
        yield* sleep(0); // race: save.read
        return 201;
      }
      const status = yield* post(1, "hello"); // race: save.read
      assert(records.has(1), `${status}, and there is no record`);
    },
  },
  {
    name: "metrics are sent by a task that is left behind",
    kind: "forgotten await",
    window: 0.004,
    orders: "asyncio",
    noLeaks: true,
    racy: ["metrics.send", "metrics.return"],
    *main() {
      function* send(metric: string) {
        yield* sleep(0.008); // race: metrics.send
        return metric;
      }
      function* handle() {
        createTask(send("requests"), { name: "send" }); // race: metrics.send
        yield* sleep(0.01); // race: metrics.return
        return "page";
      }
      return yield* handle(); // race: metrics.return
    },
  },
  {
    name: "control: a queue is joined before its workers are stopped",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const queue = new Queue<number>(2);
      const done: number[] = [];
      function* work() {
        for (;;) {
          const job = yield* queue.get();
          yield* sleep(0.002 * (job % 3));
          done.push(job);
          if (job < 4) yield* queue.put(job + 4);
          queue.taskDone();
        }
      }
      const workers = [1, 2, 3, 4, 5].map((id) => createTask(work(), { name: `worker ${id}` }));
      for (const job of [0, 1, 2, 3]) yield* queue.put(job);
      yield* queue.join();
      for (const worker of workers) worker.cancel();
      yield* wait(workers);
      assert(new Set(done).size === 8 && done.length === 8, `done: ${done.join()}`);
    },
  },
  {
    name: "control: whoever submits to a closed queue is told so",
    kind,
    racy: null,
    noLeaks: true,
    *main() {
      const jobs = new Queue<string>(1);
      const done: string[] = [];
      function* submit(job: string, validating: number) {
        for (let field = 0; field < validating; field++) yield* sleep(0);
        try {
          yield* jobs.put(job);
          return "accepted";
        } catch (error) {
          if (error instanceof QueueShutDown) return "closed";
          throw error;
        }
      }
      function* work() {
        try {
          for (;;) {
            done.push(yield* jobs.get());
            yield* sleep(0);
          }
        } catch (error) {
          if (!(error instanceof QueueShutDown)) throw error;
        }
      }
      const workers = gather(work(), work());
      const submits = ["a", "b", "c", "d"].map((job, index) => createTask(submit(job, index)));
      for (let goodbye = 0; goodbye < 4; goodbye++) yield* sleep(0);
      jobs.shutdown();
      const answers = yield* gather(submits);
      yield* workers;
      const accepted = answers.filter((answer) => answer === "accepted").length;
      assert(accepted === done.length, `${accepted} accepted, ${done.length} done`);
    },
  },
  {
    name: "control: background tasks are kept, and awaited at the end",
    kind: "forgotten await",
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const background = new Set<Task<void>>();
      const saved: number[] = [];
      function* save(id: number) {
        yield* sleep(0.003 * id);
        saved.push(id);
      }
      function* post(id: number) {
        const task = createTask(save(id));
        background.add(task);
        task.addDoneCallback(() => background.delete(task));
        yield* sleep(0.004);
      }
      const posts = [1, 2, 3].map((id) => createTask(post(id)));
      yield* sleep(0.002);
      posts[2]?.cancel();
      for (const result of yield* gather(posts, { returnExceptions: true }))
        assert(result === undefined || result instanceof CancelledError, String(result));
      yield* gather([...background]);
      assert(saved.includes(1) && saved.includes(2), `saved: ${saved.join()}`);
    },
  },
];
