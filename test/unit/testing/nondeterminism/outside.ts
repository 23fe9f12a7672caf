// Programs that reach for the outside, in a task named "reacher" or that waits for it under the name "waiter": nothing
// there happens while a simulation runs.

import { readFile } from "node:fs";
import { readFile as readFilePromise } from "node:fs/promises";
import { setTimeout as sleepOutside } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { type Coroutine, Event, abortable, createTask, forEach, gather, sleep, wrapFuture } from "wasyncio";
import type { GlobalsMode } from "wasyncio/testing";

/** A program that reaches for the outside. */
export interface Reaching {
  readonly name: string;
  /** What the host's timers are. Default: "refused". */
  readonly globals?: GlobalsMode;
  readonly program: () => Coroutine<unknown>;
}

/** A task named "reacher" does it. */
function reaching(body: () => Coroutine<unknown>): () => Coroutine<unknown> {
  return function* main() {
    yield* gather([sleep(0), createTask(body(), { name: "reacher" })]);
  };
}

/** A task named "waiter" waits for what is to be called from the outside. */
function waiting(start: (call: () => void) => void): () => Coroutine<unknown> {
  function* wait(): Coroutine<void> {
    const called = new Event();
    start(() => {
      try {
        called.set();
      } catch {
        // The simulation is over.
      }
    });
    yield* called.wait();
  }
  return function* main() {
    yield* gather([sleep(0), createTask(wait(), { name: "waiter" })]);
  };
}

/** A task awaits a promise. */
function awaiting(make: () => PromiseLike<unknown>): () => Coroutine<unknown> {
  return reaching(function* () {
    yield* wrapFuture(make());
  });
}

async function* pages(): AsyncGenerator<number> {
  yield 1;
}

const registry = new FinalizationRegistry<() => void>((call) => call());

/** What is refused at once: the reacher gets an OutsideError. */
export const REFUSED: readonly Reaching[] = [
  { name: "fetch", program: awaiting(() => fetch("http://127.0.0.1:9/")) },
  { name: "fetch of the host", globals: "real", program: awaiting(() => fetch("data:,text")) },
  { name: "Promise.race", program: awaiting(() => Promise.race([Promise.resolve(1), Promise.resolve(2)])) },
  { name: "Promise.all", program: awaiting(() => Promise.all([Promise.resolve(1), Promise.resolve(2)])) },
  { name: "a promise with resolvers", program: awaiting(() => new Promise(() => {})) },
  {
    name: "an async function",
    program: reaching(function* () {
      yield* abortable(async () => 1);
    }),
  },
  {
    name: "an async generator",
    program: reaching(function* () {
      yield* forEach(pages(), () => {});
    }),
  },
  {
    name: "a stream",
    program: reaching(function* () {
      yield* forEach(new Blob(["text"]).stream() as unknown as AsyncIterable<Uint8Array>, () => {});
    }),
  },
  { name: "a dynamic import", program: awaiting(() => import("node:fs")) },
  { name: "crypto.subtle", program: awaiting(() => crypto.subtle.digest("SHA-256", new Uint8Array(1))) },
  { name: "node:fs/promises", program: awaiting(() => readFilePromise(import.meta.filename)) },
  { name: "node:timers/promises", program: awaiting(() => sleepOutside(1)) },
  { name: "setTimeout", program: reachingFor(() => setTimeout(() => {}, 1)) },
  { name: "setInterval", program: reachingFor(() => setInterval(() => {}, 1)) },
  { name: "setImmediate", program: reachingFor(() => setImmediate(() => {})) },
  { name: "queueMicrotask", program: reachingFor(() => queueMicrotask(() => {})) },
  { name: "process.nextTick", program: reachingFor(() => process.nextTick(() => {})) },
  { name: "AbortSignal.timeout", program: reachingFor(() => AbortSignal.timeout(1)) },
];

function reachingFor(call: () => unknown): () => Coroutine<unknown> {
  return reaching(function* () {
    yield* sleep(1);
    call();
  });
}

/** What never comes: the waiter is in a deadlock. */
export const NEVER_COMES: readonly Reaching[] = [
  { name: "a promise's then", program: waiting((call) => void Promise.resolve().then(call)) },
  {
    name: "the winner of Promise.race",
    program: waiting((call) => void Promise.race([Promise.resolve(1), new Promise(() => {})]).then(call)),
  },
  { name: "an async generator that is driven by hand", program: waiting((call) => void pages().next().then(call)) },
  { name: "a callback of node:fs", program: waiting((call) => readFile(import.meta.filename, call)) },
  {
    name: "a message",
    program: waiting((call) => {
      const { port1, port2 } = new MessageChannel();
      port2.once("message", () => {
        port2.close();
        call();
      });
      port1.postMessage("hello");
    }),
  },
  { name: "a FinalizationRegistry", program: waiting((call) => registry.register({}, call)) },
  { name: "setTimeout of the host", globals: "real", program: waiting((call) => void setTimeout(call, 1)) },
  { name: "setImmediate of the host", globals: "real", program: waiting((call) => void setImmediate(call)) },
  { name: "queueMicrotask of the host", globals: "real", program: waiting((call) => queueMicrotask(call)) },
  { name: "process.nextTick of the host", globals: "real", program: waiting((call) => process.nextTick(call)) },
];

let ticks = 0;
let settled = 0;
let heard = 0;
const events = new EventTarget();
events.addEventListener("order", () => heard++);

/** What comes between two simulations only: each of them does the same twice, and they differ. */
export const COMES_LATER: readonly (Reaching & { readonly between: () => unknown })[] = [
  {
    name: "process.nextTick",
    globals: "real",
    *program() {
      process.nextTick(() => ticks++);
      yield* sleep(1 + ticks);
    },
    between: () => new Promise<void>((resolve) => void setTimeout(resolve)),
  },
  {
    name: "a promise that nobody awaits",
    globals: "real",
    *program() {
      void Promise.resolve().then(() => settled++);
      yield* sleep(1 + settled);
    },
    between: () => new Promise<void>((resolve) => void setTimeout(resolve)),
  },
  {
    name: "a listener",
    *program() {
      yield* sleep(1 + heard);
    },
    between: () => events.dispatchEvent(new globalThis.Event("order")),
  },
];
