// What goes between a pool and its workers. A worker runs its jobs one after the other, in the order in which they were
// sent: so a job is known by its number among those of its worker, and answers need none.

import type { Packed } from "./copying.ts";

/** How a worker finds a function: by module and name, as pickle does, by its name among registered ones, or by text. */
export type Reference =
  | { readonly url: string; readonly name: string }
  | { readonly registered: string }
  | { readonly text: string };

/** What a worker is told first. */
export interface Setup {
  readonly name: string;
  /** The slots, where memory can be had together. */
  readonly slots: Int32Array | null;
  /** What is called before the first job. */
  readonly initializer: { readonly reference: Reference; readonly args: Packed<readonly unknown[]> } | null;
}

/** Jobs for a worker. */
export interface Batch {
  /** Functions that are new to the worker: their numbers go on from those that it knows. */
  readonly references: readonly Reference[];
  /** Of each job, its function's number. */
  readonly functions: readonly number[];
  /** Of each job, what to call the function with. */
  readonly args: Packed<readonly (readonly unknown[])[]>;
}

/** To a worker; null: end. `told`: of what stands in side-channel.ts. */
export type Order =
  | { readonly setup: Setup }
  | { readonly batch: Batch }
  | { readonly cancelled: number }
  | { readonly told: unknown }
  | null;

/** What was thrown, as it can be copied. */
export type RemoteError =
  | {
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly cause: RemoteError | null;
      /** Those of a group. */
      readonly errors: readonly RemoteError[] | null;
      /** The error itself, where it comes from no other realm: in virtual time. */
      readonly original?: unknown;
    }
  | { readonly value: unknown };

/** A job that gave no value: `at` is its place among the answers. */
export type Failure =
  | { readonly at: number; readonly kind: "error"; readonly error: RemoteError }
  /** Cancelled, or never begun because it was. */
  | { readonly at: number; readonly kind: "cancelled" };

/** From a worker. */
export type Report =
  | { readonly ready: true }
  /** The initializer has failed. */
  | { readonly broken: RemoteError }
  /** What came of the next jobs, in order. */
  | { readonly values: Packed<readonly unknown[]>; readonly failures: readonly Failure[] }
  | { readonly progress: Packed<unknown>; readonly of: number }
  /** Of what stands in side-channel.ts. */
  | { readonly asked: unknown };

/** Most jobs that a worker may have; the slot of a job is its number modulo this. */
export const MOST_JOBS = 128;

// The state of a job in its worker, in its slot. The worker moves it from SENT to BEGUN, whoever cancels the job from
// SENT to CANCELLED: one of both succeeds. So a job that was cancelled before it began never begins, and of a worker
// that is gone it is known which it has begun. One that is cancelled later goes from BEGUN to ABORTED, which its
// function can see though no message reaches it.
export const SENT = 0;
export const BEGUN = 1;
export const DONE = 2;
export const CANCELLED = 3;
export const ABORTED = 4;

/** Moves a job from SENT to another state. Returns whether it was SENT. */
export function moveOn(slots: Int32Array, serial: number, state: number): boolean {
  return Atomics.compareExchange(slots, serial % MOST_JOBS, SENT, state) === SENT;
}
