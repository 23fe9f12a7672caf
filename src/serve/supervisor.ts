// The supervisor: keeps a number of workers serving. gunicorn's place.
//
// It is a program of the loop. Each worker has a keeper, a task that starts another one when it has ended. A worker
// that is to be replaced, by a reload or because it has served its requests, is told so when the next one listens, and
// its keeper is cancelled. One is replaced at a time, and a reload waits until the workers of the one before have gone:
// so they do not pile up.

import { constants } from "node:os";
import { TimeoutError } from "../errors/asyncio.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { Task } from "../runtime/task.ts";
import { Event } from "../sync/event.ts";
import { Lock } from "../sync/lock.ts";
import { gather } from "../tasks/gather.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { race } from "../tasks/race.ts";
import { sleep } from "../tasks/sleep.ts";
import { TaskGroup } from "../tasks/task-group.ts";
import { timeout } from "../tasks/timeout.ts";
import { BEATS } from "./messages.ts";
import { ENDING, onSignals } from "./signals.ts";
import { type Fork, StartError, SupervisedWorker } from "./supervised-worker.ts";

/** Seconds that a worker has to start. */
const START_LIMIT = 60;

/** Seconds before a worker that has ended is started again: the first time, and at most. */
const SHORTEST_BACK_OFF = 0.05;
const LONGEST_BACK_OFF = 5;

/** Seconds for which a worker has to serve before its end counts as a new trouble, and not as the same again. */
const STABLE = 1;

/** Ends of workers, before any was stable, after which the supervisor gives up. */
const MOST_EARLY_ENDS = 5;

/** Seconds behind the grace in which a worker that ends in order has to be gone. */
const MARGIN = 3;

export interface SupervisorOptions {
  readonly workers: number;
  /** Seconds that workers have to end in order; null for no end. */
  readonly grace: number | null;
  /** Seconds without a sign of life after which a worker is replaced; 0 for never. */
  readonly timeout: number;
  /** Takes a line for the operator. */
  readonly report: (text: string) => void;
}

/** A place for a worker. */
interface Slot {
  worker: SupervisedWorker;
  keeper: Task<void> | null;
}

/** Keeps workers serving until a signal comes. Returns the exit code of the process. */
export function* supervise(fork: Fork, options: SupervisorOptions & { readonly reloadOn: string }): Coroutine<number> {
  const loop = getRunningLoop();
  const { reloadOn, ...others } = options;
  const supervisor = new Supervisor(loop, fork, others);
  const stopListening = onSignals(ENDING, {
    first: (signal) => supervisor.stop(signal),
    second: (signal) => supervisor.kill(signal),
  });
  loop.addSignalHandler(reloadOn, () => supervisor.reload());
  try {
    return yield* supervisor.run();
  } finally {
    stopListening();
    loop.removeSignalHandler(reloadOn);
  }
}

export class Supervisor {
  readonly #loop: EventLoop;
  readonly #fork: Fork;
  readonly #options: SupervisorOptions;
  readonly #group = new TaskGroup();
  /** All workers that there are, those that end in order among them. */
  readonly #workers = new Set<SupervisedWorker>();
  #slots: Slot[] = [];
  readonly #replacing = new Lock();
  readonly #reload = new Event();
  readonly #stopped = new Event();
  /** Whether workers end at once. */
  readonly #killed = new Event();
  #code = 0;
  #earlyEnds = 0;
  #wasStable = false;

  constructor(loop: EventLoop, fork: Fork, options: SupervisorOptions) {
    this.#loop = loop;
    this.#fork = fork;
    this.#options = options;
  }

  /** Keeps workers serving until it is told to stop, or cannot go on. Returns the exit code. */
  *run(): Coroutine<number> {
    try {
      yield* race(this.#serve(), this.#stopped.wait());
    } finally {
      yield* this.#endWorkers();
    }
    return this.#code;
  }

  /** Replaces all workers, one after the other; again, when it is doing so. */
  reload(): void {
    this.#reload.set();
  }

  /** Ends in order. */
  stop(signal: string): void {
    this.#end(0, `${signal}: shutting down`);
  }

  /** Ends at once. */
  kill(signal: string): void {
    this.#options.report(`${signal} again: ending at once`);
    this.#code = 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    this.#stopped.set();
    this.#killed.set();
  }

  /** Ends with an exit code: the first one counts. */
  #end(code: number, text: string): void {
    if (this.#stopped.isSet()) return;
    this.#options.report(text);
    this.#code = code;
    this.#stopped.set();
  }

  *#serve(): Coroutine<void> {
    const { workers: count, report } = this.#options;
    let workers: SupervisedWorker[];
    try {
      workers = yield* gather(Array.from({ length: count }, () => this.#start()));
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#end(1, `Cannot start: ${error.message}`);
      return;
    }
    report(`listening on ${workers[0].ready.result()}, ${count === 1 ? "1 worker" : `${count} workers`}`);
    yield* this.#group.with((group) => {
      this.#slots = workers.map((worker) => ({ worker, keeper: null }));
      for (const slot of this.#slots) slot.keeper = group.createTask(this.#keep(slot));
      group.createTask(this.#watch());
      return this.#reloadForever();
    });
  }

  /** Starts a worker, and waits until it listens. Throws StartError when it does not. */
  *#start(): Coroutine<SupervisedWorker> {
    const worker: SupervisedWorker = new SupervisedWorker(
      this.#loop,
      this.#fork,
      (spent) => this.#replaceSpent(spent),
      (text) => this.#failed(worker, text),
    );
    this.#workers.add(worker);
    this.#loop.createTask(this.#forget(worker));
    try {
      yield* timeout(START_LIMIT).with(() => worker.ready);
      return worker;
    } catch (error) {
      worker.kill();
      throw error instanceof TimeoutError ? new StartError(`it took longer than ${START_LIMIT} s`) : error;
    }
  }

  *#forget(worker: SupervisedWorker): Coroutine<void> {
    yield* worker.over.wait();
    this.#workers.delete(worker);
  }

  /** Starts a worker again whenever it has ended. */
  *#keep(slot: Slot): Coroutine<void> {
    let backOff = SHORTEST_BACK_OFF;
    for (;;) {
      const { worker } = slot;
      yield* worker.over.wait();
      this.#options.report(`worker ${worker.pid} ended: ${worker.how}`);
      if (this.#isCrashLoop(worker)) {
        this.#end(1, `Giving up: ${MOST_EARLY_ENDS} workers ended within ${STABLE} s`);
        return;
      }
      if (worker.age >= STABLE) backOff = SHORTEST_BACK_OFF;
      for (;;) {
        yield* sleep(backOff);
        backOff = Math.min(2 * backOff, LONGEST_BACK_OFF);
        const next = yield* this.#startOrReport();
        if (next === null) continue;
        slot.worker = next;
        this.#options.report(`worker ${next.pid} serves in its place`);
        break;
      }
    }
  }

  /** Whether workers end soon, and none has ever been stable. */
  #isCrashLoop(ended: SupervisedWorker): boolean {
    this.#wasStable ||= [ended, ...this.#workers].some(({ age }) => age >= STABLE);
    return !this.#wasStable && ++this.#earlyEnds >= MOST_EARLY_ENDS;
  }

  *#startOrReport(): Coroutine<SupervisedWorker | null> {
    try {
      return yield* this.#start();
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#options.report(`Cannot start a worker: ${error.message}`);
      return null;
    }
  }

  #failed(worker: SupervisedWorker, text: string): void {
    this.#options.report(`worker ${worker.pid} has failed: ${text}`);
    if (this.#stopped.isSet()) this.#code ||= 1;
  }

  #replaceSpent(worker: SupervisedWorker): void {
    const slot = this.#slots.find((each) => each.worker === worker);
    if (slot !== undefined) this.#group.createTask(this.#replace(slot, worker));
  }

  /**
   * Has another worker take the place of one that goes on until then, unless that has happened. Returns whether it
   * could.
   */
  #replace(slot: Slot, worker: SupervisedWorker): Coroutine<boolean> {
    const replace = function* (this: Supervisor): Coroutine<boolean> {
      if (slot.worker !== worker) return true;
      const next = yield* this.#startOrReport();
      if (next === null) return false;
      slot.keeper?.cancel(); // it may have begun to start one, too: then that ends
      slot.worker.tell({ wasyncio: "drain" });
      this.#group.createTask(this.#waitForEnd([slot.worker]));
      slot.worker = next;
      slot.keeper = this.#group.createTask(this.#keep(slot));
      return true;
    };
    return this.#replacing.with(replace.bind(this));
  }

  *#reloadForever(): Coroutine<never> {
    const { report } = this.#options;
    for (;;) {
      yield* this.#reload.wait();
      this.#reload.clear();
      report("reloading");
      const old = this.#slots.map(({ worker }) => worker);
      let count = 0;
      // What cannot start now would not in the other places.
      while (count < old.length && (yield* this.#replace(this.#slots[count], old[count]))) count++;
      report(count === old.length ? "reloaded" : "not reloaded: the workers that there are go on");
      yield* this.#whenOver(old.slice(0, count));
    }
  }

  /** Ends the workers whose loops do not go on. */
  *#watch(): Coroutine<void> {
    const { timeout: limit, report } = this.#options;
    if (limit === 0) return;
    for (;;) {
      yield* sleep(limit / BEATS);
      for (const worker of this.#workers) {
        // Counted, not measured: when the whole machine stands still, nobody is to blame.
        if (!worker.hasStarted || ++worker.silence !== BEATS + 1) continue;
        report(`worker ${worker.pid} has not answered for ${limit} s: its loop is blocked`);
        worker.kill();
      }
    }
  }

  /** Ends all workers: in order, those that serve. */
  *#endWorkers(): Coroutine<void> {
    const workers = [...this.#workers];
    for (const worker of workers) {
      if (worker.hasStarted) worker.tell({ wasyncio: "stop" });
      else worker.kill();
    }
    yield* this.#waitForEnd(workers);
  }

  /** Waits until workers that were told to end have; kills those that take too long. */
  *#waitForEnd(workers: readonly SupervisedWorker[]): Coroutine<void> {
    const { grace } = this.#options;
    const scope = moveOnAfter(grace === null ? null : grace + MARGIN);
    yield* scope.with(() => race(this.#whenOver(workers), this.#killed.wait()));
    for (const worker of workers) worker.kill();
    yield* this.#whenOver(workers);
  }

  *#whenOver(workers: readonly SupervisedWorker[]): Coroutine<void> {
    for (const worker of workers) yield* worker.over.wait();
  }
}
