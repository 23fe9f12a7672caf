// Errors on their way from a worker: what can be copied of them, and made errors of the same class again.

import * as asyncioErrors from "../errors/asyncio.ts";
import * as baseErrors from "../errors/base.ts";
import * as osErrors from "../errors/os.ts";
import { ExceptionGroup } from "../support/exception-group.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";
import * as executorErrors from "./errors.ts";
import type { RemoteError } from "./messages.ts";

const ERRORS = [Error, TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError, AggregateError];

/** The classes that errors can be of on both sides, by name. */
const classes = (): ReadonlyMap<string, Function> =>
  new Map<string, Function>([
    ...ERRORS.map((type): [string, Function] => [type.name, type]),
    ...[asyncioErrors, baseErrors, osErrors, executorErrors].flatMap((module) =>
      Object.entries<unknown>({ ...module }).filter((entry): entry is [string, Function] => isErrorClass(entry[1])),
    ),
    ["ExceptionGroup", ExceptionGroup],
  ]);

const isErrorClass = (value: unknown): boolean => typeof value === "function" && value.prototype instanceof Error;

let known: ReadonlyMap<string, Function> | null = null;

/** Most errors that are each the cause of the one before, or in a group of it. */
const DEEPEST = 8;

/** What can be copied of what was thrown. */
export function describeError(error: unknown, depth = 0): RemoteError {
  if (!isA(error, Error)) return { value: isCloneable(error) ? error : format(error) };
  const { name, message, stack, cause, errors } = error as AggregateError;
  const own = Object.entries(error).filter(([key, value]) => key !== "errors" && key !== "cause" && isCloneable(value));
  const inner = depth < DEEPEST;
  return {
    name: String(name),
    message: String(message),
    stack: String(stack ?? ""),
    properties: Object.fromEntries(own),
    cause: inner && cause !== undefined ? describeError(cause, depth + 1) : null,
    errors: inner && Array.isArray(errors) ? errors.map((each) => describeError(each, depth + 1)) : null,
  };
}

function isCloneable(value: unknown): boolean {
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
  const type = (known ??= classes()).get(name);
  if (type === undefined) define(error, "name", name);
  else Object.setPrototypeOf(error, type.prototype as object);
  if (errors !== null) define(error, "errors", errors.map(reviveError));
  Object.assign(error, properties);
  const traceback = new RemoteTraceback(`in a worker: ${message}`);
  define(traceback, "stack", stack);
  if (cause !== null) define(traceback, "cause", reviveError(cause));
  define(error, "cause", traceback);
  return error;
}

/** As the language does for what errors have: not to be listed among their own properties. */
function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true });
}
