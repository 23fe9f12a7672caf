// What bad input is tried on: loops, their state before and after, and how a call ended.

import { CancelledError, type Coroutine, Future, Handle, Lock, Queue, createTask, isCoroutine, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { currentContext } from "../../src/runtime/context.ts";
import { format } from "../../src/support/format.ts";
import { runOnce } from "../support/stage.ts";
import type { Ending, Row } from "./rules.ts";
import { VALUES } from "./values.ts";
import { counters } from "../support/counters.ts";

/** Loops to take values from. */
export interface World {
  readonly loop: VirtualEventLoop;
  readonly other: VirtualEventLoop;
  readonly closed: VirtualEventLoop;
  /** A generator that runs while the call is made. */
  running: Generator | null;
}

export function newWorld(): World {
  const closed = newQuietLoop();
  closed.close();
  return { loop: newQuietLoop(), other: newQuietLoop(), closed, running: null };
}

function newQuietLoop(): VirtualEventLoop {
  const loop = new VirtualEventLoop();
  loop.setExceptionHandler(() => {});
  loop.host.report = () => {};
  return loop;
}

/** What came of a call. */
export interface Outcome {
  readonly ending: Ending;
  /** Of its error. */
  readonly message: string;
  /** What is not as it was before a call that threw: "", or both states. */
  readonly changed: string;
}

/** Makes the call of a row with a value, in a task of the loop, and ends what it began. */
export function tryInTask(world: World, { call, subject: makeSubject }: Row, value: string): Outcome {
  return world.loop.runUntilCompleteSync(
    (function* () {
      const subject = makeSubject(world);
      const made = tryCall(world, subject, value, (argument) => call(argument as never, world, subject as never));
      if (made.failed) return outcomeOf(made, false);
      const error = yield* end(made.returned, world);
      return error === null ? OK : outcomeOf({ ...made, error: error.error }, true);
    })(),
  );
}

const OK: Outcome = { ending: "ok", message: "", changed: "" };

interface Made {
  readonly failed: boolean;
  readonly returned: unknown;
  readonly error: unknown;
  readonly changed: string;
}

/** Makes a call inside a generator that is one of the values, and compares the state when it throws. */
export function tryCall(world: World, subject: unknown, value: string, call: (argument: unknown) => unknown): Made {
  let made: Made = { failed: false, returned: undefined, error: undefined, changed: "" };
  const shell = (function* () {
    const argument = VALUES[value]?.make(world);
    const before = stateOf(world, subject);
    try {
      made = { ...made, returned: call(argument) };
    } catch (error) {
      const after = stateOf(world, subject);
      made = { ...made, failed: true, error, changed: after === before ? "" : `${before} became ${after}` };
    }
  })();
  world.running = shell;
  shell.next();
  return made;
}

export function outcomeOf({ error, changed }: Pick<Made, "error" | "changed">, late: boolean): Outcome {
  const name = error instanceof Error ? error.name : typeof error;
  return { ending: late ? `late ${name}` : name, message: messageOf(error), changed };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof AggregateError ? `${error.message}: ${error.errors.map(format).join(", ")}` : error.message;
}

/** Ends what a call returned: awaits it for some iterations, then cancels it. Returns the error that it ended with. */
function* end(returned: unknown, { loop }: World): Coroutine<{ error: unknown } | null> {
  if (returned instanceof Handle) returned.cancel();
  const awaitable = returned instanceof Future ? returned : isCoroutine(returned) ? createTask(returned) : null;
  if (awaitable === null) return null;
  if (awaitable.getLoop() !== loop) {
    tryCancel(awaitable);
    return null;
  }
  for (let i = 0; i < 8 && !awaitable.done(); i++) yield* sleep(0);
  for (let i = 0; i < 8 && !awaitable.done(); i++) {
    if (!tryCancel(awaitable)) return null;
    yield* sleep(0);
  }
  if (!awaitable.done()) return { error: new Error(`stuck: ${awaitable.toString()}`) };
  if (awaitable.cancelled()) return null;
  const error = awaitable.exception();
  return error === null || error instanceof CancelledError ? null : { error };
}

/** Whether it can be cancelled: not what waits for a future of a closed loop. */
function tryCancel(future: Future<unknown>): boolean {
  try {
    future.cancel();
    return true;
  } catch {
    return false;
  }
}

const numbers = new WeakMap<object, number>();
let numbered = 0;

/** A number for an object, to tell it from others. */
function numberOf(object: object | null): number {
  if (object === null) return -1;
  const number = numbers.get(object) ?? numbered++;
  numbers.set(object, number);
  return number;
}

/** All that a call must leave as it was when it throws, as a text. */
export function stateOf({ loop, other }: World, subject: unknown): string {
  const context = currentContext();
  return JSON.stringify({
    loop: loopState(loop),
    other: loopState(other),
    task: numberOf(loop.currentTask),
    context: [numberOf(context), numberOf(context.values)],
    subject: String(subject),
  });
}

function loopState(loop: VirtualEventLoop): unknown {
  const { slots, ready, timers, cancelledTimers: cancelled } = counters(loop);
  return {
    slots,
    ready,
    timers: timers - cancelled,
    objects: loop.core.objects.filter((object) => object !== undefined).length,
    factory: numberOf(loop.getTaskFactory()),
    handler: numberOf(loop.getExceptionHandler()),
    text: loop.toString(),
  };
}

/** Lets the other loop end what calls have begun there. */
export function drain({ other }: World): void {
  for (const task of other.pendingTasks()) task.cancel();
  for (let i = 0; i < 3; i++) runOnce(other);
}

/** Runs a small program, and tells whether the loop does as it should. */
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
  return JSON.stringify(log) === "[0,1,2,true,false,1]";
}

/** Messages that are the engine's about the inside of the library, or the library's about itself. */
const INTERNAL =
  /Cannot (?:read propert|set propert|destructure|access) ?|is not (?:a function|a constructor|iterable|an object)|bug in wasyncio|unreachable|memory access|out of bounds|#\w+/;

/** Whether an error tells of the inside of the library instead of what was wrong with the call. */
export function isInternal({ ending, message }: Outcome): boolean {
  return (
    ending.endsWith("InternalError") ||
    (INTERNAL.test(message) && !/^Iterator result .* is not an object$/.test(message))
  );
}
