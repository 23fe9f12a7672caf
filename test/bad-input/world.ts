// What bad input is tried on: loops, their state before and after, and how a call ended.

import { type Coroutine, Future, Handle, isCoroutine, Lock, Queue, createTask, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { currentContext } from "../../src/runtime/context.ts";
import { VALUES } from "./values.ts";

/** Loops to take values from. */
export interface World {
  readonly loop: VirtualEventLoop;
  readonly other: VirtualEventLoop;
  readonly closed: VirtualEventLoop;
  /** A generator that runs while the call is made. */
  running: Generator | null;
  /** What reached the loop's exception handler. */
  readonly reports: unknown[];
}

export function newWorld(): World {
  const loop = new VirtualEventLoop();
  const reports: unknown[] = [];
  loop.setExceptionHandler((_, { message, exception }) => reports.push(`${message}: ${String(exception)}`));
  loop.host.report = (_, text) => reports.push(text);
  const closed = new VirtualEventLoop();
  closed.close();
  return { loop, other: new VirtualEventLoop(), closed, running: null, reports };
}

/** How a call ended: "ok", or its error: class and message; `late` when it is awaiting what it returned that throws. */
export interface Outcome {
  kind: string;
  message: string;
  late: boolean;
}

const numbers = new WeakMap<object, number>();
let count = 0;
function numberOf(object: object): number {
  const number = numbers.get(object) ?? count++;
  numbers.set(object, number);
  return number;
}

/** What a call must leave as it was when it throws. */
export function stateOf({ loop, other }: World, subject: unknown): unknown {
  const describe = (each: VirtualEventLoop): unknown => {
    const counters = each.core.inspection.counters();
    return {
      slots: counters[2],
      ready: counters[4],
      timers: counters[5] - counters[6],
      objects: each.core.objects.filter((object) => object !== undefined).length,
      tasks: each.pendingTasks().length,
      debug: each.getDebug(),
      factory: String(each.getTaskFactory()),
      handler: String(each.getExceptionHandler()),
      text: String(each),
    };
  };
  return {
    loop: describe(loop),
    other: describe(other),
    currentTask: loop.currentTask?.getName(),
    context: numberOf(currentContext()),
    values: numberOf(currentContext().values),
    subject: String(subject),
  };
}

/** Messages that are an engine's about the inside of the library, or the library's about itself. */
const INTERNAL =
  /Cannot read prop|Cannot set prop|is not a function|is not a constructor|is not iterable|is not an object|Cannot destructure|Cannot convert|bug in wasyncio|unreachable|memory access|table index|private (?:member|field|name)|called on (?:incompatible|non)|Class extends|reduce of/;

export function isInternal(outcome: Outcome): boolean {
  return outcome.kind === "InternalError" || INTERNAL.test(outcome.message);
}

const OK: Outcome = { kind: "ok", message: "", late: false };

function failed(error: unknown, late: boolean): Outcome {
  if (!(error instanceof Error)) return { kind: typeof error, message: String(error), late };
  return { kind: error.name, message: error.message, late };
}

export type Call = (value: never, world: World, subject: never) => unknown;

/** Makes the call with a value, in a task of the loop, and ends what it began. */
export function tryInTask(world: World, name: string, call: Call, makeSubject: (world: World) => unknown): Tried {
  let tried: Tried | null = null;
  world.loop.runUntilCompleteSync(
    (function* () {
      const subject = makeSubject(world);
      const pristine = stateOf(world, subject);
      let returned: unknown;
      let outcome = OK;
      let before: unknown;
      let after: unknown;
      const shell = (function* () {
        const value = VALUES[name]?.make(world);
        before = stateOf(world, subject);
        try {
          returned = call(value as never, world, subject as never);
        } catch (error) {
          outcome = failed(error, false);
        }
        after = stateOf(world, subject);
      })();
      world.running = shell;
      shell.next();
      const unchanged = outcome === OK || equal(before, after);
      if (outcome === OK) outcome = yield* end(returned);
      tried = { outcome, unchanged, before, after, pristine, subject };
    })(),
  );
  return tried as unknown as Tried;
}

export interface Tried {
  outcome: Outcome;
  unchanged: boolean;
  before: unknown;
  after: unknown;
  pristine: unknown;
  subject: unknown;
}

export function equal(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Ends what a call returned: an awaitable is awaited for some iterations, then cancelled. */
export function* end(returned: unknown): Coroutine<Outcome> {
  if (returned instanceof Handle) returned.cancel();
  const awaitable = returned instanceof Future ? returned : isCoroutine(returned) ? createTask(returned) : null;
  if (awaitable === null) return OK;
  for (let i = 0; i < 8 && !awaitable.done(); i++) yield* sleep(0);
  for (let i = 0; i < 8 && !awaitable.done(); i++) {
    awaitable.cancel();
    yield* sleep(0);
  }
  if (!awaitable.done()) return { kind: "stuck", message: String(awaitable), late: true };
  if (awaitable.cancelled()) return OK;
  const error = awaitable.exception();
  return error === null ? OK : failed(error, true);
}

/** Runs a small program, and tells whether the loop did as it should. */
export function stillWorks(loop: VirtualEventLoop): boolean {
  const log: unknown[] = [];
  const started = loop.time();
  loop.runUntilCompleteSync(
    (function* () {
      const queue = new Queue<number>(1);
      const lock = new Lock();
      const consumer = createTask(
        (function* () {
          for (let i = 0; i < 3; i++) log.push(yield* queue.get());
        })(),
      );
      const sleeper = createTask(sleep(60));
      yield* lock.with(function* () {
        for (let i = 0; i < 3; i++) yield* queue.put(i);
      });
      yield* consumer;
      sleeper.cancel();
      yield* sleep(1);
      log.push(sleeper.cancelled(), lock.locked(), loop.time() - started);
    })(),
  );
  return equal(log, [0, 1, 2, true, false, 1]);
}
