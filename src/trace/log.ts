// The log of a simulation: every step that ran, in order, as plain data that JSON keeps whole.

/** A place in the source of a program. */
export interface LogFrame {
  /** Name of the function, or "(anonymous)". */
  readonly name: string;
  /** URL or path of the file. */
  readonly file: string;
  /** Line from 1, or 0 where it is not known. */
  readonly line: number;
  /** Column from 1, or 0. */
  readonly column: number;
}

/** Who makes steps: a task, or a callback. */
export interface LogActor {
  /** Its index in the log's `actors`. */
  readonly id: number;
  /** A task, a callback of `callSoon` or of a future, or one of `callLater` and `callAt`. */
  readonly kind: "task" | "callback" | "timer";
  /** Number among the loop's tasks in order of creation, from 0; -1 for a callback. */
  readonly number: number;
  /** Name of the task or of the callback's function. */
  readonly name: string;
  /**
   * Index of the step in which it was made; -1 when that is not known, as of timers, and when it was there before the
   * first.
   */
  readonly madeIn: number;
  /** Where it was made, innermost first; empty outside debug mode. */
  readonly origin: readonly string[];
}

/** One step: what ran between two decisions of the scheduler. */
export interface LogStep {
  /** Its index in the log's `steps`. */
  readonly index: number;
  /** Virtual time in seconds. */
  readonly time: number;
  /** Number of the loop's iteration. */
  readonly iteration: number;
  /** Index of who ran, in the log's `actors`. */
  readonly actor: number;
  /**
   * Which of the candidates it was, from 0, where there was a choice: 0 is what asyncio would run. A timer that was
   * chosen counts for the step that it leads to, and wake-ups for the step behind them.
   */
  readonly choice: number;
  /** Number of candidates that could have run; 1 where there was no choice. */
  readonly candidates: number;
  /** How it began: a task's step goes on, or gets an error thrown into it; a callback is called. */
  readonly begin: "resume" | "throw" | "call";
  /** How it ended. */
  readonly end: "yield" | "sleep" | "wait" | "return" | "throw" | "cancelled" | "called";
  /** What the task waits for now: "Lock", "Task-3", "until 1.5 s"; "" when it does not wait. */
  readonly waitsFor: string;
  /**
   * Indexes of the actors that this step made ready, in order: itself too, when it gives way. The callback of a
   * `gather` or of a task group is among them for each child that is done; it is called for the last one, and for those
   * that failed.
   */
  readonly woke: readonly number[];
  /** Where the task is suspended now, innermost first; empty outside debug mode, and when it ended. */
  readonly stack: readonly LogFrame[];
}

/** Something that tasks share: a lock, a semaphore, a queue. */
export interface LogPrimitive {
  /** Its index in the log's `primitives`. */
  readonly id: number;
  /** Whether tasks hold it, as a lock and permits are held, or items fill it. */
  readonly kind: "lock" | "queue";
  /** Number among the primitives of the run in order of creation, from 0; -1 for what was there before. */
  readonly number: number;
  /** Name of its class. */
  readonly name: string;
  /** Most items that a queue holds; 0: any number. 0 for what is held. */
  readonly limit: number;
  /** Where it was made, innermost first. */
  readonly origin: readonly string[];
}

/** How a step has left a primitive that it has changed. */
export interface LogChange {
  /** Index of the step. */
  readonly step: number;
  /** Index in the log's `primitives`. */
  readonly primitive: number;
  /**
   * Indexes of the actors that hold it now, in order of acquisition, the first ten of them: -1 for what was acquired
   * outside tasks. None for a queue.
   */
  readonly holders: readonly number[];
  /** How often it is held; number of items in a queue. */
  readonly count: number;
}

/** Every step of a simulation. */
export interface SimulationLog {
  readonly actors: readonly LogActor[];
  readonly steps: readonly LogStep[];
  /** Locks, semaphores and queues, in order of their first change; only in debug mode. */
  readonly primitives?: readonly LogPrimitive[];
  /** Who held them and what filled them, in order of the steps. */
  readonly changes?: readonly LogChange[];
  /** Virtual time at the end, in seconds. */
  readonly time: number;
}
