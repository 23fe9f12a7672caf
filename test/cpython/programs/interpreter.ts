// Runs random programs (program.ts) over wasyncio in virtual time. The twin of python/interpreter.py: what one does,
// the other does.

import {
  type AsyncContextManager,
  type Barrier,
  CancelledError,
  type Condition,
  type Coroutine,
  type Event,
  type Future,
  type Lock,
  type Queue,
  TaskGroup,
  type Timeout,
  allTasks,
  asCompleted,
  forEach,
  gather,
  shield,
  sleep,
  timeout,
  timeoutAt,
  wait,
  waitFor,
  withAsync,
} from "wasyncio";
import { inPlace } from "../../support/in-place.ts";
import { Actions, type Bodies, type Frame } from "./actions.ts";
import type { Block, Of, Program, Source, Statement, Trace, Value } from "./program.ts";
import { catches, show, showError } from "./show.ts";
import { NamingLoop, Node, World } from "./world.ts";

const CLEANUPS = 3;

/** What ends a coroutine early. */
interface Return {
  value: Value;
}

/** Runs a program, and returns its trace: what happened, how it ended, and what nobody looked at. */
export function runProgram(program: Program): Trace {
  return playProgram(program).trace;
}

/** Runs a program, and returns its trace with the digest of its loop. */
export function playProgram(program: Program): { trace: Trace; digest: string } {
  const loop = new NamingLoop();
  const world = new World(program, loop);
  const interpreter = new Interpreter(world);
  complete(world, loop, "end", () =>
    loop.createTask(interpreter.coroutine(program.main, new Node()), { name: "main" }),
  );
  for (let attempt = 0; attempt < CLEANUPS; attempt++) {
    const pending = [...allTasks(loop)];
    if (pending.length === 0) break;
    world.trace("pending", show(pending.map((task) => task.getName())));
    for (const task of pending) task.cancel(`cleanup ${attempt}`);
    complete(world, loop, "cleanup", () => gather(pending, { returnExceptions: true }));
  }
  world.trace("timers", show(loop.timerCount));
  const digest = loop.digest();
  loop.close();
  return { trace: [...world.lines, ...world.reports.map((report) => `unseen ${report}`)], digest };
}

/** Runs the loop until what `make` gives is done, and traces how it ends. */
function complete(world: World, loop: NamingLoop, label: string, make: () => Future<unknown>): void {
  try {
    world.trace(label, show(loop.runUntilCompleteSync(make())));
  } catch (error) {
    const names = (): string[] => Array.from(allTasks(loop), (task) => task.getName());
    const isDeadlock = error instanceof Error && error.name === "DeadlockError";
    world.trace(label, isDeadlock ? `deadlock: ${show(names())}` : `! ${showError(error)}`);
  }
}

/** The bodies of programs, as coroutines and callbacks of the world's loop. */
export class Interpreter implements Bodies {
  readonly #world: World;
  readonly #actions: Actions;

  constructor(world: World) {
    this.#world = world;
    this.#actions = new Actions(world, this);
  }

  // ── Bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────

  *coroutine(body: Block, node: Node): Coroutine<Value> {
    let signal: Return | null;
    try {
      signal = yield* this.#block(body, { node, error: null });
    } catch (error) {
      this.#world.trace("failed", showError(error));
      throw error;
    } finally {
      node.ended = true;
    }
    const value = signal === null ? null : signal.value;
    this.#world.trace("returned", show(value));
    return value;
  }

  *#empty(): Coroutine<Value> {
    return "empty";
  }

  callback(label: string, body: Block): (...args: unknown[]) => void {
    return (...args) => {
      this.#world.trace(label, show(args));
      const { done } = this.#block(body, { node: new Node(), error: null }).next();
      if (done !== true) throw new Error("a callback waits");
    };
  }

  *#block(body: Block, frame: Frame): Coroutine<Return | null> {
    for (const statement of body) {
      let signal: Return | null;
      try {
        signal = yield* this.#run(statement, frame);
      } catch (error) {
        this.#trace(statement, `! ${showError(error)}`);
        if (statement.soft === true && !(error instanceof CancelledError)) continue;
        throw error;
      }
      if (signal !== null) return signal;
    }
    return null;
  }

  *#run(statement: Statement, frame: Frame): Coroutine<Return | null> {
    switch (statement.op) {
      case "await":
        this.#trace(statement, show(yield* this.source(statement.source, frame.node)));
        return null;
      case "try":
        return yield* this.#try(statement, frame);
      case "repeat":
        for (let round = 0; round < statement.times; round++) {
          const signal = yield* this.#block(statement.body, frame);
          if (signal !== null) return signal;
        }
        return null;
      case "if": {
        const chosen = this.#world.future(statement.slot)?.done() === true;
        return yield* this.#block(chosen ? statement.body : statement.otherwise, frame);
      }
      case "return":
        return { value: statement.value };
      case "timeout":
        return yield* this.#timeout(statement, frame);
      case "group": {
        const group = (this.#world.groups[statement.group] = new TaskGroup());
        const signal = yield* this.#in(group, statement.group, statement.body, frame);
        this.#trace(statement, "left");
        return signal;
      }
      case "reenter": {
        const manager = this.#managerOf(statement);
        if (manager === null) this.#trace(statement, "none");
        else yield* withAsync(manager, () => this.#entered(statement));
        return null;
      }
      case "asCompleted":
        yield* this.#asCompleted(statement);
        return null;
      case "with":
        return yield* this.#with(statement, frame);
      case "waitUntil":
        yield* this.#waitUntil(statement);
        return null;
      case "abort":
      case "reset":
        yield* this.#world.object<Barrier>(statement)[statement.op]();
        this.#trace(statement, "done");
        return null;
      default:
        this.#trace(statement, show(this.#actions.act(statement, frame)));
        return null;
    }
  }

  #trace(statement: Statement, text: string, label: string = statement.op): void {
    this.#world.trace(`${statement.id}:${label}`, text);
  }

  // ── Statements that wait, or hold others that do ─────────────────────────────────────────────────────────────────

  *#try(statement: Of<"try">, frame: Frame): Coroutine<Return | null> {
    const outer = frame.error;
    try {
      return yield* this.#block(statement.body, frame);
    } catch (error) {
      for (const handler of statement.handlers) {
        if (!catches(handler.catches, error)) continue;
        this.#trace(statement, showError(error), "caught");
        frame.error = error;
        return yield* this.#block(handler.body, frame);
      }
      throw error;
    } finally {
      frame.error = outer;
      const signal = yield* this.#block(statement.finally, frame);
      // oxlint-disable-next-line no-unsafe-finally -- what a program does here is what is tested
      if (signal !== null) return signal;
    }
  }

  *#timeout(statement: Of<"timeout">, frame: Frame): Coroutine<Return | null> {
    const { delay, absolute } = statement;
    const when = delay === null ? null : this.#world.loop.time() + delay;
    const scope = (this.#world.scopes[statement.scope] = absolute ? timeoutAt(when) : timeout(delay));
    const signal = yield* this.#in(scope, statement.scope, statement.body, frame);
    this.#trace(statement, show(scope.expired()));
    return signal;
  }

  /** Runs a block by `with`, or in place, by its number: both are what Python's `async with` is. */
  *#in(scope: TaskGroup | Timeout, number: number, block: Block, frame: Frame): Coroutine<Return | null> {
    if (number % 2 === 0) return yield* scope.with(() => this.#block(block, frame));
    return (yield* inPlace(scope, () => this.#block(block, frame))) ?? null;
  }

  #managerOf(statement: Of<"reenter">): AsyncContextManager<unknown> | null {
    const { scopes, groups } = this.#world;
    return ("scope" in statement ? scopes[statement.scope] : groups[statement.group]) ?? null;
  }

  *#entered(statement: Statement): Coroutine<void> {
    this.#trace(statement, "entered");
  }

  *#asCompleted(statement: Of<"asCompleted">): Coroutine<void> {
    const sources = statement.of.map((one) => this.source(one, new Node()));
    const iterator = asCompleted(sources, { timeout: statement.timeout });
    let left = statement.limit;
    if (statement.asynchronous) {
      yield* forEach(iterator, (future) => {
        this.#trace(statement, `${show(future)} ${show(future.cancelled())}`, "next");
        return --left > 0;
      });
    } else {
      for (const one of iterator) {
        try {
          this.#trace(statement, show(yield* one), "next");
        } catch (error) {
          if (error instanceof CancelledError && statement.stubborn !== true) throw error;
          this.#trace(statement, `! ${showError(error)}`, "next");
        }
        if (--left === 0) break;
      }
    }
    this.#trace(statement, "end");
  }

  *#with(statement: Of<"with">, frame: Frame): Coroutine<Return | null> {
    const manager = this.#world.object<Lock | Barrier>(statement);
    const body = (entered?: unknown): Coroutine<Return | null> => {
      this.#trace(statement, show(entered));
      return this.#block(statement.body, frame);
    };
    // Two ways to say it, which are code of their own.
    const isEven = (statement.id as number) % 2 === 0;
    const signal = yield* isEven ? manager.with(body) : withAsync<unknown, Return | null>(manager, body);
    this.#trace(statement, "left");
    return signal ?? null;
  }

  *#waitUntil(statement: Of<"waitUntil">): Coroutine<void> {
    const predicate = (): boolean => {
      const value = this.#world.counters[statement.counter];
      this.#trace(statement, show(value), "predicate");
      return value >= statement.atLeast;
    };
    this.#trace(statement, show(yield* this.#world.object<Condition>(statement).waitFor(predicate)));
  }

  // ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What can be awaited, for a node that is to wait for it. */
  source(spec: Source, node: Node): Coroutine<unknown> | Future<unknown> {
    const { slots } = this.#world;
    switch (spec.source) {
      case "coroutine":
        return this.coroutine(spec.body, node.child());
      case "slot":
        return this.#world.slot(spec.slot, node) ?? this.#empty();
      case "sleep":
        return sleep(spec.delay, spec.value);
      case "acquire":
        return this.#world.object<Lock>(spec).acquire();
      case "wait":
        return this.#world.object<Event | Condition>(spec).wait();
      case "barrier":
        return this.#world.object<Barrier>(spec).wait();
      case "get":
        return this.#world.object<Queue<Value>>(spec).get();
      case "join":
        return this.#world.object<Queue<Value>>(spec).join();
      case "put":
        return this.#world.object<Queue<Value>>(spec).put(spec.value);
      case "gather": {
        const of = spec.of.map((one) => this.source(one, node));
        if (spec.again !== null && of.length > 0) of.push(of[spec.again % of.length]);
        return gather(of, { returnExceptions: spec.returnExceptions });
      }
      case "shield":
        return shield(this.source(spec.of, new Node()));
      case "waitFor":
        return waitFor(this.source(spec.of, node), spec.timeout);
      case "waitAll": {
        const futures = spec.slots.flatMap((slot) => slots[slot] ?? []);
        if (futures.length === 0) return this.#empty();
        return wait(futures, { timeout: spec.timeout, returnWhen: spec.mode });
      }
    }
  }
}
