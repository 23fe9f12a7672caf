// Statements that do not wait: what each does, and what is traced of it. The twin of the first half of statements.py.

import {
  type Condition,
  type Context,
  type Coroutine,
  type Event,
  type Future,
  type Lock,
  Queue,
  Task,
  type TaskOptions,
  allTasks,
  copyContext,
  createTask,
  ensureFuture,
} from "wasyncio";
import type { Block, ContextChoice, Of, Source, Statement, Value } from "./program.ts";
import { makeError } from "./show.ts";
import { Node, type World } from "./world.ts";

/** What the statements of one coroutine or callback share. */
export interface Frame {
  readonly node: Node;
  /** The error that is being handled, or null. */
  error: unknown;
}

/** What an action needs of the interpreter: the bodies inside a statement. */
export interface Bodies {
  coroutine(body: Block, node: Node): Coroutine<Value>;
  callback(label: string, body: Block): (...args: unknown[]) => void;
  source(spec: Source, node: Node): Coroutine<unknown> | Future<unknown>;
}

export class Actions {
  readonly #world: World;
  readonly #bodies: Bodies;

  constructor(world: World, bodies: Bodies) {
    this.#world = world;
    this.#bodies = bodies;
  }

  /** Does what a statement says, and returns what is traced of it. */
  act(statement: Statement, frame: Frame): unknown {
    const world = this.#world;
    const { loop } = world;
    switch (statement.op) {
      case "keep": {
        const node = new Node();
        return world.put(statement.slot, ensureFuture(this.#bodies.source(statement.source, node)), node);
      }
      case "spawn": {
        const options = this.#taskOptions(statement);
        const node = new Node();
        return world.put(statement.slot, createTask(this.#bodies.coroutine(statement.body, node), options), node);
      }
      case "groupSpawn": {
        const group = world.groups[statement.group];
        if (!group) return "none";
        const options = this.#taskOptions(statement);
        const node = new Node();
        return world.put(statement.slot, group.createTask(this.#bodies.coroutine(statement.body, node), options), node);
      }
      case "future":
        world.put(statement.slot, loop.createFuture<unknown>(), null);
        return null;
      case "cancel":
      case "uncancel":
      case "cancelling":
      case "probe":
      case "rename":
      case "setResult":
      case "setError":
      case "addCallback":
      case "removeCallback": {
        const future = world.future(statement.slot);
        return future === null ? "none" : this.#actOnFuture(statement, future);
      }
      case "tasks":
        return Array.from(allTasks(loop), (task) => task.getName());
      case "callSoon":
      case "callLater":
      case "callAt":
        return this.#schedule(statement);
      case "cancelHandle": {
        const handle = world.handles[statement.handle];
        if (!handle) return "none";
        const before = handle.cancelled();
        handle.cancel();
        return [before, handle.cancelled()];
      }
      case "inContext":
        copyContext().run(this.#bodies.callback(`${statement.id}:inside`, statement.body));
        return null;
      case "report":
        loop.callExceptionHandler({ message: statement.message });
        return null;
      case "raise":
        throw makeError(statement.error, statement.message);
      case "reraise":
        if (frame.error !== null) throw frame.error;
        return null;
      case "reschedule": {
        const scope = world.scopes[statement.scope];
        if (!scope) return "none";
        scope.reschedule(statement.delay === null ? null : loop.time() + statement.delay);
        return null;
      }
      case "showScope": {
        const scope = world.scopes[statement.scope];
        return scope ? [scope.expired(), scope.when(), scope.toString().split("]")[0]] : "none";
      }
      case "count":
        return (world.counters[statement.counter] = world.counters[statement.counter] + 1);
      case "setVariable":
        world.tokens[statement.token] = world.variables[statement.variable]?.set(statement.value) ?? null;
        return null;
      case "getVariable":
        return world.variables[statement.variable]?.get();
      case "resetVariable": {
        const token = world.tokens[statement.token];
        if (!token) return "none";
        world.variables[statement.variable]?.reset(token);
        return null;
      }
      default:
        return this.#actOnObject(statement);
    }
  }

  #actOnFuture(
    statement: Of<
      | "cancel"
      | "uncancel"
      | "cancelling"
      | "probe"
      | "rename"
      | "setResult"
      | "setError"
      | "addCallback"
      | "removeCallback"
    >,
    future: Future<unknown>,
  ): unknown {
    const { callbacks } = this.#world;
    switch (statement.op) {
      case "cancel":
        return statement.message === null ? future.cancel() : future.cancel(statement.message);
      case "uncancel":
      case "cancelling":
        return future instanceof Task ? future[statement.op]() : "no task";
      case "probe":
        return [future.done(), future.cancelled(), attempt(() => future.result()), attempt(() => future.exception())];
      case "rename":
        if (future instanceof Task) future.setName(statement.name);
        return null;
      case "setResult":
        future.setResult(statement.value);
        return null;
      case "setError":
        future.setException(makeError(statement.error, statement.message));
        return null;
      case "addCallback": {
        const callback = this.#bodies.callback(`${statement.id}:callback`, statement.body);
        callbacks[statement.callback] = callback;
        future.addDoneCallback(callback, statement.context ? { context: this.#context(statement.context) } : {});
        return null;
      }
      case "removeCallback": {
        const callback = callbacks[statement.callback];
        return callback ? future.removeDoneCallback(callback) : "none";
      }
    }
  }

  #schedule(statement: Of<"callSoon" | "callLater" | "callAt">): unknown {
    const { loop, handles } = this.#world;
    const callback = this.#bodies.callback(`${statement.id}:called`, statement.body);
    const options = statement.context ? [{ context: this.#context(statement.context) }] : [];
    switch (statement.op) {
      case "callSoon":
        handles[statement.handle] = statement.threadsafe
          ? loop.callSoonThreadsafe(callback, statement.id, ...options)
          : loop.callSoon(callback, statement.id, ...options);
        return null;
      case "callLater": {
        const handle = loop.callLater(statement.delay, callback, ...options);
        handles[statement.handle] = handle;
        return handle.when();
      }
      case "callAt":
        handles[statement.handle] = loop.callAt(loop.time() + statement.delay, callback, ...options);
        return null;
    }
  }

  #actOnObject(statement: Statement): unknown {
    switch (statement.op) {
      case "release":
        this.#world.object<Lock>(statement).release();
        return null;
      case "set":
      case "clear":
        this.#world.object<Event>(statement)[statement.op]();
        return null;
      case "notify":
        if (statement.count === null) this.#world.object<Condition>(statement).notifyAll();
        else this.#world.object<Condition>(statement).notify(statement.count);
        return null;
      case "putNowait":
        this.#world.object<Queue<Value>>(statement).putNowait(statement.value);
        return null;
      case "getNowait":
        return this.#world.object<Queue<Value>>(statement).getNowait();
      case "taskDone":
        this.#world.object<Queue<Value>>(statement).taskDone();
        return null;
      case "shutdown":
        this.#world.object<Queue<Value>>(statement).shutdown(statement.immediate);
        return null;
      case "show": {
        const thing = this.#world.objects[statement.object];
        if (thing instanceof Queue) return `${thing} ${thing.qsize()} ${thing.empty()} ${thing.full()}`;
        return `[${String(thing).split("[").at(-1)?.slice(0, -1)}`;
      }
      default:
        throw new Error(`Cannot run ${statement.op}: no such statement`);
    }
  }

  #taskOptions(spec: Of<"spawn" | "groupSpawn">): TaskOptions {
    return {
      name: spec.name,
      ...(spec.eager === undefined ? {} : { eagerStart: spec.eager }),
      ...(spec.context === undefined ? {} : { context: this.#context(spec.context) }),
    };
  }

  #context(choice: ContextChoice): Context {
    return choice === "shared" ? this.#world.shared : copyContext();
  }
}

/** What a getter gives, or the error that it throws. */
function attempt(get: () => unknown): unknown {
  try {
    return get();
  } catch (error) {
    return error;
  }
}
