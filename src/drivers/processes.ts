// The seam to processes: a host starts a child, tells how it ended, and sends it signals. Its standard streams are
// ends of pipes, as the network has them.

import type { Fault } from "../errors/os.ts";
import type { ReadEnd, WriteEnd } from "./network.ts";

/** Where a standard stream of a child leads: to this process, to nothing, or to a file that this process has open. */
export type ChildStream = "pipe" | "nothing" | number;

/** What to start, and how. */
export interface Command {
  /** A path, or a name that is looked for in the child's PATH. */
  readonly file: string;
  /** What the program is given as its arguments; the first one is its own name. */
  readonly argv: readonly string[];
  readonly stdin: ChildStream;
  readonly stdout: ChildStream;
  /** "stdout": to the pipe that its standard output has. */
  readonly stderr: ChildStream | "stdout";
  /** The folder that it runs in; null: that of this process. */
  readonly cwd: string | null;
  /** All of its environment; null: that of this process. */
  readonly env: Readonly<Record<string, string>> | null;
  /** Whether it is the first of a session of its own. */
  readonly newSession: boolean;
}

/** Who is told how an attempt to start a child ends: one of both is called, once, unless it is given up before. */
export interface SpawnEvents {
  /** It runs. */
  spawned(child: Child): void;
  /** @param path the file or folder that the system refused */
  failed(fault: Fault, path: string): void;
}

/** A child. */
export interface Child {
  readonly pid: number;
  /** The host's own object for it. */
  readonly native: object;
  /** The ends of its pipes; null where there is none. */
  readonly stdin: PipeEnd<WriteEnd> | null;
  readonly stdout: PipeEnd<ReadEnd> | null;
  readonly stderr: PipeEnd<ReadEnd> | null;
  /**
   * Has the child tell when it has ended, and how: by its exit code, or by the negative number of the signal that ended
   * it. Called once, before anything else.
   */
  start(exited: (returncode: number) => void): void;
  /** Sends a signal, by its number. Does nothing when it has ended. Returns why the system refuses, or null. */
  kill(signal: number): Fault | null;
}

/** The end of a pipe, and the host's own stream that it is made over. */
export interface PipeEnd<E> {
  readonly end: E;
  readonly native: object;
}

/** A host's processes. */
export interface Processes {
  /** The numbers of the signals that the system has, by name. */
  readonly signals: Readonly<Record<string, number>>;
  /**
   * Starts a child; how that ends may be told before the call returns. Returns what gives it up, as long as nothing was
   * told.
   * @throws NotAvailableError for what the host cannot do
   */
  spawn(command: Command, events: SpawnEvents): () => void;
}
