// The types of executors of queues: what a job gives, and what it is called with.

import { expectTypeOf, test } from "vitest";
import { BullMQExecutor, type QueuedJob, serveQueue } from "wasyncio/bullmq";
import { runInExecutor } from "wasyncio/executors";
import type { Coroutine } from "wasyncio";

const cluster = new BullMQExecutor({ queue: "jobs" });
declare function render(page: number, scale?: string): Coroutine<{ bytes: number }>;
declare function load(url: string): Promise<string>;

test("a job gives what its coroutine or its promise gives", () => {
  expectTypeOf(cluster.submit(render, 1, "x")).toEqualTypeOf<QueuedJob<{ bytes: number }>>();
  expectTypeOf(cluster.submitWith({ key: "a", delay: { minutes: 1 } }, load, "/")).toEqualTypeOf<QueuedJob<string>>();
  expectTypeOf(runInExecutor(cluster, load, "/").result()).toEqualTypeOf<string>();
  expectTypeOf(cluster.attach<number>("a")).toEqualTypeOf<QueuedJob<number>>();
  expectTypeOf(cluster.attach("a").result()).toBeUnknown();
  expectTypeOf(cluster.attach("a").key).toBeString();
});

test("arguments and options are checked", () => {
  // @ts-expect-error -- no such argument
  cluster.submit(render, "1");
  // @ts-expect-error -- no such option
  cluster.submitWith({ keys: "a" }, load, "/");
  // @ts-expect-error -- a queue has a name
  void new BullMQExecutor({});
  expectTypeOf(serveQueue({ queue: "jobs", concurrency: 3 })).toEqualTypeOf<Coroutine<void>>();
});
