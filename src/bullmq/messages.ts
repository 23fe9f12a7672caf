// What goes through a queue. A job's name there is that of its function, by which workers find it; its id is its key.

import { isPlain } from "./json.ts";
import { BrokenExecutor } from "../executors/errors.ts";
import type { RemoteError } from "../executors/messages.ts";
import { reviveError } from "../executors/remote-error.ts";

/** The data of a job. */
export interface JobData {
  /** What the function is called with. */
  readonly args: readonly unknown[];
  /** It was cancelled: who takes it from now on does not run it. */
  readonly cancelled?: true;
  readonly failure?: Failure;
}

/** Why a job has failed for good. */
export interface Failure {
  /** The message that the queue has, too: another one there is of a later failure, which no worker of ours has told. */
  readonly reason: string;
  /** null: it was cancelled. */
  readonly error: RemoteError | null;
}

/** What the queue keeps of a job that has succeeded: JSON has no undefined but by what is not there. */
export interface Answer {
  readonly value?: unknown;
}

/** How a job has ended. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "cancelled" };

export const CANCELLED: Outcome = { kind: "cancelled" };

export const failed = (error: unknown): Outcome => ({ kind: "error", error });

/** What an answer says. Other workers than ours answer with anything. */
export const answered = (answer: unknown): Outcome => ({
  kind: "value",
  value: isPlain(answer) ? (answer as Answer).value : answer,
});

/** What the queue says of a job whose workers have ended again and again, before it had. */
const STALLED = "job stalled more than allowable limit";

/** What a failure says, as the queue has it: its message, and the stack of each attempt. */
export function failedWith(
  data: Partial<JobData> | undefined,
  reason: string,
  stacks: readonly string[] | null,
): Outcome {
  const { failure } = data ?? {};
  if (failure?.reason === reason) return failure.error === null ? CANCELLED : failed(reviveError(failure.error));
  if (reason === STALLED)
    return failed(new BrokenExecutor("The workers of the job have ended before it gave a result, too often"));
  const stack = stacks?.at(-1) ?? "";
  return failed(reviveError({ name: "Error", message: reason, stack, properties: {}, cause: null, errors: null }));
}

/** The channel on which the workers of a queue are told that a job is cancelled. */
export const cancelChannel = (queue: string): string => `wasyncio:${queue}:cancel`;
