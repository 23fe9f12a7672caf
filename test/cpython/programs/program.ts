// The language of random programs: plain data that interpreter.py runs over CPython's asyncio and interpreter.ts over
// ours.
//
// Programs share what they make through numbered tables (slots, handles, scopes...), so that tasks act on each other
// and so that a part can be taken out without making the rest meaningless: what is not in a table is skipped, in both
// worlds alike.

/** Statements; in a callback only those that do not wait. */
export type Block = Statement[];

export interface Program {
  /** Whether all tasks start eagerly, by a task factory. */
  eager: boolean;
  /** Whether the loop is in debug mode, which changes nothing. */
  debug?: boolean;
  /** Locks, queues...: what `object` in statements refers to. */
  objects: ObjectSpec[];
  main: Block;
}

export type ObjectSpec =
  | { type: "Lock" | "Event" }
  | { type: "Condition"; lock: number | null }
  | { type: "Semaphore" | "BoundedSemaphore"; value: number }
  | { type: "Barrier"; parties: number }
  | { type: "Queue" | "LifoQueue" | "PriorityQueue"; maxsize: number };

export type ObjectType = ObjectSpec["type"];

export type Value = number | string | null | Value[];

/** Classes of errors to raise, by Python's names; AppError is the programs' own. */
export type ErrorName = "ValueError" | "RuntimeError" | "TypeError" | "AppError" | "CancelledError" | "TimeoutError";

/** Classes of errors to catch: Exception is anything but a cancellation, Any is everything. */
export type CatchName =
  | "Exception"
  | "CancelledError"
  | "TimeoutError"
  | "ValueError"
  | "RuntimeError"
  | "ExceptionGroup"
  | "Any";

export type WaitMode = "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED";

/** What can be awaited. */
export type Source =
  | { source: "coroutine"; body: Block }
  | { source: "slot"; slot: number }
  | { source: "sleep"; delay: number; value: Value }
  | { source: "acquire" | "wait" | "get" | "join" | "barrier"; object: number }
  | { source: "put"; object: number; value: Value }
  /** `again`: the one of `of` that is passed twice. */
  | { source: "gather"; of: Source[]; again: number | null; returnExceptions: boolean }
  | { source: "shield"; of: Source }
  | { source: "waitFor"; of: Source; timeout: number | null }
  | { source: "waitAll"; slots: number[]; timeout: number | null; mode: WaitMode };

/** The task that runs now, where a slot is expected. */
export const SELF = -1;

/** How a task or callback gets its context: a copy made now, or one that is shared by all that ask for it. */
export type ContextChoice = "copy" | "shared";

interface TaskSpec {
  slot: number;
  name: string;
  body: Block;
  eager?: boolean;
  context?: ContextChoice;
}

export interface Handler {
  catches: CatchName;
  body: Block;
}

/** `soft`: errors of the statement are traced and the program goes on; cancellations always pass. */
export type Statement = { id?: number; soft?: boolean } & (
  | { op: "await"; source: Source }
  | { op: "keep"; slot: number; source: Source }
  // tasks and futures
  | ({ op: "spawn" } & TaskSpec)
  | { op: "cancel"; slot: number; message: string | null }
  | { op: "uncancel" | "cancelling" | "probe"; slot: number }
  | { op: "rename"; slot: number; name: string }
  | { op: "future"; slot: number }
  | { op: "setResult"; slot: number; value: Value }
  | { op: "setError"; slot: number; error: ErrorName; message: string }
  | { op: "addCallback"; slot: number; callback: number; body: Block; context?: ContextChoice }
  | { op: "removeCallback"; slot: number; callback: number }
  | { op: "tasks" }
  // the loop
  | { op: "callSoon"; handle: number; threadsafe?: boolean; body: Block; context?: ContextChoice }
  | { op: "callLater" | "callAt"; handle: number; delay: number; body: Block; context?: ContextChoice }
  | { op: "cancelHandle"; handle: number }
  | { op: "report"; message: string }
  | { op: "inContext"; body: Block }
  // control
  | { op: "raise"; error: ErrorName; message: string }
  | { op: "reraise" }
  | { op: "return"; value: Value }
  | { op: "try"; body: Block; handlers: Handler[]; finally: Block }
  | { op: "repeat"; times: number; body: Block }
  | { op: "if"; slot: number; body: Block; otherwise: Block }
  // structure
  | { op: "timeout"; scope: number; delay: number | null; absolute: boolean; body: Block }
  | { op: "reschedule"; scope: number; delay: number | null }
  | { op: "showScope"; scope: number }
  | { op: "group"; group: number; body: Block }
  | ({ op: "groupSpawn"; group: number } & TaskSpec)
  | { op: "reenter"; scope: number }
  | { op: "reenter"; group: number }
  /** `stubborn`: cancellations of one of the coroutines do not end the loop over them. */
  | {
      op: "asCompleted";
      of: Source[];
      timeout: number | null;
      asynchronous: boolean;
      limit: number;
      stubborn?: boolean;
    }
  // locks and queues
  | { op: "with"; object: number; body: Block }
  | { op: "release" | "set" | "clear" | "show"; object: number }
  | { op: "notify"; object: number; count: number | null }
  | { op: "waitUntil"; object: number; counter: number; atLeast: number }
  | { op: "count"; counter: number }
  | { op: "abort" | "reset"; object: number }
  | { op: "putNowait"; object: number; value: Value }
  | { op: "getNowait" | "taskDone"; object: number }
  | { op: "shutdown"; object: number; immediate: boolean }
  // context variables
  | { op: "setVariable"; variable: number; value: Value; token: number }
  | { op: "getVariable"; variable: number }
  | { op: "resetVariable"; variable: number; token: number }
);

export type Op = Statement["op"];

/** The statements with one of some ops. */
export type Of<O extends Op> = Extract<Statement, { op: O }>;

/** How many entries the tables have. */
export const TABLES = {
  slots: 7,
  handles: 4,
  callbacks: 4,
  scopes: 3,
  groups: 3,
  counters: 2,
  variables: 2,
  tokens: 3,
};

/** What happened when a program ran: lines of "time iteration task id:op value". */
export type Trace = string[];

/** Numbers the statements, so that a line of a trace says which one it is of. */
export function number(program: Program): Program {
  let next = 0;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      if ("op" in value) (value as Statement).id = next++;
      Object.values(value).forEach(visit);
    }
  };
  visit(program.main);
  return program;
}
