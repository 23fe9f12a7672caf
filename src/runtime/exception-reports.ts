// What nobody else can report: errors of callbacks and handlers, errors of futures that nobody looked at, operations that nobody
// awaited.

import { enterContext } from "./context.ts";
import type { EventLoop } from "./event-loop.ts";
import { format } from "./format.ts";
import type { Future } from "./future.ts";
import type { Handle } from "./handle.ts";
import type { Task } from "./task.ts";

/** What is known of an error: the context of asyncio's exception handlers, with its keys in camelCase. */
export interface ExceptionContext {
  message?: string;
  exception?: unknown;
  future?: Future<unknown>;
  task?: Task<unknown>;
  handle?: Handle;
  /** Where the handle, future or task was made, in debug mode. */
  sourceTraceback?: string;
  [key: string]: unknown;
}

/** Called with the loop and what is known of the error. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void;

/** Something that is reported at the end unless it is withdrawn. */
interface Pending {
  report(): void;
  withdraw(): void;
}

/** A loop's way of reporting. */
export class ExceptionReports {
  handler: ExceptionHandler | null = null;
  readonly #loop: EventLoop;
  readonly #pending = new Set<Pending>();

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  setHandler(handler: ExceptionHandler | null): void {
    if (handler !== null && typeof handler !== "function") {
      throw new TypeError(`A callable object or null is expected, got ${format(handler)}`);
    }
    this.handler = handler;
  }

  /** Calls the handler, in the context of what the error belongs to. Never throws. */
  report(context: ExceptionContext): void {
    try {
      if (this.handler === null) this.reportByDefault(context);
      else this.#callHandler(this.handler, context);
    } catch (error) {
      // The handler's own error: the last resort is the default report.
      this.reportByDefault({ message: "Unhandled error in exception handler", exception: error, context });
    }
  }

  #callHandler(handler: ExceptionHandler, context: ExceptionContext): void {
    const owner = context.task ?? context.future ?? context.handle;
    if (owner === undefined || !("getContext" in owner)) {
      handler(this.#loop, context);
      return;
    }
    const outer = enterContext(owner.getContext());
    try {
      handler(this.#loop, context);
    } finally {
      enterContext(outer);
    }
  }

  /** Writes to the host's log: the message, a line for each further key in order, and the error. */
  reportByDefault(context: ExceptionContext): void {
    const lines = [context.message || "Unhandled exception in event loop"];
    for (const key of Object.keys(context).sort()) {
      if (key === "message" || key === "exception" || context[key] === undefined) continue;
      lines.push(`${key}: ${key === "sourceTraceback" ? `\n${context.sourceTraceback}` : format(context[key])}`);
    }
    this.#loop.host.report("error", lines.join("\n"), context.exception);
  }

  /** Reports the error of a future unless somebody looks at it. Returns what withdraws that. */
  watchFailure(future: Future<unknown>, exception: unknown): () => void {
    const context: ExceptionContext = {
      message: `${future.constructor.name} exception was never retrieved`,
      exception,
    };
    if (future.origin !== undefined) context.sourceTraceback = future.origin;
    // Where the host tells of collections, the report must not keep the future from being collected.
    if (this.#loop.host.onCollected === undefined) context.future = future;
    return this.#watch(future, () => this.report(context));
  }

  /** Reports an operation that is never awaited. Returns what withdraws that. */
  watchUnawaited(coroutine: object, name: string, origin: string | undefined): () => void {
    const created = origin === undefined ? "" : `\ncreated at:\n${origin}`;
    return this.#watch(coroutine, () => {
      this.#loop.host.report("warning", `coroutine '${name}' was never awaited${created}`);
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
        this.#pending.delete(pending);
        forget?.();
      },
    };
    const forget = this.#loop.host.onCollected?.(target, pending.report);
    this.#pending.add(pending);
    return pending.withdraw;
  }

  /** Reports what was not withdrawn until now. */
  close(): void {
    for (const pending of [...this.#pending]) pending.report();
  }
}
