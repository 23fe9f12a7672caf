// A worker, as its supervisor knows it.

import { RuntimeError } from "../errors/base.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import { Event } from "../sync/event.ts";
import type { SupervisorMessage, WorkerMessage } from "./messages.ts";

/** A process. */
export interface WorkerProcess {
  readonly pid: number;
  tell(message: SupervisorMessage): void;
  kill(): void;
}

/** What comes of a process; called in the loop's turn. */
export interface WorkerEvents {
  heard(message: WorkerMessage): void;
  /** @param how such as "SIGKILL" or "exit code 1" */
  ended(how: string): void;
}

/** Starts a process that serves. */
export type Fork = (events: WorkerEvents) => WorkerProcess;

/** A worker that did not come to listen. */
export class StartError extends RuntimeError {
  static {
    this.prototype.name = "StartError";
  }
}

export class SupervisedWorker {
  /** Where it listens, once it does; StartError when it never will. */
  readonly ready: Future<string>;
  readonly over = new Event();
  /** How it has ended. */
  how = "";
  /** Looks of the supervisor since it last told that its loop goes on. */
  silence = 0;
  readonly #process: WorkerProcess;
  readonly #loop: EventLoop;
  #readyAt = Infinity;

  /**
   * @param onSpent called when it is to be replaced
   * @param onFailure called with what it has failed by when it has served, such as its app's shutdown
   */
  constructor(
    loop: EventLoop,
    fork: Fork,
    onSpent: (worker: SupervisedWorker) => void,
    onFailure: (text: string) => void,
  ) {
    this.#loop = loop;
    this.ready = loop.createFuture();
    this.#process = fork({
      heard: (message) => {
        this.silence = 0;
        if (message.wasyncio === "ready") this.#becomeReady(message.url);
        else if (message.wasyncio === "failed" && this.hasStarted) onFailure(message.text);
        else if (message.wasyncio === "failed") this.#fail(message.text);
        else if (message.wasyncio === "spent") onSpent(this);
      },
      ended: (how) => {
        this.how = how;
        this.#fail(`it ended while it started: ${how}`);
        this.over.set();
      },
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Whether it listens, or has. */
  get hasStarted(): boolean {
    return this.#readyAt < Infinity;
  }

  /** Seconds since it began to listen. */
  get age(): number {
    return this.hasStarted ? this.#loop.time() - this.#readyAt : 0;
  }

  tell(message: SupervisorMessage): void {
    if (!this.over.isSet()) this.#process.tell(message);
  }

  kill(): void {
    if (!this.over.isSet()) this.#process.kill();
  }

  #becomeReady(url: string): void {
    this.#readyAt = this.#loop.time();
    if (!this.ready.done()) this.ready.setResult(url);
  }

  #fail(text: string): void {
    if (!this.ready.done()) this.ready.setException(new StartError(text));
  }
}
