// An error in words, for what a search or a sweep has found.

import { labelText } from "./waits.ts";
import { taskOfError } from "../runtime/async-stack.ts";
import { format } from "../support/format.ts";
import { isA } from "../support/is-a.ts";

/** Errors of a group that are told of; of the others it gives the number. */
const NAMED = 10;

/**
 * An error: what it is, the task that it came out of unless that is the main one, the errors of a group, and causes. A
 * line each, or more where a message has more.
 */
export function describeError(error: unknown): string[] {
  return describe(error, new Set());
}

/** `told` holds the errors that stand above: causes may go round in a circle, and groups share members. */
function describe(error: unknown, told: Set<unknown>): string[] {
  if (!isA(error, Error) || told.has(error)) return [format(error)];
  told.add(error);
  try {
    const message = error.message === "" ? error.name : `${error.name}: ${error.message}`;
    const lines = `${message}${taskNameOf(error)}`.split("\n");
    const members: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
    for (const member of members.slice(0, NAMED)) lines.push(...indented(describe(member, told)));
    if (members.length > NAMED) lines.push(`  and ${members.length - NAMED} more`);
    if (error.cause === undefined) return lines;
    const [first, ...rest] = describe(error.cause, told);
    return [...lines, `  caused by ${first}`, ...indented(rest)];
  } catch {
    return [format(error)]; // it throws when it is looked at
  }
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** " (in Task-3 'worker')". */
function taskNameOf(error: Error): string {
  const task = taskOfError(error);
  return task === undefined || task.serial === 0 ? "" : ` (in ${labelText(task)})`;
}
