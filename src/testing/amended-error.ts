// Errors with more to say. A test runner shows best what a program has thrown itself: its class, the difference between
// the values of an assertion, the line it came from. So the error itself gets the text, and nothing is wrapped around
// it.

import { format } from "../support/format.ts";

/** What errors were before: one that is thrown again and again gets one text only. */
const originals = new WeakMap<Error, { readonly message: string; readonly stack: string | undefined }>();

/** Where a step of a task begins: what called it is the loop's, not the program's. */
const STEP_FRAME = /\b(?:resumeCoroutine|throwIntoCoroutine)\b/;

/**
 * The error with a text behind its message, in its stack too; a new one with it as its cause where it cannot be
 * changed.
 * @param isOwn whether it comes from the program: else its stack is the simulation's, and says nothing
 */
export function amendedError(error: unknown, text: string, isOwn: boolean): Error {
  try {
    if (error instanceof Error) {
      // Of a group vitest shows only the members.
      if (error instanceof AggregateError) amend(lastMember(error), text, isOwn);
      return amend(error, text, isOwn);
    }
  } catch {
    // It throws when it is looked at.
  }
  return amend(new Error(`Thrown: ${format(error)}`, { cause: error }), text, false);
}

const DEEPEST_GROUP = 20;

function lastMember(group: AggregateError): Error {
  let member: Error = group;
  for (let depth = 0; depth < DEEPEST_GROUP && member instanceof AggregateError; depth++) {
    const last: unknown = member.errors.at(-1);
    if (!(last instanceof Error)) break;
    member = last;
  }
  return member;
}

function amend(error: Error, text: string, isOwn: boolean): Error {
  const original = originals.get(error) ?? { message: error.message, stack: error.stack };
  originals.set(error, original);
  const message = original.message === "" ? text : `${original.message}\n\n${text}`;
  try {
    error.message = message;
    if (original.stack !== undefined) error.stack = amendedStack(original.message, original.stack, text, isOwn);
  } catch {
    return new Error(`${error.name}: ${message}`, { cause: error }); // it is frozen, or its message a getter
  }
  return error;
}

/** Puts a text between the message at the head of a stack and the program's frames, where the engine writes it so. */
function amendedStack(message: string, stack: string, text: string, isOwn: boolean): string {
  const head = stack.indexOf(message);
  const frames = stack.indexOf("\n    at ", head + message.length);
  if (head < 0 || frames < 0) return stack;
  const lines = stack.slice(frames + 1).split("\n");
  const step = lines.findIndex((line) => STEP_FRAME.test(line));
  const own = isOwn ? lines.slice(0, step < 0 ? lines.length : step) : [];
  const top = stack.slice(0, frames);
  return [message === "" ? `${top.replace(/: $/, "")}: ${text}` : `${top}\n\n${text}`, ...own].join("\n");
}
