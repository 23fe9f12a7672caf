// How the body of an async function is run in its task, and with it the bodies of those that it calls in place.
//
// A call in place is a frame on a stack of our own: its body is stepped by itself, not through `yield*` of all its
// callers, so that a step costs the same at any depth. In debug mode it is delegated to: then its callers are on the
// engine's stack, and errors tell of them.

import { runningTask } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";
import { type Coroutine, GENERATOR_NEXT, GIVES_WAY, type Suspension, isGenerator } from "../runtime/suspension.ts";
import { adopt } from "./adopt.ts";
import { isObject } from "./promise.ts";

export type Step = IteratorResult<Suspension, unknown>;

/** Whether what drives a task runs calls for it: its coroutine is an Activation, and it is not debugged. */
function runsCalls(task: Task<unknown> | null): boolean {
  return task !== null && (task as { isActivation?: boolean }).isActivation === true && !task.loop.getDebug();
}

// What the coroutine of a frame is. A generator's `next` is not looked up: see `nextOf`.
const GENERATOR = 0;
const OPERATION = 1;
const ADOPTING = 2;

const FRESH = 0;
const RUNNING = 1;
const RETURNED = 2;
const THREW = 3;

/**
 * The body of an async function, and behind it what adopts its value. For a call in place it is what `yield*` is given,
 * and ends a tick after its body has, as a promise of it would.
 *
 * It is the result of its own steps, too: one object a call.
 */
export class Frame implements Iterator<Suspension, unknown> {
  // Assigned in the constructor, and not private to the engine, which is the quickest to make.
  /** The one that has called it in place, or null. */
  declare caller: Frame | null;
  declare done: boolean;
  /** The call, for what drives the task; then what it returned, or threw. */
  declare value: unknown;
  declare private _coroutine: Coroutine<unknown>;
  declare private _kind: number;
  declare private _state: number;

  constructor(body: Coroutine<unknown>) {
    this.caller = null;
    this.done = false;
    this.value = this;
    this._coroutine = body;
    this._kind = isGenerator(body) ? GENERATOR : OPERATION;
    this._state = FRESH;
  }

  /** Makes a step of the body. */
  advance(): Step {
    const coroutine = this._coroutine;
    return this.adopted(this._kind === GENERATOR ? GENERATOR_NEXT.call(coroutine) : coroutine.next());
  }

  /** Makes one by throwing. */
  fail(error: unknown): Step {
    return this.adopted(this._coroutine.throw(error));
  }

  close(value: unknown): Step {
    return this._coroutine.return(value);
  }

  next(): Step {
    switch (this._state) {
      case FRESH:
        this._state = RUNNING;
        return runsCalls(runningTask()) ? (this as Step) : this.delegated(null);
      case RUNNING:
        return this.delegated(null);
      case RETURNED:
        return this as Step;
      default:
        throw this.value;
    }
  }

  throw(error: unknown): Step {
    if (this._state !== RUNNING) throw error;
    return this.delegated({ error });
  }

  return(value: unknown): Step {
    return this._state === RUNNING ? this.close(value) : { done: true, value };
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Its body has returned. */
  end(value: unknown): Step {
    this._state = RETURNED;
    this.done = true;
    this.value = value;
    return GIVES_WAY;
  }

  /** Its body has thrown. */
  endThrown(error: unknown): Step {
    this._state = THREW;
    this.value = error;
    return GIVES_WAY;
  }

  adopted(step: Step): Step {
    if (step.done !== true || this._kind === ADOPTING || !isObject(step.value)) return step;
    this._kind = ADOPTING;
    this._coroutine = adopt(step.value);
    return this._coroutine.next();
  }

  /** Makes a step as a part of its caller's. */
  private delegated(thrown: { readonly error: unknown } | null): Step {
    let step: Step;
    try {
      step = thrown === null ? this.advance() : this.fail(thrown.error);
    } catch (error) {
      return this.endThrown(error);
    }
    return step.done === true ? this.end(step.value) : step;
  }
}

/** The coroutine of a task that runs an async function. */
export class Activation implements Iterator<Suspension, unknown> {
  /** The innermost of what is called. */
  #frame: Frame;

  constructor(body: Coroutine<unknown>) {
    this.#frame = new Frame(body);
  }

  /** Goes on from the first step of the body, which who started it has made. */
  begin(first: Step): Step {
    try {
      return this.#goOn(this.#frame.adopted(first));
    } catch (error) {
      return this.#leaveThrown(error);
    }
  }

  next(): Step {
    try {
      return this.#goOn(this.#frame.advance());
    } catch (error) {
      return this.#leaveThrown(error);
    }
  }

  throw(error: unknown): Step {
    try {
      return this.#goOn(this.#frame.fail(error));
    } catch (failure) {
      return this.#leaveThrown(failure);
    }
  }

  return(value: unknown): Step {
    let frame = this.#frame;
    for (; frame.caller !== null; frame = frame.caller) frame.close(undefined);
    this.#frame = frame;
    return frame.close(value);
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** What follows from a step of the innermost body. */
  #goOn(first: Step): Step {
    let step = first;
    for (;;) {
      const frame = this.#frame;
      if (step.done === true) {
        if (frame.caller === null) return step;
        this.#frame = frame.caller;
        return frame.end(step.value);
      }
      const call: unknown = step.value;
      if (!(call instanceof Frame)) return step;
      call.caller = frame;
      this.#frame = call;
      step = call.advance();
    }
  }

  /** The innermost body has thrown. */
  #leaveThrown(error: unknown): Step {
    const frame = this.#frame;
    if (frame.caller === null) throw error;
    this.#frame = frame.caller;
    return frame.endThrown(error);
  }
}
