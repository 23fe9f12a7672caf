// Processes: a function that is run by a worker of its own.

import { RuntimeError } from "../errors/base.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { runningLoop } from "../runtime/loop.ts";
import { getEventLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { operation } from "../waiting/operation.ts";
import { currentJob } from "../executors/current-job.ts";
import { BrokenExecutor } from "../executors/errors.ts";
import type { JobFuture } from "../executors/job-future.ts";
import { sideChannel } from "../executors/side-channel.ts";
import { CHILD_OPTIONS, type ChildOptions, Children } from "./children.ts";

/** Options of processes. */
export interface ProcessOptions<A extends unknown[]> extends ChildOptions {
  /** What the function is called with. Default: nothing. */
  args?: A;
  /** Default: "Process-1" and so on. */
  name?: string;
}

const SIGKILL = 9;
const SIGTERM = 15;

/** How many got a default name: in real time together, in virtual time in each loop, so that each run has the same. */
const named = new WeakMap<object, number>();
const REAL_TIME = {};

function newName(): string {
  const loop = runningLoop();
  const where = loop?.host.virtual === true ? loop : REAL_TIME;
  const number = (named.get(where) ?? 0) + 1;
  named.set(where, number);
  return `Process-${number}`;
}

/** Those that run, by the loop that has started them. */
const running = new WeakMap<EventLoop, Set<Process>>();

function runningIn(loop: EventLoop): Set<Process> {
  let processes = running.get(loop);
  if (processes === undefined) running.set(loop, (processes = new Set()));
  return processes;
}

/**
 * A function that runs beside the loop, in a thread, or in a process of the system. Mirrors multiprocessing.Process. It
 * ends at the latest with the loop that has started it, as a daemon does in Python: a program waits for those that it
 * needs, by `join`.
 *
 * @example
 * const first = new Process(count, { args: [1e8] });
 * const second = new Process(count, { args: [2e8] });
 * first.start();
 * second.start();
 * yield* first.join();
 * yield* second.join();
 */
export class Process<A extends unknown[] = unknown[]> extends Shown {
  /** @internal */
  static override readonly name: string = "Process";
  /** Its name, which `currentProcess` has inside. Mirrors Process.name. */
  readonly name: string;
  readonly #children: Children;
  readonly #begin: () => JobFuture<unknown>;
  /** The loop that has started it, or null. */
  #loop: EventLoop | null = null;
  readonly #joiners: Future<void>[] = [];
  #pid: number | null = null;
  #isAlive = false;
  /** What it is ended with, by the program. */
  #signal: number | null = null;
  #exitcode: number | null = null;

  /**
   * @param target a `job`, or a function that closes over nothing; also a `function*` or an async one
   * @throws TypeError for what is no function, and for options that are not what they are to be
   */
  constructor(target: (...args: A) => unknown, options: ProcessOptions<A> = {}) {
    super();
    const { args = [], name = newName(), context = "thread", ...own } = checkNames(options, NAMES);
    checkFunction(target, "target");
    if (!Array.isArray(args)) throw new TypeError(`Invalid args: expected an array, got ${format(args)}`);
    if (typeof name !== "string") throw new TypeError(`Invalid name: expected a string, got ${format(name)}`);
    this.name = name;
    this.#children = new Children(context, () => name, { ...own, maxWorkers: 1 });
    this.#begin = () => this.#children.submit(target, ...(args as A));
  }

  /** The id of the process of the system that it is; null before it is started, and for a thread. */
  get pid(): number | null {
    return this.#pid;
  }

  /**
   * How it has ended: 0 when its function returned, 1 when that threw, its code when it has ended by itself, minus a
   * signal's number when it was ended; null while it has not. Mirrors Process.exitcode.
   */
  get exitcode(): number | null {
    return this.#isAlive ? null : this.#exitcode;
  }

  /** Whether it was started, and has not ended. Mirrors Process.is_alive. */
  isAlive(): boolean {
    return this.#isAlive;
  }

  /**
   * Starts it. Mirrors Process.start. What its function throws goes to the loop's exception handler, and so does the
   * error for arguments that cannot be copied.
   * @throws RuntimeError when it was started before, and when there is no loop; TypeError for a function that workers
   *   could not find; NotAvailableError where there are none
   */
  start(): void {
    if (this.#loop !== null) throw new RuntimeError("cannot start a process twice");
    const loop = getEventLoop();
    const job = this.#begin();
    this.#loop = loop;
    this.#isAlive = true;
    [this.#pid = null] = this.#children.pids(loop);
    const processes = runningIn(loop).add(this);
    job.whenDone(() => this.#ended(job, loop), null);
    this.#children.close(loop);
    const over = loop.arrivals.listen(() => {
      this.#isAlive = false;
      if (job.done()) this.#ended(job, loop); // who joins may be told before the job's own callback runs
      this.#exitcode ??= -SIGTERM; // its loop was closed
      processes.delete(this);
      if (loop.isClosed()) return;
      for (const joiner of this.#joiners.splice(0)) if (!joiner.done()) joiner.setResult();
    });
    this.#children.whenEnded(loop, over);
  }

  /**
   * Waits as a task until it has ended. Mirrors Process.join.
   * @param timeout longest time, or null for ever; default: null
   * @throws RuntimeError when it was not started
   */
  join(timeout: Delay | null = null): Coroutine<void> {
    const seconds = timeout === null ? null : secondsOf(timeout, "timeout");
    this.#checkStarted("join");
    return operation("Process.join", this.#join(seconds));
  }

  *#join(seconds: number | null): Coroutine<void> {
    if (!this.#isAlive) return;
    const ended = (this.#loop as EventLoop).createExternalFuture();
    this.#joiners.push(ended);
    yield* moveOnAfter(seconds).with(() => ended);
  }

  /**
   * Ends it at once, whatever it does: a lock that it holds is never released. Mirrors Process.terminate. On Deno a
   * thread that does not give way goes on all the same.
   * @throws RuntimeError when it was not started
   */
  terminate(): void {
    this.#stop("terminate", SIGTERM);
  }

  /** As `terminate`, with another exit code. Mirrors Process.kill. */
  kill(): void {
    this.#stop("kill", SIGKILL);
  }

  #stop(what: string, signal: number): void {
    const loop = this.#checkStarted(what);
    if (!this.#isAlive || this.#signal !== null) return;
    this.#signal = signal;
    this.#children.terminate(loop);
  }

  #checkStarted(what: string): EventLoop {
    if (this.#loop === null) throw new RuntimeError(`can only ${what} a started process`);
    return this.#loop;
  }

  #ended(job: JobFuture<unknown>, loop: EventLoop): void {
    if (this.#exitcode !== null) return;
    if (this.#signal !== null || job.cancelled()) {
      this.#exitcode = -(this.#signal ?? SIGTERM);
      return;
    }
    const exception = job.exception();
    const code = exception instanceof BrokenExecutor ? exception.exitCode : null;
    this.#exitcode = exception === null ? 0 : (code ?? 1);
    if (exception !== null && code === null)
      loop.callExceptionHandler({ message: `Exception in process ${this.name}`, exception });
  }

  /** "<Process Process-1 started>". */
  override toString(): string {
    const ended = this.#exitcode === null ? "initial" : `stopped exitcode=${this.#exitcode}`;
    return `<Process ${this.name} ${this.#isAlive ? "started" : ended}>`;
  }
}

const NAMES = ["args", "name", ...CHILD_OPTIONS];

/** The processes of the current loop that have not ended. Mirrors multiprocessing.active_children. */
export function activeChildren(): Process[] {
  return [...runningIn(getEventLoop())];
}

/**
 * Who runs this: in a process, or in a worker of a pool, its name; else "MainProcess". Mirrors
 * multiprocessing.current_process.
 */
export function currentProcess(): { readonly name: string } {
  return { name: currentJob()?.workerName ?? sideChannel.workerName ?? "MainProcess" };
}
