// The types of `wasyncio/async`: promises, and what `await using` takes.

import { expectTypeOf, test } from "vitest";
import type { Hold, Task } from "wasyncio";
import {
  Lock,
  Queue,
  TaskGroup,
  asCompleted,
  createTask,
  gather,
  mapConcurrently,
  moveOnAfter,
  race,
  run,
  shield,
  shielded,
  sleep,
  timeout,
  wait,
  waitFor,
} from "wasyncio/async";

declare function load(url: string): Promise<number>;

test("functions give promises of what their promises give", async () => {
  expectTypeOf(sleep(1)).toEqualTypeOf<Promise<void>>();
  expectTypeOf(sleep(1, "a")).toEqualTypeOf<Promise<string>>();
  expectTypeOf(run(async () => 1)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(await gather(load("a"), Promise.resolve("b"))).toEqualTypeOf<[number, string]>();
  expectTypeOf(await gather([load("a")], { returnExceptions: true })).toEqualTypeOf<[number | Error]>();
  expectTypeOf(race(load("a"), Promise.resolve("b"))).toEqualTypeOf<Promise<number | string>>();
  expectTypeOf(waitFor(load("a"), 5)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(shield(load("a"))).toExtend<Promise<number>>();
  expectTypeOf(mapConcurrently(load, ["a"], { limit: 2 })).toEqualTypeOf<Promise<number[]>>();
  for (const next of asCompleted([load("a")])) expectTypeOf(await next).toEqualTypeOf<number>();
  expectTypeOf(await shielded(() => load("a"))).toEqualTypeOf<number>();
});

test("tasks are promises that can be cancelled", async () => {
  const task = createTask(() => load("a"), { name: "load" });
  expectTypeOf(task).toEqualTypeOf<Task<number> & Promise<number>>();
  expectTypeOf(await task).toEqualTypeOf<number>();
  expectTypeOf(task.cancel()).toEqualTypeOf<boolean>();
  expectTypeOf(createTask(load("a"))).toEqualTypeOf<Task<number> & Promise<number>>();
  const [done] = await wait([task], { timeout: 1 });
  expectTypeOf(done).toEqualTypeOf<Set<typeof task>>();
  // @ts-expect-error it gives no promise
  void createTask(() => 1);
});

test("deadlines and groups are for `await using`", async () => {
  await using deadline = timeout(5);
  expectTypeOf(deadline.expired()).toEqualTypeOf<boolean>();
  await using scope = moveOnAfter({ minutes: 1 });
  scope.reschedule(null);
  await using group = new TaskGroup();
  const task = group.createTask(async () => (await load("a")).toFixed());
  expectTypeOf(await task).toEqualTypeOf<string>();
});

test("operations of primitives are promises", async () => {
  const lock = new Lock();
  using hold = await lock.acquire();
  expectTypeOf(hold).toEqualTypeOf<Hold>();
  const queue = new Queue<string>();
  expectTypeOf(await queue.get()).toEqualTypeOf<string>();
  expectTypeOf(queue.put("a").then(() => 1)).toEqualTypeOf<Promise<number>>();
  // @ts-expect-error another type of item
  void queue.put(1);
});
