// Locks, events, conditions, semaphores and barriers under a sweep: whatever fault comes at whatever point, nobody is
// let in who should not be, nothing is lost, and what can go on does.

import { describe, expect, test } from "vitest";
import type { SweepPoint } from "wasyncio/testing";
import {
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  type Coroutine,
  Event,
  Lock,
  Semaphore,
  FIRST_COMPLETED,
  type Task,
  TaskGroup,
  createTask,
  getRunningLoop,
  sleep,
  wait,
} from "wasyncio";
import { goesOn, surely, sweepEverywhere } from "./sweep/everywhere.ts";

/** Runs workers in a group, named by their numbers. */
function* inGroup(count: number, work: (worker: number) => Coroutine<void>): Coroutine<void> {
  yield* new TaskGroup().with(function* (group) {
    for (let worker = 0; worker < count; worker++) group.createTask(work(worker), { name: `worker ${worker}` });
  });
}

/** What workers do inside something that lets in so many at once, and how often they came to the end of it. */
class Room {
  readonly rounds: number[];
  inside = 0;
  most = 0;

  constructor(workers: number) {
    this.rounds = Array.from({ length: workers }, () => 0);
  }

  /** Some steps inside. */
  *visit(worker: number): Coroutine<void> {
    this.inside++;
    this.most = Math.max(this.most, this.inside);
    try {
      yield* sleep(0);
      yield* sleep(worker % 2 === 0 ? 0.5 : 0);
      this.rounds[worker]++;
    } finally {
      this.inside--;
    }
  }

  /** Nobody is left inside, and all that were not hit made their rounds. */
  check(rounds: number, at: SweepPoint): void {
    expect(this.inside).toBe(0);
    if (!goesOn(at)) return;
    for (const [worker, made] of this.rounds.entries()) {
      if (at.task !== `worker ${worker}`) expect(made).toBe(rounds);
    }
  }
}

describe("locks", () => {
  test("let in one at a time, by acquire and release", () => {
    let lock: Lock;
    let room: Room;
    sweepEverywhere(
      function* () {
        lock = new Lock();
        room = new Room(3);
        yield* inGroup(3, function* (worker) {
          for (let round = 0; round < 2; round++) {
            yield* lock.acquire();
            try {
              yield* room.visit(worker);
            } finally {
              lock.release();
            }
          }
        });
      },
      {
        check(_, at) {
          expect(String(lock)).toBe("<Lock [unlocked]>");
          expect(room.most).toBeLessThanOrEqual(1);
          room.check(2, at);
        },
      },
    );
  });

  test("let in one at a time, by holds and blocks", () => {
    let lock: Lock;
    let room: Room;
    sweepEverywhere(
      function* () {
        lock = new Lock();
        room = new Room(3);
        yield* inGroup(3, function* (worker) {
          yield* lock.with(() => room.visit(worker));
          const hold = yield* lock.acquire();
          try {
            yield* room.visit(worker);
          } finally {
            hold.release();
          }
        });
      },
      {
        check(_, at) {
          expect(String(lock)).toBe("<Lock [unlocked]>");
          expect(room.most).toBeLessThanOrEqual(1);
          room.check(2, at);
        },
      },
    );
  });
});

describe("semaphores", () => {
  for (const Class of [Semaphore, BoundedSemaphore]) {
    test(`lose no permit: ${Class.name}`, () => {
      let semaphore: Semaphore;
      let room: Room;
      sweepEverywhere(
        function* () {
          semaphore = new Class(2);
          room = new Room(5);
          yield* inGroup(5, function* (worker) {
            for (let round = 0; round < 2; round++) yield* semaphore.with(() => room.visit(worker));
          });
        },
        {
          check(_, at) {
            expect(String(semaphore)).toBe(`<${Class.name} [unlocked, value:2]>`);
            expect(room.most).toBeLessThanOrEqual(2);
            room.check(2, at);
          },
        },
      );
    });
  }

  test("hand on permits that are released one by one", () => {
    let semaphore: Semaphore;
    let got: string[];
    sweepEverywhere(
      function* () {
        semaphore = new Semaphore(0);
        got = [];
        yield* new TaskGroup().with(function* (group) {
          for (const name of ["a", "b", "c", "d"]) {
            group.createTask(
              (function* () {
                yield* semaphore.acquire();
                got.push(name);
              })(),
              { name },
            );
          }
          try {
            yield* sleep(0);
          } finally {
            // All that wait have a permit, whoever is cancelled with one.
            for (let permit = 0; permit < 4; permit++) semaphore.release();
          }
        });
      },
      {
        check(_, at) {
          const free = 4 - got.length;
          expect(String(semaphore)).toBe(`<Semaphore [${free === 0 ? "locked" : `unlocked, value:${free}`}]>`);
          if (goesOn(at))
            expect(got).toEqual(expect.arrayContaining(["a", "b", "c", "d"].filter((name) => name !== at.task)));
        },
        noLeaks: false, // permits are meant to be kept here
      },
    );
  });
});

test("events wake all that wait, and keep none of them", () => {
  let event: Event;
  let passed: string[];
  sweepEverywhere(
    function* () {
      event = new Event();
      passed = [];
      yield* new TaskGroup().with(function* (group) {
        for (const name of ["a", "b", "c"]) {
          group.createTask(
            (function* () {
              yield* event.wait();
              passed.push(`${name}1`);
              yield* sleep(0.5);
              yield* event.wait();
              passed.push(`${name}2`);
            })(),
            { name },
          );
        }
        try {
          yield* sleep(0);
          event.set();
          event.clear();
          yield* sleep(1);
        } finally {
          event.set();
        }
      });
    },
    {
      check(_, at) {
        expect(String(event)).toBe("<Event [set]>");
        if (!goesOn(at)) return;
        for (const name of ["a", "b", "c"]) {
          if (name !== at.task) expect(passed.filter((entry) => entry[0] === name)).toEqual([`${name}1`, `${name}2`]);
        }
      },
    },
  );
});

describe("conditions", () => {
  test("lose no notification", () => {
    let condition: Condition;
    let items: number;
    let made: number;
    let takers: Map<string, number>;
    sweepEverywhere(
      function* () {
        condition = new Condition();
        items = 0;
        made = 0;
        takers = new Map();
        let isClosed = false;
        yield* new TaskGroup().with(function* (group) {
          for (const name of ["a", "b", "c"]) {
            const take = function* () {
              yield* condition.waitFor(() => items > 0 || isClosed);
              if (items === 0) return;
              items--;
              takers.set(name, getRunningLoop().time());
            };
            const takeByHold = function* () {
              const hold = yield* condition.acquire();
              try {
                yield* take();
              } finally {
                hold.release();
              }
            };
            group.createTask(name === "b" ? takeByHold() : condition.with(take), { name });
          }
          const put = function* () {
            items++;
            made++;
            condition.notify();
            yield* sleep(0);
          };
          try {
            yield* sleep(1);
            yield* condition.with(put);
            yield* condition.with(put);
            yield* sleep(100);
          } finally {
            isClosed = true;
            yield* surely(() => condition.with(() => notifyAll(condition)));
          }
        });
      },
      {
        check(_, at) {
          expect(String(condition)).toBe("<Condition [unlocked]>");
          expect(takers.size + items).toBe(made);
          if (!goesOn(at)) return;
          // Two are there, and nobody waited for the end to get one, so whoever was hit has passed its wake-up on.
          expect(items).toBe(0);
          for (const time of takers.values()) expect(time).toBe(1);
        },
      },
    );
  });

  test("keep the lock through a wait, however that ends", () => {
    let condition: Condition;
    let room: Room;
    sweepEverywhere(
      function* () {
        condition = new Condition(new Lock());
        room = new Room(3);
        yield* new TaskGroup().with(function* (group) {
          for (let worker = 0; worker < 3; worker++) {
            const work = function* () {
              yield* room.visit(worker);
              let isInside = false;
              try {
                yield* condition.wait();
                isInside = true;
              } finally {
                yield* room.visit(worker); // with the lock again, also when the wait was cancelled
                if (!isInside) room.rounds[worker] = 0;
              }
            };
            group.createTask(condition.with(work), { name: `worker ${worker}` });
          }
          try {
            yield* sleep(10);
          } finally {
            yield* surely(() => condition.with(() => notifyAll(condition)));
          }
        });
      },
      {
        check(_, at) {
          expect(String(condition)).toBe("<Condition [unlocked]>");
          expect(room.most).toBeLessThanOrEqual(1);
          room.check(2, at);
        },
      },
    );
  });
});
function* notifyAll(condition: Condition): Coroutine<void> {
  condition.notifyAll();
}

/**
 * Waits for tasks that wait for each other at a barrier, which is broken for the others when one of them ends
 * otherwise.
 */
function* together(barrier: Barrier, parties: readonly Coroutine<void>[]): Coroutine<void> {
  const tasks = parties.map((party, number) => createTask(party, { name: `party ${number}` }));
  try {
    for (let pending = new Set(tasks); pending.size > 0 && !tasks.some((task) => task.done() && fails(task));) {
      [, pending] = yield* wait(pending, { returnWhen: FIRST_COMPLETED });
    }
  } finally {
    if (tasks.some((task) => !task.done())) yield* surely(() => barrier.abort());
    yield* surely(() => wait(tasks));
  }
  for (const task of tasks) task.result();
}

function fails(task: Task<void>): boolean {
  return task.cancelled() || task.exception() !== null;
}

describe("barriers", () => {
  test("let all through together, or break for all", () => {
    let barrier: Barrier;
    let indexes: number[];
    let arrived: number;
    let isEarly: boolean;
    sweepEverywhere(
      function* () {
        barrier = new Barrier(3);
        indexes = [];
        arrived = 0;
        isEarly = false;
        const party = function* (number: number) {
          for (let round = 1; round <= 2; round++) {
            yield* sleep(number);
            arrived++;
            indexes.push(yield* barrier.wait());
            isEarly ||= arrived < 3 * round;
          }
        };
        yield* together(barrier, [party(0), party(1), party(2)]);
      },
      {
        allowed: (error) => error instanceof BrokenBarrierError,
        check(outcome) {
          expect(isEarly).toBe(false);
          expect(barrier.nWaiting).toBe(0);
          expect(String(barrier)).toBe(barrier.broken ? "<Barrier [broken]>" : "<Barrier [filling, waiters:0/3]>");
          for (const round of [indexes.slice(0, 3), indexes.slice(3)]) expect(new Set(round).size).toBe(round.length);
          if (outcome.status === "ok") expect(indexes).toHaveLength(6);
        },
      },
    );
  });

  test("are empty behind a reset, and can be used again", () => {
    let barrier: Barrier;
    let broken: number;
    let passed: number;
    sweepEverywhere(
      function* () {
        barrier = new Barrier(2);
        broken = 0;
        passed = 0;
        yield* new TaskGroup().with(function* (group) {
          const enter = function* () {
            try {
              yield* barrier.wait();
              passed++;
            } catch (error) {
              if (!(error instanceof BrokenBarrierError)) throw error;
              broken++;
            }
          };
          group.createTask(enter(), { name: "lonely" });
          try {
            yield* sleep(1);
          } finally {
            yield* surely(() => barrier.reset());
          }
        });
        const party = function* () {
          yield* barrier.wait();
          passed++;
        };
        yield* together(barrier, [party(), party()]);
      },
      {
        allowed: (error) => error instanceof BrokenBarrierError,
        check(outcome, { mode }) {
          expect(barrier.nWaiting).toBe(0);
          if (outcome.status === "ok") expect(passed).toBe(2);
          if (mode === "none") expect(broken).toBe(1);
        },
      },
    );
  });
});
