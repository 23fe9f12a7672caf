// What a program sees while it runs: its loop, its tables, its trace.

import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Context,
  ContextVar,
  type Coroutine,
  Event,
  type EventLoop,
  type ExceptionContext,
  type Future,
  type Handle,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  type Task,
  type TaskGroup,
  type TaskOptions,
  type Timeout,
  type Token,
  currentTask,
  eagerTaskFactory,
} from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { type ObjectSpec, type Program, SELF, TABLES, type Trace, type Value } from "./program.ts";
import { show, showMessage } from "./show.ts";
import { counters } from "../../support/counters.ts";

const MAX_LINES = 4000;

/** A virtual loop that names the tasks that get no name, from 0 in each loop. */
export class NamingLoop extends VirtualEventLoop {
  #made = 0;

  override createTask<T>(coro: Coroutine<T>, options: TaskOptions = {}): Task<T> {
    const name = `auto-${this.#made++}`;
    return super.createTask(coro, { name, ...options });
  }

  /** Timers that will fire: handles and sleepers. */
  get timerCount(): number {
    const { timers, cancelledTimers: dead } = counters(this);
    return timers - dead;
  }
}

export type Thing = Lock | Event | Condition | Semaphore | Barrier | Queue<Value>;

const table = <T>(length: number): (T | null)[] => Array.from({ length }, () => null);

/**
 * Something that waits: a future, or a coroutine. Cancelling it cancels what it waits for, so it must not be in a
 * circle.
 */
export class Node {
  future: Future<unknown> | null = null;
  ended = false;
  readonly waitsFor: Node[] = [];

  child(): Node {
    const child = new Node();
    this.waitsFor.push(child);
    return child;
  }

  reaches(other: Node): boolean {
    if (this === other) return true;
    if (this.ended || this.future?.done() === true) return false;
    return this.waitsFor.some((node) => node.reaches(other));
  }
}

export class World {
  readonly loop: EventLoop;
  readonly lines: Trace = [];
  /** Errors that nobody looked at. */
  readonly reports: Trace = [];
  readonly slots = table<Future<unknown>>(TABLES.slots);
  readonly #nodes = table<Node>(TABLES.slots);
  readonly handles = table<Handle>(TABLES.handles);
  readonly callbacks = table<(...args: unknown[]) => void>(TABLES.callbacks);
  readonly scopes = table<Timeout>(TABLES.scopes);
  readonly groups = table<TaskGroup>(TABLES.groups);
  readonly counters: number[] = Array.from({ length: TABLES.counters }, () => 0);
  readonly tokens = table<Token<Value>>(TABLES.tokens);
  readonly variables: ContextVar<Value>[];
  readonly shared = new Context();
  readonly objects: Thing[] = [];

  constructor(program: Program, loop: EventLoop) {
    this.loop = loop;
    this.variables = Array.from(
      { length: TABLES.variables },
      (_, index) => new ContextVar<Value>(`v${index}`, { default: "unset" }),
    );
    for (const spec of program.objects) this.objects.push(this.#make(spec));
    if (program.debug === true) this.loop.setDebug(true);
    if (program.eager) this.loop.setTaskFactory(eagerTaskFactory);
    this.loop.host.report = () => {}; // what debug mode has to say
    this.loop.setExceptionHandler((_loop, context) => this.#onError(context));
  }

  #make(spec: ObjectSpec): Thing {
    switch (spec.type) {
      case "Lock":
        return new Lock();
      case "Event":
        return new Event();
      case "Condition":
        return new Condition(spec.lock === null ? null : (this.objects[spec.lock] as Lock));
      case "Semaphore":
        return new Semaphore(spec.value);
      case "BoundedSemaphore":
        return new BoundedSemaphore(spec.value);
      case "Barrier":
        return new Barrier(spec.parties);
      case "Queue":
        return new Queue(spec.maxsize);
      case "LifoQueue":
        return new LifoQueue(spec.maxsize);
      case "PriorityQueue":
        return new PriorityQueue(spec.maxsize);
    }
  }

  /** The future in a slot for a node that is to wait for it, or null when there is none or that would make a circle. */
  slot(slot: number, node: Node): Future<unknown> | null {
    const future = this.slots[slot] ?? null;
    const target = this.#nodes[slot];
    if (future === null || !target) return future;
    if (target.reaches(node)) {
      this.trace("circle", String(slot));
      return null;
    }
    node.waitsFor.push(target);
    return future;
  }

  /** Fills a slot; a plain future has no node. */
  put(slot: number, future: Future<unknown>, node: Node | null): Future<unknown> {
    this.slots[slot] = future;
    this.#nodes[slot] = node;
    if (node !== null) node.future = future;
    return future;
  }

  /** The future in a slot, or the current task; null when there is none. */
  future(slot: number): Future<unknown> | null {
    return slot === SELF ? currentTask(this.loop) : (this.slots[slot] ?? null);
  }

  /** The lock, queue... that a statement is on: programs are made so that it is one. */
  object<T extends Thing>({ object }: { object: number }): T {
    return this.objects[object] as T;
  }

  trace(what: string, text: string): void {
    if (this.lines.length >= MAX_LINES) return;
    const { loop } = this;
    const task = currentTask(loop);
    const iteration = loop.core.simulation.iterationCount();
    this.lines.push(`${show(loop.time())} ${iteration} ${task === null ? "-" : task.getName()} ${what} ${text}`);
  }

  #onError({ message = "", exception }: ExceptionContext): void {
    if (message.includes("never retrieved")) this.reports.push(`${message} ${show(exception)}`);
    else this.trace("reported", `${showMessage(message)} ${show(exception)} ${show(this.variables[0]?.get())}`);
  }
}
