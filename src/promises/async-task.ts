// The activation of an async function: a task that is a promise. It starts at once, up to its first await, and ends
// with what its body returns, or what that is a promise of.

import { OP_FINISH, OP_YIELD } from "../core/abi.ts";
import { slotOf } from "../core/core.ts";
import { beginInside, endInside } from "../runtime/context.ts";
import type { Future } from "../runtime/future.ts";
import { currentHostContext } from "../runtime/host-context.ts";
import { type Loop, OwnOptions } from "../runtime/loop.ts";
import { type Coroutine, type Suspension, nextOf } from "../runtime/suspension.ts";
import { Task, type TaskOptions } from "../runtime/task.ts";
import { FRAMES_A_LOOK, FRAMES_UNCOMPILED, STARTS_A_LOOK, descend } from "../support/stack-room.ts";
import { Activation, type Step } from "./activation.ts";
import { PROMISE_MEMBERS } from "./as-promise.ts";
import { HIDDEN, reveal } from "./future-methods.ts";
import { LoopPromise, isObject, isShared } from "./promise.ts";

/** Tasks that were made since somebody has looked for room on the stack. */
let startsWithoutLook = 0;
/** Tasks that are being started, each by the one before. */
let starts = 0;

/** As many as programs start inside each other that do not recurse. */
const FEW_STARTS = 100;

export class AsyncTask<T> extends Task<T> implements Promise<T> {
  static override readonly name: string = "Promise";
  declare readonly [Symbol.toStringTag]: string;
  declare catch: Promise<T>["catch"];
  declare finally: Promise<T>["finally"];
  /** Its coroutine is an Activation, which runs calls in place. */
  declare readonly isActivation: true;

  /** @param name of the function */
  constructor(loop: Loop, body: Coroutine<unknown>, name: string | undefined) {
    if (starts > FEW_STARTS || startsWithoutLook === STARTS_A_LOOK) {
      descend(starts > FEW_STARTS ? FRAMES_UNCOMPILED : FRAMES_A_LOOK); // or the next one looks again
      startsWithoutLook = 0;
    }
    startsWithoutLook++;
    super(body as Coroutine<T>, new OwnOptions(loop, name) as TaskOptions);
  }

  /** It is started by who made it, from where the engine's stack is less deep. */
  protected override startEagerly(): void {}

  /**
   * Runs it up to its first await. Recursion adds up the frames from here to the body: so there is one. As natively, it
   * shares the host's context with who calls it, and keeps what that is where it waits.
   */
  start(body: Coroutine<unknown>): this {
    const { loop } = this;
    const outerSlot = loop.currentSlot;
    const outer = loop.core.enter(this.id);
    beginInside(this);
    starts++;
    loop.currentSlot = slotOf(this.id);
    let op: number;
    try {
      op = this.#begin(body, nextOf(body).call(body));
    } catch (error) {
      let isOverflow = true;
      try {
        descend(error instanceof RangeError || starts > FEW_STARTS ? FRAMES_UNCOMPILED : FRAMES_A_LOOK);
        isOverflow = false;
      } catch {
        // then it is ended by its next step, which begins where there is room; no code runs here that has not before
      }
      if (isOverflow) this.badYield = error;
      op = isOverflow ? OP_YIELD : this.endWith(error);
    }
    if (op !== OP_FINISH) this.hostContext = currentHostContext();
    starts--;
    endInside();
    loop.currentSlot = outerSlot;
    this.leaveStart(outer, op);
    return this;
  }

  #begin(body: Coroutine<unknown>, first: Step): number {
    if (first.done === true && !isObject(first.value)) return this.follow(first as IteratorReturnResult<T>);
    const activation = new Activation(body);
    this.goOnWith(activation as Iterator<Suspension, unknown> as Coroutine<T>);
    return this.follow(activation.begin(first) as IteratorResult<Suspension, T>);
  }

  /** @internal */
  override reveal(): void {
    reveal(this);
  }

  /** A promise is left to those who wait for it as well. */
  protected override leaves(awaited: Future<unknown>): boolean {
    return awaited.then === LoopPromise.prototype.then && isShared(awaited);
  }
}

// A step begins here, as stacks know by this name.
Object.defineProperty(AsyncTask.prototype.start, "name", { value: "resumeCoroutine" });
Object.defineProperties(AsyncTask.prototype, { ...PROMISE_MEMBERS, ...HIDDEN, isActivation: { value: true } });
