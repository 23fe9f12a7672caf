// Errors on their way from a worker: what can be copied of them, and made errors of the same class again.

import {
  BrokenBarrierError,
  CancelledError,
  IncompleteReadError,
  InvalidStateError,
  LimitOverrunError,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "../errors/asyncio.ts";
import {
  DeadlockError,
  InternalError,
  KeyboardInterrupt,
  MemoryError,
  NotAvailableError,
  RuntimeError,
} from "../errors/base.ts";
import {
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  GaiError,
  OSError,
  PermissionError,
  ProcessLookupError,
  SSLCertVerificationError,
  SSLError,
} from "../errors/os.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import { BrokenExecutor, BrokenProcessPool, BrokenThreadPool } from "./errors.ts";
import type { RemoteError } from "./messages.ts";

// each module by its names: all of a module's in one object would be in every bundle
const CLASSES: readonly { readonly prototype: Error }[] = [
  [Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError, AggregateError, ExceptionGroup],
  [BrokenBarrierError, CancelledError, IncompleteReadError, InvalidStateError, LimitOverrunError],
  [QueueEmpty, QueueFull, QueueShutDown, TimeoutError],
  [DeadlockError, InternalError, KeyboardInterrupt, MemoryError, NotAvailableError, RuntimeError],
  [BrokenPipeError, ConnectionAbortedError, ConnectionError, ConnectionRefusedError, ConnectionResetError],
  [FileExistsError, FileNotFoundError, GaiError, OSError, PermissionError, ProcessLookupError],
  [SSLCertVerificationError, SSLError, BrokenExecutor, BrokenProcessPool, BrokenThreadPool],
].flat();

/** The classes that errors can be of on both sides, by name. */
let classes: ReadonlyMap<string, object> | null = null;

/** Most errors that are each the cause of the one before, or in a group of it. */
const DEEPEST = 8;

/** What can be sent of what was thrown. `keeps` says which values can be; default: those that can be copied. */
export function describeError(
  error: unknown,
  keeps: (value: unknown) => boolean = isCloneable,
  depth = 0,
): RemoteError {
  try {
    return isA(error, Error) ? describe(error, keeps, depth) : { value: keeps(error) ? error : format(error) };
  } catch {
    // a getter of its own has thrown, or what a proxy calls
    return { name: "Error", message: format(error), stack: "", properties: {}, cause: null, errors: null };
  }
}

function describe(error: Error, keeps: (value: unknown) => boolean, depth: number): RemoteError {
  const { name, message, stack, cause, errors } = error as AggregateError;
  const own = Object.entries(error).filter(([key, value]) => key !== "errors" && key !== "cause" && keeps(value));
  const inner = depth < DEEPEST;
  return {
    name: String(name),
    message: String(message),
    stack: String(stack ?? ""),
    properties: Object.fromEntries(own),
    cause: inner && cause !== undefined ? describeError(cause, keeps, depth + 1) : null,
    errors: inner && Array.isArray(errors) ? errors.map((each) => describeError(each, keeps, depth + 1)) : null,
  };
}

export function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** What was thrown in a worker: the stack there is that of its cause. Mirrors concurrent.futures' _RemoteTraceback. */
export class RemoteTraceback extends Error {
  static {
    this.prototype.name = "RemoteTraceback";
  }
}

/** An error of the class that it had in the worker, as far as that is known here, with its own properties. */
export function reviveError(remote: RemoteError): unknown {
  if ("value" in remote) return remote.value;
  const { name, message, stack, properties, cause, errors } = remote;
  const error = new Error(message);
  classes ??= new Map(CLASSES.map(({ prototype }) => [prototype.name, prototype]));
  const prototype = classes.get(name);
  if (prototype === undefined) define(error, "name", name);
  else Object.setPrototypeOf(error, prototype);
  if (errors !== null) define(error, "errors", errors.map(reviveError));
  for (const [key, value] of Object.entries(properties)) define(error, key, value, true);
  const traceback = new RemoteTraceback(`in a worker: ${message}`);
  define(traceback, "stack", stack);
  if (remote.original !== undefined) define(traceback, "cause", remote.original);
  else if (cause !== null) define(traceback, "cause", reviveError(cause));
  define(error, "cause", traceback);
  return error;
}

/** By default as the language does for what errors have: not to be listed among their own properties. */
function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
