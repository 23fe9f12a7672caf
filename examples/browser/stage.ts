// What a run looks like from outside: a lane for each task, with the states that it was in, and the lines that were
// printed. Nothing here knows of the page.
//
// The loop makes its tasks through the stage, which so knows all of them and sees them end. What a task waits for it
// says itself, by the operations below; they find the stage in the context, which every task has from the one that made
// it.

import {
  type Awaitable,
  ContextVar,
  type Coroutine,
  type EventLoop,
  Task,
  type TaskOptions,
  currentTask,
  ensureFuture,
  isCoroutine,
  sleep as sleepFor,
} from "wasyncio";

export type State = "ready" | "running" | "waiting" | "sleeping" | "done" | "cancelled" | "failed";

/** A time in a state, which ends where the next one begins. */
export interface Span {
  readonly state: State;
  /** Such as "waiting for a stove". */
  readonly text: string;
  /** Whether the task had been asked to stop by then. */
  readonly stopping: boolean;
  /** Seconds since the start of the run. */
  readonly from: number;
}

/** A task and what became of it. */
export class Lane {
  readonly task: Task<unknown>;
  readonly spans: Span[] = [];

  constructor(task: Task<unknown>) {
    this.task = task;
  }

  /** What it is now. */
  get span(): Span {
    return this.spans.at(-1) as Span;
  }

  enter(state: State, text: string, from: number): void {
    // Steps take no time worth a span of their own.
    if (this.spans.at(-1)?.from === from || this.spans.at(-1)?.state === "running") this.spans.pop();
    this.spans.push({ state, text, from, stopping: this.task.cancelling() > 0 });
  }
}

/** A line that the program has printed. */
export interface Line {
  readonly time: number;
  readonly text: string;
}

export class Stage {
  readonly lanes: Lane[] = [];
  readonly lines: Line[] = [];
  readonly #loop: EventLoop;
  readonly #start: number;

  /** @param loop the loop of the run; its tasks are made by the stage from now on */
  constructor(loop: EventLoop) {
    this.#loop = loop;
    this.#start = loop.time();
    loop.setTaskFactory((_, coro, options) => this.#createTask(coro, options));
  }

  /** Seconds since the start of the run. */
  time(): number {
    return this.#loop.time() - this.#start;
  }

  /** Notes what the current task does from now on. */
  enter(state: State, text: string): void {
    this.lanes.find(({ task }) => task === currentTask())?.enter(state, text, this.time());
  }

  print(text: string): void {
    this.lines.push({ time: this.time(), text });
  }

  #createTask<T>(coro: Coroutine<T>, options: TaskOptions): Task<T> {
    const task = new Task(coro, { ...options, loop: this.#loop });
    if (this.lanes[0]?.task.done()) return task; // one by which the runner ends
    const lane = new Lane(task);
    lane.enter("ready", "ready", this.time());
    task.addDoneCallback(() => {
      const state = task.cancelled() ? "cancelled" : task.exception() === null ? "done" : "failed";
      lane.enter(state, state, this.time());
    });
    this.lanes.push(lane);
    return task;
  }
}

/** The stage that the program plays on. */
export const stage = new ContextVar<Stage>("stage");

/** Prints a line. */
export function say(text: string): void {
  stage.get().print(text);
}

/** Awaits something, and says so. */
export function* waitingFor<T>(what: string, awaitable: Awaitable<T>): Coroutine<T> {
  return yield* during("waiting", `waiting for ${what}`, awaitable);
}

/** Sleeps, and says so. */
export function* sleep(seconds: number): Coroutine<void> {
  const end = stage.get().time() + seconds;
  yield* during("sleeping", `sleeping until ${end.toFixed(1)} s`, sleepFor(seconds));
}

function* during<T>(state: State, text: string, awaitable: Awaitable<T>): Coroutine<T> {
  stage.get().enter(state, text);
  try {
    return yield* isCoroutine(awaitable) ? awaitable : ensureFuture(awaitable);
  } finally {
    stage.get().enter("running", "running");
  }
}
