// Pools of connections: too many, lost, or used by two.

import { CancelledError, Queue, Semaphore, TimeoutError, createTask, gather, sleep, wait, waitFor } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "connection pool";

export const pools: readonly RaceCase[] = [
  {
    name: "a pool opens more connections than it may",
    kind,
    window: 0.005,
    racy: ["most.check", "most.open", "most.count"],
    *main() {
      const pool = { open: 0, most: 2, idle: [] as number[] };
      let highest = 0;
      function* acquire() {
        const connection = pool.idle.pop();
        if (connection !== undefined) return connection;
        assert(pool.open < pool.most, "no connection is left"); // race: most.check
        yield* sleep(0.003); // race: most.open
        pool.open++; // race: most.count
        highest = Math.max(highest, pool.open);
        return pool.open;
      }
      function* request(at: number) {
        yield* sleep(at);
        const connection = yield* acquire(); // race: most.open
        yield* sleep(0.004);
        pool.idle.push(connection);
      }
      yield* gather(request(0.001), request(0.006), request(0.009));
      assert(highest <= pool.most, `${highest} connections are open`);
    },
  },
  {
    name: "a connection is lost when its request is cancelled in the first ping",
    kind,
    window: 0.006,
    racy: ["ping.wait", "ping.cancel"],
    *main() {
      const pool = new Queue<string>();
      pool.putNowait("c1");
      function* request() {
        const connection = yield* pool.get();
        yield* sleep(0.002); // race: ping.wait
        try {
          yield* sleep(0.003);
        } finally {
          pool.putNowait(connection);
        }
      }
      const request1 = createTask(request(), { name: "request 1" });
      yield* sleep(0.008); // race: ping.cancel
      request1.cancel(); // race: ping.cancel
      yield* wait([request1]);
      yield* request();
    },
  },
  {
    name: "a reaper closes a connection that was borrowed meanwhile",
    kind,
    window: 0.004,
    racy: ["reap.check", "reap.ping", "reap.close", "reap.borrow"],
    *main() {
      const connection = { open: true, borrowed: false };
      function* reap() {
        yield* sleep(0.005);
        if (connection.borrowed) return; // race: reap.check
        yield* sleep(0.002); // race: reap.ping
        connection.open = false; // race: reap.close
      }
      function* query(at: number, seconds: number) {
        yield* sleep(at); // race: reap.borrow
        if (!connection.open) return "opens another one";
        connection.borrowed = true; // race: reap.borrow
        yield* sleep(seconds); // race: reap.borrow
        assert(connection.open, "the connection was closed under a query");
        connection.borrowed = false;
        return "rows";
      }
      yield* gather(reap(), query(0.001, 0.003), query(0.009, 0.001));
    },
  },
  {
    name: "two jobs need two connections each, of a pool of two",
    kind: "deadlock",
    racy: ["both.first", "both.second"],
    *main() {
      const pool = new Semaphore(2);
      function* copy(preparing: number) {
        for (let table = 0; table < preparing; table++) yield* sleep(0);
        yield* pool.acquire(); // race: both.first
        yield* sleep(0); // race: both.first
        yield* pool.acquire(); // race: both.second
        yield* sleep(0);
        pool.release();
        pool.release();
      }
      yield* gather(copy(0), copy(4));
    },
  },
  {
    name: "control: a pool under cancellations and deadlines keeps its connections",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const pool = new Queue<string>();
      for (const connection of ["c1", "c2"]) pool.putNowait(connection);
      const inUse = new Set<string>();
      function* request(seconds: number) {
        const connection = yield* waitFor(pool.get(), 0.008);
        try {
          assert(!inUse.has(connection), `${connection} is used by two`);
          inUse.add(connection);
          yield* sleep(seconds);
        } finally {
          inUse.delete(connection);
          pool.putNowait(connection);
        }
      }
      const requests = [0.004, 0.006, 0.004, 0.002, 0.001].map((seconds) => createTask(request(seconds)));
      yield* sleep(0.006);
      requests[1]?.cancel();
      requests[3]?.cancel();
      for (const result of yield* gather(requests, { returnExceptions: true })) {
        const expected = result === undefined || result instanceof CancelledError || result instanceof TimeoutError;
        assert(expected, String(result));
      }
      assert(pool.qsize() === 2, `${pool.qsize()} of 2 connections are left`);
    },
  },
  {
    name: "control: a job that needs two connections takes both in one turn",
    kind: "deadlock",
    racy: null,
    noLeaks: true,
    *main() {
      const pool = new Semaphore(2);
      const turn = new Semaphore(1);
      let copied = 0;
      function* copy(preparing: number) {
        for (let table = 0; table < preparing; table++) yield* sleep(0);
        yield* turn.with(function* () {
          yield* pool.acquire();
          yield* sleep(0);
          yield* pool.acquire();
        });
        yield* sleep(0);
        copied++;
        pool.release();
        yield* sleep(0);
        pool.release();
      }
      yield* gather(copy(0), copy(1), copy(0), copy(2));
      assert(copied === 4, `${copied} of 4 jobs are done`);
    },
  },
];
