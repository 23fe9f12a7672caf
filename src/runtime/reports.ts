// What nobody else can report: errors of callbacks and handlers, errors of futures that nobody looked at, operations
// that nobody awaited.

import { Context, type ContextCarrier, currentContext, enterContext } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import type { ExceptionContext } from "./loop.ts";
import type { HostContext } from "../drivers/contexts.ts";
import { type HostContextCarrier, currentHostContext, runInCaptured } from "./host-context.ts";
import { format } from "../support/format.ts";
import type { Future } from "./future.ts";
import type { Host } from "../drivers/clock.ts";
import type { Handle } from "./handle.ts";
import { originOf } from "../support/origins.ts";
import type { Capture } from "../support/stack.ts";

/** Called with the loop and what is known of the error. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

/** Something that is reported at the end unless it is withdrawn. */
interface Pending {
  report(): void;
  withdraw(): void;
}

/** Writes to a host's log. One that throws has nobody to report that to, and must not stop what is going on. */
export function writeLog(host: Host, ...line: Parameters<Host["report"]>): void {
  try {
    host.report(...line);
  } catch {
    // nothing is left to do
  }
}

/** A loop's way of reporting. */
export class ExceptionReports {
  handler: ExceptionHandler | null = null;
  readonly #loop: EventLoop;
  /** Made when there is one, as the next. */
  #pending: Set<Pending> | null = null;
  /** Errors of this turn whose stack nobody has read. */
  #unread: Set<{ readonly exception: unknown }> | null = null;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  setHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== "function") {
      throw new TypeError(`A callable object or null is expected, got ${format(handler)}`);
    }
    this.handler = handler;
  }

  /** Calls who is to know, in the context of what the error belongs to. Never throws. */
  report(context: ExceptionContext): void {
    this.#reportInHost(hostContextOf(context) ?? currentHostContext(), contextOf(context)?.carrier ?? null, context);
  }

  /** As #reportIn, in a context of the host's, if contexts are kept: a log finds there whose error it is. */
  #reportInHost(host: HostContext | null, carrier: ContextCarrier | null, context: ExceptionContext): void {
    runInCaptured(host, () => this.#reportIn(carrier, context));
  }

  #reportIn(carrier: ContextCarrier | null, context: ExceptionContext): void {
    const { handler } = this;
    const outer = currentContext();
    if (carrier !== null) enterContext(carrier);
    try {
      if (this.#loop.service?.takeReport(context)) return;
      if (handler === null) this.#reportByDefault(context);
      else handler(this.#loop, context);
    } catch (error) {
      // The handler's own error must not hide the one that it was called for.
      this.#reportByDefault({ message: "Unhandled error in exception handler", exception: error, context });
    } finally {
      enterContext(outer);
    }
  }

  /** Calls the loop's default handler, which a program may have replaced with one that throws. */
  #reportByDefault(context: ExceptionContext): void {
    try {
      this.#loop.defaultExceptionHandler(context);
    } catch (error) {
      writeLog(this.#loop.host, "error", "Exception in default exception handler", error);
    }
  }

  /** Writes to the host's log: the message, a line for each further key in order, and the error. */
  reportByDefault(context: ExceptionContext): void {
    const message: unknown = context.message || "Unhandled exception in event loop";
    const lines = [typeof message === "string" ? message : format(message)];
    const { currentHandle } = this.#loop.pump;
    const handleOrigin = currentHandle === null ? undefined : originOf(currentHandle);
    const all: ExceptionContext =
      context.sourceTraceback === undefined && handleOrigin !== undefined
        ? { ...context, handleTraceback: handleOrigin }
        : context;
    for (const key of Object.keys(all).sort()) {
      if (key === "message" || key === "exception" || all[key] === undefined) continue;
      lines.push(`${key}: ${describeEntry(key, all[key])}`);
    }
    writeLog(this.#loop.host, "error", lines.join("\n"), context.exception);
  }

  /** Reports the error of a future unless somebody looks at it. Returns what withdraws that. */
  watchFailure(future: Future<unknown>, exception: unknown): () => void {
    const context: ExceptionContext = {
      message: `${future.constructor.name} exception was never retrieved`,
      exception,
    };
    const origin = originOf(future);
    if (origin !== undefined) context.sourceTraceback = origin;
    const name = (future as { getName?: () => string }).getName?.();
    // The report must not keep the future from being collected, where the host tells of that.
    const own = contextOf({ future });
    const handlerContext = (own?.carrier as unknown) === future ? (own as Context).copy() : own;
    const hostContext = currentHostContext(); // a task fails in its own
    const collectable = this.#loop.host.onCollected !== undefined;
    const reference = collectable ? new WeakRef(future) : strongReference(future);
    const withdraw = this.#watch(future, () => {
      const alive = reference.deref();
      if (alive !== undefined) context.future = alive;
      else if (name !== undefined) context.name = name;
      this.#reportInHost(hostContext, handlerContext?.carrier ?? null, context);
    });
    return collectable ? this.#releaseFrames(exception, withdraw) : withdraw;
  }

  /**
   * Until somebody reads an error's stack, V8 keeps the receivers of its frames: the task itself, which would then
   * never be collected. Reading takes time, so it is done after the turn, for errors that nobody has looked at by then.
   */
  #releaseFrames(exception: unknown, withdraw: () => void): () => void {
    const own = { exception };
    const unread = (this.#unread ??= new Set());
    if (unread.size === 0) {
      queueMicrotask(() => {
        for (const { exception } of unread) readStacks(exception);
        unread.clear();
      });
    }
    unread.add(own);
    return () => {
      unread.delete(own);
      withdraw();
    };
  }

  /** Reports what a program forgot to do with `object`, if `describe` says so. Returns what withdraws that. */
  watchForgotten(object: object, describe: () => string | null, place: Capture): () => void {
    return this.#watch(object, () => {
      const text = describe();
      if (text !== null) writeLog(this.#loop.host, "warning", `${text} at:\n${place.origin()}`);
    });
  }

  /** Reports when `target` is collected, where the host can tell, and else when the loop is closed. */
  #watch(target: object, report: () => void): () => void {
    const pending: Pending = {
      report: () => {
        pending.withdraw();
        report();
      },
      withdraw: () => {
        this.#pending?.delete(pending);
        forget?.();
      },
    };
    const forget = this.#watchCollection(target, pending.report);
    (this.#pending ??= new Set()).add(pending);
    return pending.withdraw;
  }

  /**
   * Asks the host to call when `target` is collected. One that throws is one that cannot tell: the report comes at the
   * end.
   */
  #watchCollection(target: object, report: () => void): (() => void) | undefined {
    try {
      return this.#loop.host.onCollected?.(target, () => this.#loop.arrivals.deliver("collection", report));
    } catch {
      return undefined;
    }
  }

  /** Reports what was not withdrawn until now. */
  close(): void {
    if (this.#pending === null) return;
    const pending = [...this.#pending]; // a handler may add more
    for (const each of pending) each.report();
  }
}

/** Reads the stacks of an error, of what caused it and of its members. */
function readStacks(error: unknown, seen = new Set<unknown>()): void {
  try {
    if (!(error instanceof Error) || seen.has(error)) return;
    seen.add(error);
    void error.stack;
    readStacks(error.cause, seen);
    if (error instanceof AggregateError) for (const member of error.errors) readStacks(member, seen);
  } catch {
    // A getter of the program's own, or what a proxy calls: then there is nothing to release.
  }
}

/** As a WeakRef, and keeps what it refers to. */
function strongReference<T>(target: T): { deref(): T } {
  return { deref: () => target };
}

/** The context of the task, future or handle that an error belongs to, or null. */
function contextOf({ task, future, handle }: ExceptionContext): Context | null {
  const owner: unknown = task ?? future ?? handle;
  try {
    const context: unknown = (owner as Partial<Handle> | undefined)?.getContext?.();
    return context instanceof Context ? context : null;
  } catch {
    return null; // an owner that throws must not hide the error that it comes with
  }
}

/** The host's context of the task or handle that an error belongs to, or null. */
function hostContextOf({ task, future, handle }: ExceptionContext): HostContext | null {
  const owner: object | undefined = task ?? future ?? handle;
  const carrier: Partial<HostContextCarrier> | undefined = owner;
  try {
    return carrier?.hostContext ?? null;
  } catch {
    return null; // as above
  }
}

/** An entry of a context for the log. */
function describeEntry(key: string, value: unknown): string {
  if (key === "sourceTraceback") return `Object created at (most recent call first):\n${String(value)}`;
  if (key === "handleTraceback") return `Handle created at (most recent call first):\n${String(value)}`;
  return format(value);
}
