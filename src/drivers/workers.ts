// The seam to workers: threads and processes in which code of the program runs beside the loop. They take messages and
// send some, which are copied on the way; what is made of that is the executors' matter.

/** A thread of this process, or a process of its own. */
export type WorkerKind = "thread" | "process";

/** Who is told what a worker does. */
export interface WorkerEvents {
  /** It has sent a message. */
  message(message: unknown): void;
  /**
   * It has ended, and says why as far as that is known. Nothing is told after that.
   * @param exitCode that of the worker, or minus the number of the signal that has ended it; null: not known
   */
  ended(reason: string, exitCode: number | null): void;
}

/** This side's end of a worker. It does not keep the process alive. */
export interface WorkerEnd {
  /**
   * Sends a message, copied; what is in `transfer` is given away. Throws for what cannot be copied, when nothing is
   * sent.
   */
  post(message: unknown, transfer: readonly object[]): void;
  /** The id of the process that it is; absent for a thread. */
  readonly pid?: number | undefined;
  /** Ends it at once, whatever it does; `ended` is told when it has. */
  stop(): void;
}

/** The other side: what a worker has of whoever has started it. */
export interface ParentEnd {
  /** Has it tell what comes, and from now on the other side when this one ends. Called once. */
  start(receive: (message: unknown) => void): void;
  /** As WorkerEnd's. */
  post(message: unknown, transfer: readonly object[]): void;
  /** Ends this worker. */
  exit(): void;
}

/** A host's workers. */
export interface Workers {
  /** Threads that run at once, by what the host says of its machine. */
  readonly cores: number;
  /** Whether workers of a kind can have memory together with whoever has started them. */
  sharesMemory(kind: WorkerKind): boolean;
  /** Starts a worker that serves jobs. Throws NotAvailableError where there are none, with the reason. */
  spawn(kind: WorkerKind, name: string, events: WorkerEvents): WorkerEnd;
  /** A worker of the host's own, which the program has started. Throws TypeError for anything else. */
  adopt(worker: unknown, events: WorkerEvents): WorkerEnd;
  /**
   * The next message of a MessagePort that has come, or undefined: for a thread that has waited for it, and cannot be
   * told. Absent where nobody can look.
   */
  receive?(port: object): { readonly message: unknown } | undefined;
  /** Whoever has started this worker; null in what is none. */
  parent(): ParentEnd | null;
}
