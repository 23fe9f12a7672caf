// A call of a history: what was called, when it began and ended, and how.

import type { Task } from "../../runtime/task.ts";
import { format, nameOf } from "../../support/format.ts";
import type { Capture } from "../../support/stack.ts";

/** A call that a `History` has noted. */
export interface HistoryCall {
  readonly method: string;
  /** As they were at the call. */
  readonly args: readonly unknown[];
  /** Name of the task that it was made in; "" outside of tasks. */
  readonly task: string;
  /** Its place among all beginnings and ends of the history's calls, from 0. */
  readonly begun: number;
  /** The place of its end; Infinity when it is not known to have ended, or by when it had its effect. */
  readonly ended: number;
  /**
   * "open": it may have had its effect, or may have it yet, or never: it has not ended, was cancelled, or failed in
   * another way that tells nothing.
   */
  readonly outcome: "returned" | "threw" | "open";
  /** What it returned or threw. */
  readonly value: unknown;
  /** Where it was made, "name (file:line:column)", in debug mode; else "". */
  readonly place: string;
}

/** A call as it is noted. */
export class NotedCall implements HistoryCall {
  readonly method: string;
  readonly args: readonly unknown[];
  begun = -1;
  ended = Infinity;
  outcome: HistoryCall["outcome"] = "open";
  value: unknown = undefined;
  /** The task that makes it, or null. */
  maker: Task<unknown> | null = null;
  readonly #capture: Capture | null;

  constructor(method: string, args: readonly unknown[], capture: Capture | null) {
    this.method = method;
    this.args = args;
    this.#capture = capture;
  }

  get task(): string {
    return this.maker?.getName() ?? "";
  }

  get place(): string {
    return this.#capture?.origin().split("\n")[0] ?? "";
  }
}

/** The call as plain data. */
export function dataOf({ method, args, task, begun, ended, outcome, value, place }: HistoryCall): HistoryCall {
  return { method, args, task, begun, ended, outcome, value, place };
}

/** "set('a', 1)". */
export function describeCall({ method, args }: HistoryCall): string {
  return `${method}(${args.map(format).join(", ")})`;
}

/** "returned 1", "threw KeyError", "ended with CancelledError", "has not ended". */
export function describeOutcome({ outcome, value }: Pick<HistoryCall, "outcome" | "value">): string {
  if (outcome === "open") return value === undefined ? "has not ended" : `ended with ${errorName(value)}`;
  if (outcome === "threw") return `threw ${errorName(value)}`;
  return value === undefined ? "returned" : `returned ${format(value)}`;
}

/** What tells errors apart: the name of one. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : nameOf(error);
}
