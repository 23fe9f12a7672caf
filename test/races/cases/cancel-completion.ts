// Cancellations that come together with what the task waits for, or with another cancellation.

import {
  CancelledError,
  type Coroutine,
  Semaphore,
  type Task,
  TaskGroup,
  TimeoutError,
  createTask,
  currentTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  timeout,
  wait,
} from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "cancel against completion";

export const cancelsAgainstCompletions: readonly RaceCase[] = [
  {
    name: "stopping a child swallows the parent's own cancellation",
    kind,
    window: 0.012,
    racy: ["stop.await", "stop.cancel"],
    *main() {
      function* poll() {
        try {
          for (;;) yield* sleep(1);
        } finally {
          yield* sleep(0.002); // says goodbye
        }
      }
      function* stop(task: Task<unknown>) {
        task.cancel();
        try {
          yield* task; // race: stop.await
        } catch (error) {
          if (!(error instanceof CancelledError)) throw error;
        }
      }
      function* supervise() {
        const child = createTask(poll(), { name: "poll" });
        yield* sleep(0.01);
        yield* stop(child); // race: stop.await
      }
      const supervisor = createTask(supervise(), { name: "supervisor" });
      yield* sleep(0.02); // race: stop.cancel
      const accepted = supervisor.cancel(); // race: stop.cancel
      yield* wait([supervisor]);
      assert(!accepted || supervisor.cancelled(), "the supervisor went on although it was cancelled");
    },
  },
  {
    name: "a deadline of its own mistakes a cancellation for its expiry",
    kind: "nested timeouts",
    window: 0.004,
    racy: ["expiry.expire", "expiry.wait", "expiry.cancel"],
    *main() {
      const loop = getRunningLoop();
      function* within<T>(seconds: number, body: Coroutine<T>) {
        const task = currentTask() as Task<unknown>;
        let expired = false;
        const expire = () => {
          expired = true; // race: expiry.expire
          task.cancel(); // race: expiry.expire
        };
        const timer = loop.callLater(seconds, expire); // race: expiry.expire
        try {
          return yield* body; // race: expiry.wait
        } catch (error) {
          throw expired && error instanceof CancelledError ? new TimeoutError() : error;
        } finally {
          timer.cancel();
        }
      }
      function* download() {
        for (const seconds of [0.05, 0.005]) {
          try {
            return yield* within(0.01, sleep(seconds, "file"));
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error; // else again, from the next mirror
          }
        }
        return "nothing";
      }
      const task = createTask(download(), { name: "download" });
      yield* sleep(0.012); // race: expiry.cancel
      const accepted = task.cancel(); // race: expiry.cancel
      yield* wait([task]);
      assert(!accepted || task.cancelled(), "the download went on although it was cancelled");
    },
  },
  {
    name: "a task that is cancelled before it starts gives nothing back",
    kind,
    racy: ["unstarted.begin", "unstarted.cancel"],
    *main() {
      const seats = new Semaphore(1);
      function* job() {
        try {
          yield* sleep(0.001); // race: unstarted.begin
        } finally {
          seats.release();
        }
      }
      function* start() {
        yield* seats.acquire();
        return createTask(job(), { name: "job" }); // race: unstarted.begin
      }
      const running = yield* start();
      yield* sleep(0); // race: unstarted.cancel
      running.cancel(); // race: unstarted.cancel
      yield* wait([running]);
      yield* seats.acquire();
    },
  },
  {
    name: "a booking goes through after the trip was rolled back",
    kind,
    window: 0.006,
    racy: ["trip.book", "trip.refuse"],
    *main() {
      const bookings = new Set<string>();
      function* bookHotel() {
        yield* sleep(0.005); // race: trip.book
        bookings.add("hotel"); // race: trip.book
      }
      function* bookFlight() {
        yield* sleep(0.01); // race: trip.refuse
        throw new Error("sold out"); // race: trip.refuse
      }
      try {
        yield* gather(bookHotel(), bookFlight()); // race: trip.refuse
      } catch {
        bookings.clear();
      }
      yield* sleep(0.05);
      assert(bookings.size === 0, `still booked: ${[...bookings].join()}`);
    },
  },
  {
    name: "a shielded write outlives the task that was stopped before closing",
    kind: "shield",
    window: 0.01,
    racy: ["shielded.write", "shielded.close"],
    *main() {
      const database = { open: true, lost: 0 };
      function* commit() {
        yield* sleep(0.006); // race: shielded.write
        if (!database.open) database.lost++; // race: shielded.write
      }
      function* handle() {
        yield* shield(commit()); // race: shielded.write
      }
      const handler = createTask(handle(), { name: "handler" });
      yield* sleep(0.01); // race: shielded.close
      handler.cancel(); // race: shielded.close
      yield* wait([handler]); // race: shielded.close
      database.open = false; // race: shielded.close
      yield* sleep(0.05);
      assert(database.lost === 0, "written after the database was closed");
    },
  },
  {
    name: "a job is cancelled between its two halves",
    kind,
    window: 0.004,
    racy: ["halves.move", "halves.cancel"],
    *main() {
      const shelf = { from: 5, to: 0 };
      function* move() {
        yield* sleep(0.004);
        shelf.from--;
        yield* sleep(0.002); // race: halves.move
        shelf.to++;
      }
      const moving = createTask(move(), { name: "move" });
      yield* sleep(0.009); // race: halves.cancel
      moving.cancel(); // race: halves.cancel
      yield* wait([moving]);
      assert(shelf.from + shelf.to === 5, `${shelf.from + shelf.to} of 5 things are there`);
    },
  },
  {
    name: "a result is dropped by the cancellation of the one that waits for it",
    kind,
    window: 0.004,
    racy: ["dropped.result", "dropped.cancel"],
    *main() {
      const parcels = ["parcel"];
      const delivered: string[] = [];
      function* fetch() {
        yield* sleep(0.005);
        return parcels.pop() as string; // race: dropped.result
      }
      function* deliver() {
        const fetching = createTask(fetch(), { name: "fetch" });
        const parcel = yield* fetching; // race: dropped.result
        delivered.push(parcel);
      }
      const delivery = createTask(deliver(), { name: "delivery" });
      yield* sleep(0.008); // race: dropped.cancel
      delivery.cancel(); // race: dropped.cancel
      yield* wait([delivery]);
      assert(parcels.length + delivered.length === 1, "the parcel is lost");
    },
  },
  {
    name: "control: a stopped child is waited for without swallowing anything",
    kind,
    window: 0.015,
    racy: null,
    *main() {
      function* poll() {
        try {
          for (;;) yield* sleep(1);
        } finally {
          yield* sleep(0.002);
        }
      }
      function* supervise() {
        const child = createTask(poll());
        try {
          yield* sleep(0.01);
        } finally {
          child.cancel();
          yield* wait([child]);
        }
        yield* sleep(0.003);
      }
      const supervisor = createTask(supervise());
      yield* sleep(0.011);
      const accepted = supervisor.cancel();
      yield* wait([supervisor]);
      assert(!accepted || supervisor.cancelled(), "the supervisor went on although it was cancelled");
    },
  },
  {
    name: "control: timeouts inside timeouts tell whose deadline it was",
    kind: "nested timeouts",
    window: 0.01,
    racy: null,
    noLeaks: true,
    *main() {
      const outcomes: string[] = [];
      function* attempt() {
        try {
          yield* timeout(0.006).with(() => sleep(0.006));
          outcomes.push("done");
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
          outcomes.push("late");
        }
      }
      function* download() {
        try {
          yield* timeout(0.012).with(function* () {
            yield* attempt();
            yield* attempt();
          });
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
        }
        yield* sleep(0.002);
      }
      const task = createTask(download());
      yield* sleep(0.012);
      const accepted = task.cancel();
      yield* wait([task]);
      assert(!accepted || task.cancelled(), "the download went on although it was cancelled");
      assert(task.cancelled() || task.cancelling() === 0, "a request to stop is left over");
    },
  },
  {
    name: "control: a group ends all of its tasks before anything is rolled back",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const bookings = new Set<string>();
      function* book(what: string, seconds: number, soldOut = false) {
        yield* sleep(seconds);
        if (soldOut) throw new Error(`${what}: sold out`);
        bookings.add(what);
        yield* sleep(0.003);
      }
      try {
        yield* new TaskGroup().with(function* (group) {
          group.createTask(book("hotel", 0.005));
          group.createTask(book("flight", 0.008, true));
          group.createTask(book("car", 0.008));
          yield* sleep(0.004);
          group.createTask(book("tour", 0.004));
        });
        assert(false, "the flight is not sold out");
      } catch (error) {
        if (!(error instanceof AggregateError)) throw error;
        bookings.clear();
      }
      yield* sleep(0.05);
      assert(bookings.size === 0, `still booked: ${[...bookings].join()}`);
    },
  },
  {
    name: "control: commits are counted, and closing waits for them",
    kind: "shield",
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const database = { open: true, lost: 0, rows: 0 };
      const commits = new Set<Task<void>>();
      function* commit() {
        yield* sleep(0.006);
        if (database.open) database.rows++;
        else database.lost++;
      }
      function* handle() {
        const committing = createTask(commit());
        commits.add(committing);
        yield* shield(committing);
      }
      const handlers = [0, 0.004, 0.009].map((at) => {
        function* request() {
          yield* sleep(at);
          yield* handle();
        }
        return createTask(request());
      });
      yield* sleep(0.01);
      for (const handler of handlers) handler.cancel();
      yield* wait(handlers);
      if (commits.size > 0) yield* wait(commits);
      database.open = false;
      assert(database.lost === 0 && database.rows === commits.size, "written after the database was closed");
    },
  },
];
