// A loop, as other threads know it.

import { RuntimeError } from "../errors/base.ts";
import { Shown } from "../support/shown.ts";
import { checkCallable } from "../runtime/callback.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import { isCoroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { findFunction } from "../executors/find-function.ts";
import { type AnyFunction, referenceOf } from "../executors/job.ts";
import type { Reference } from "../executors/messages.ts";
import { describeError } from "../executors/remote-error.ts";
import { findShared, makeShareable, pack } from "./shareable.ts";
import { type Address, type Answer, leaveAddress, question, serveAt } from "./asking.ts";

const handles = new WeakMap<EventLoop, LoopHandle>();

/**
 * What other threads know a loop by: it goes to workers as an argument. Mirrors the loop itself in Python, which all
 * threads see.
 *
 * @example
 * const poll = job(import.meta, function poll(loop: LoopHandle) {
 *   for (;;) loop.callSoonThreadsafe(arrived, readSensor());
 * });
 * yield* toThread(poll, loopHandle());
 */
export class LoopHandle extends Shown {
  /** @internal */
  static override readonly name: string = "LoopHandle";
  /** @internal */
  declare readonly address: Address;

  /** @internal */
  constructor(address: Address) {
    super();
    Object.defineProperty(this, "address", { value: address });
    makeShareable(this, LoopHandle.name, () => address, false);
  }

  /** @internal */
  static find(): void {
    findShared(LoopHandle.name, (address: Address) => new LoopHandle(address));
  }

  /**
   * Has the loop call a function in its next iteration, from any thread. Mirrors loop.call_soon_threadsafe. What the
   * function throws goes to the loop's exception handler; so does what keeps it from being found.
   * @param fn a `job`, or a function that closes over nothing: it runs in the thread of the loop
   * @throws TypeError for what is no such function, and for arguments that cannot be copied
   */
  callSoonThreadsafe<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): void {
    checkCallable(fn, "callSoonThreadsafe");
    question(this.address, "call", [referenceOf(fn, null), args], ignore);
  }

  /** "<LoopHandle 1>". */
  override toString(): string {
    return `<LoopHandle ${this.address.id}>`;
  }
}

function ignore(): void {}

/**
 * What other threads know a loop by. It stands for the loop until that is closed.
 * @param loop default: the current one
 * @throws RuntimeError when there is none, and for one that is closed; TypeError for what is none
 *
 * @example
 * const future = pool.submit(poll, loopHandle());
 */
export function loopHandle(loop: EventLoop = getEventLoop()): LoopHandle {
  checkLoop(loop).checkOpen();
  let handle = handles.get(loop);
  if (handle === undefined) {
    const address = serveAt((method, [reference, args], answer) =>
      serve(loop, method, reference as Reference, args as unknown[], answer),
    );
    loop.arrivals.listen(() => leaveAddress(address));
    handle = new LoopHandle(address);
    handles.set(loop, handle);
  }
  return handle;
}

/** Does in a loop what another thread asks for: calls a function, or runs a coroutine. Returns what cancels that. */
function serve(
  loop: EventLoop,
  method: string,
  reference: Reference,
  args: readonly unknown[],
  answer: Answer,
): () => void {
  const find = (): AnyFunction => findFunction(reference, null, { loads: false }) as AnyFunction;
  if (method === "call") {
    loop.callSoonThreadsafe(() => void find()(...(args as never[])));
    answer({ value: pack(undefined) });
    return ignore;
  }
  let isAnswered = false;
  const answerOnce: Answer = (outcome) => {
    if (isAnswered) return;
    isAnswered = true;
    leave();
    answer(outcome);
  };
  const leave = loop.arrivals.listen(() =>
    answerOnce({ error: describeError(new RuntimeError("Event loop is closed")) }),
  );
  let task: Task<unknown> | null = null;
  const begin = loop.callSoonThreadsafe(() => {
    try {
      const coroutine = find()(...(args as never[]));
      if (!isCoroutine(coroutine)) throw new TypeError("A coroutine object is required");
      task = loop.createTask(coroutine);
      task.whenDone(ended, null);
    } catch (error) {
      answerOnce({ error: describeError(error) });
    }
  });
  const ended = (done: Task<unknown>): void => {
    if (done.cancelled()) answerOnce({ cancelled: true });
    else if (done.failed) answerOnce({ error: describeError(done.takeError()) });
    else answerOnce({ value: pack(done.result()) });
  };
  return () =>
    loop.arrivals.deliver("cancel", () => {
      if (task !== null) return void task.cancel();
      begin.cancel();
      answerOnce({ cancelled: true });
    });
}
