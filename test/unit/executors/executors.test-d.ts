// The types of `wasyncio/executors`.

import { expectTypeOf, test } from "vitest";
import type { Coroutine, Future } from "wasyncio";
import {
  type Job,
  type JobFuture,
  type MappedJobs,
  ThreadPoolExecutor,
  currentJob,
  job,
  runInExecutor,
  toThread,
  transfer,
} from "wasyncio/executors";

declare const plain: (left: number, right: string) => boolean;
declare const asynchronous: (value: number) => Promise<string>;
declare const coroutine: (value: number) => Coroutine<string[]>;
const pool = new ThreadPoolExecutor();

test("a job is the function that it was made of", () => {
  expectTypeOf(job(import.meta, plain)).toEqualTypeOf<typeof plain>();
  expectTypeOf(transfer(new Uint8Array(1), [])).toEqualTypeOf<Uint8Array<ArrayBuffer>>();
  expectTypeOf(currentJob()).toEqualTypeOf<Job | null>();
});

test("a future is of what the function gives, in the end", () => {
  expectTypeOf(pool.submit(plain, 1, "x")).toEqualTypeOf<JobFuture<boolean>>();
  expectTypeOf(pool.submit(asynchronous, 1)).toEqualTypeOf<JobFuture<string>>();
  expectTypeOf(pool.submit(coroutine, 1)).toExtend<Future<string[]>>();
  expectTypeOf(runInExecutor(null, coroutine, 1)).toEqualTypeOf<JobFuture<string[]>>();
  expectTypeOf(toThread(asynchronous, 1)).toEqualTypeOf<Coroutine<string>>();
});

test("arguments are the function's", () => {
  // @ts-expect-error it takes a number first
  pool.submit(plain, "x", "y");
  // @ts-expect-error one is missing
  void toThread(plain, 1);
  // @ts-expect-error a list of texts is expected
  pool.map(plain, [1], [2]);
});

test("map takes an iterable for each argument, and options", () => {
  expectTypeOf(pool.map(plain, [1], ["x"], { buffersize: 2 })).toEqualTypeOf<MappedJobs<boolean>>();
  expectTypeOf(pool.map(coroutine, new Set([1]))).toEqualTypeOf<MappedJobs<string[]>>();
});

test("with gives what its block gives, and the pool that it is", () => {
  expectTypeOf(pool.with((own) => own.submit(plain, 1, "x"))).toEqualTypeOf<Coroutine<boolean>>();
  expectTypeOf<Parameters<Parameters<typeof pool.with>[0]>[0]>().toEqualTypeOf<ThreadPoolExecutor>();
});
