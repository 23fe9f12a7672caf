// Values and errors as text, in Python's terms: what interpreter.py makes of the same ones.

import { CancelledError, ExceptionGroup, Future, RuntimeError, Task, TimeoutError } from "wasyncio";
import { messageOf } from "../../support/outcomes.ts";
import type { CatchName, ErrorName } from "./program.ts";

/** An error of the programs' own. */
class AppError extends Error {
  static {
    this.prototype.name = "AppError";
  }
}

const ERRORS: Record<ErrorName, new (message?: string) => Error> = {
  ValueError: RangeError,
  RuntimeError,
  TypeError,
  AppError,
  CancelledError,
  TimeoutError,
};

/** JavaScript has no BaseException: what Python's `except Exception` lets pass is told apart here. */
const CATCHES: Record<CatchName, (error: unknown) => boolean> = {
  Exception: (error) => !(error instanceof CancelledError),
  CancelledError: (error) => error instanceof CancelledError,
  TimeoutError: (error) => error instanceof TimeoutError,
  ValueError: (error) => error instanceof RangeError,
  RuntimeError: (error) => error instanceof RuntimeError,
  ExceptionGroup: (error) => error instanceof ExceptionGroup,
  Any: () => true,
};

export function makeError(name: ErrorName, message: string): Error {
  return message === "" ? new ERRORS[name]() : new ERRORS[name](message);
}

export function catches(name: CatchName, error: unknown): boolean {
  return CATCHES[name](error);
}

export function show(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return `"${value}"`;
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (value instanceof Set) return `{${Array.from(value, show).join(", ")}}`;
  if (value instanceof Error) return showError(value);
  if (value instanceof Task) return `<task ${value.getName()}>`;
  if (value instanceof Future) return "<future>";
  if (value.constructor.name === "Hold") return "true"; // asyncio's acquire gives True
  return value.constructor.name;
}

export function showError(error: unknown): string {
  if (error instanceof ExceptionGroup)
    return `ExceptionGroup(${error.message}: ${error.exceptions.map(show).join(", ")})`;
  if (!(error instanceof Error)) return `thrown ${show(error)}`;
  const name = error instanceof RangeError ? "ValueError" : error.name;
  const cause = error instanceof TimeoutError && error.cause !== undefined ? ` from ${show(error.cause)}` : "";
  return `${name}(${messageOf(error)})${cause}`;
}

/** What an exception handler is told, without the texts of callbacks and tasks. */
export function showMessage(message: string): string {
  if (message.startsWith("Exception in callback")) return "Exception in callback";
  return message.includes("has errored out but its parent task") ? "errored out" : message;
}
