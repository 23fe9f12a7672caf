// Releases that come twice, or from one who holds nothing.

import { BoundedSemaphore, CancelledError, Lock, createTask, gather, getRunningLoop, sleep, wait } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "double release";

export const doubleReleases: readonly RaceCase[] = [
  {
    name: "a watchdog gives back the permit of a job that gives it back itself",
    kind,
    window: 0.005,
    orders: "asyncio",
    racy: ["watchdog.fire", "watchdog.job", "watchdog.release"],
    *main() {
      const loop = getRunningLoop();
      const slots = new BoundedSemaphore(1);
      function* job(seconds: number) {
        yield* slots.acquire();
        const watchdog = loop.callLater(0.02, () => slots.release()); // race: watchdog.fire
        try {
          yield* sleep(seconds); // race: watchdog.job
        } finally {
          slots.release(); // race: watchdog.release
          watchdog.cancel();
        }
      }
      yield* gather(job(0.01), job(0.017));
    },
  },
  {
    name: "a cancelled waiter releases the lock that another one holds",
    kind,
    window: 0.012,
    racy: ["inside.acquire", "inside.write", "inside.cancel"],
    *main() {
      const lock = new Lock();
      let writers = 0;
      function* append(seconds: number) {
        assert(++writers === 1, "two write at once");
        try {
          yield* sleep(seconds); // race: inside.write
        } finally {
          writers--;
        }
      }
      function* write(seconds: number) {
        try {
          yield* lock.acquire(); // race: inside.acquire
          yield* append(seconds);
        } finally {
          if (lock.locked()) lock.release();
        }
      }
      const writing = [0.01, 0.001, 0.004].map((seconds) => createTask(write(seconds)));
      yield* sleep(0.02); // race: inside.cancel
      writing[1]?.cancel(); // race: inside.cancel
      yield* gather([writing[0], writing[2]] as typeof writing);
    },
  },
  {
    name: "the last two users of a file both close it",
    kind,
    window: 0.004,
    racy: ["refs.drop", "refs.flush", "refs.close"],
    *main() {
      const file = { users: 2, open: true };
      function close() {
        if (!file.open) throw new Error("EBADF: the file is closed");
        file.open = false;
      }
      function* use(seconds: number) {
        yield* sleep(seconds);
        file.users--; // race: refs.drop
        yield* sleep(0.003); // race: refs.flush
        if (file.users === 0) close(); // race: refs.close
      }
      yield* gather(use(0.001), use(0.006));
    },
  },
  {
    name: "a borrowed connection is returned by its timer and by its user",
    kind,
    window: 0.006,
    orders: "asyncio",
    racy: ["return.timer", "return.query", "return.push"],
    *main() {
      const loop = getRunningLoop();
      const idle = ["c1", "c2"];
      const inUse = new Set<string>();
      function* query(seconds: number) {
        const connection = idle.pop() as string;
        assert(!inUse.has(connection), `${connection} is used by two`);
        inUse.add(connection);
        const giveUp = loop.callLater(0.02, () => idle.push(connection)); // race: return.timer
        yield* sleep(seconds); // race: return.query
        giveUp.cancel();
        inUse.delete(connection);
        idle.push(connection); // race: return.push
      }
      yield* gather(query(0.016), query(0.005));
      yield* gather(query(0.001), query(0.002));
      assert(idle.length === 2, `${idle.length} of 2 connections are idle`);
    },
  },
  {
    name: "control: a permit is given back by its hold, which knows whether it was",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const loop = getRunningLoop();
      const slots = new BoundedSemaphore(2);
      function* job(seconds: number) {
        using hold = yield* slots.acquire();
        const watchdog = loop.callLater(0.01, () => hold.release());
        try {
          yield* sleep(seconds);
        } finally {
          watchdog.cancel();
        }
      }
      yield* gather(job(0.008), job(0.01), job(0.012), job(0.009));
      for (let permit = 0; permit < 2; permit++) yield* slots.acquire();
      for (let permit = 0; permit < 2; permit++) slots.release();
    },
  },
  {
    name: "control: a lock is released only by who got it",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const lock = new Lock();
      let writers = 0;
      function* write(seconds: number) {
        yield* lock.acquire();
        try {
          assert(++writers === 1, "two write at once");
          yield* sleep(seconds);
          writers--;
        } catch (error) {
          if (error instanceof CancelledError) writers--;
          throw error;
        } finally {
          lock.release();
        }
      }
      const writing = [0.01, 0.001, 0.004, 0.001].map((seconds) => createTask(write(seconds)));
      yield* sleep(0.01);
      writing[1]?.cancel();
      writing[2]?.cancel();
      yield* wait(writing);
      for (const task of writing) assert(task.cancelled() || task.exception() === null, String(task));
      assert(!lock.locked(), "the lock is held by nobody");
    },
  },
];
