// A run of a sweep that failed, in words.

import { describeError } from "../../introspection/describe-error.ts";
import { formatSeconds } from "../../support/delay.ts";
import type { LogFrame, LogStep, SimulationLog } from "../../trace/log.ts";
import { describeEnd } from "../../trace/step-end.ts";
import { PlaceNames } from "../../introspection/places.ts";
import type { SweepMode } from "./modes.ts";
import type { FaultPoint } from "./points.ts";

/** Steps after the fault that a report tells of; of the others it gives the number. */
const STEPS_TOLD = 12;

/** What was seen of a run that failed. */
export interface FailedRun {
  readonly mode: SweepMode | "none";
  /** Number of the point, or -1. */
  readonly number: number;
  readonly point: FaultPoint | null;
  readonly error: unknown;
  /** Where the task of the point waited, or where it was made, innermost first. */
  readonly stack: readonly LogFrame[];
  readonly log: SimulationLog;
  /** Index of the first step after the fault. */
  readonly firstStep: number;
}

/** A run of a sweep that failed. */
export class SweepFailure {
  /** The fault; "none" when the program fails without one. */
  readonly mode: SweepMode | "none";
  /** Number of the point, from 0; -1 without a fault. */
  readonly point: number;
  /** Name of the task of that point. */
  readonly task: string;
  /** File and line where that task waited, or was made when it had not begun; "" when it is not known. */
  readonly site: string;
  /** What is wrong. */
  readonly error: unknown;
  /** All of it, in a few lines. */
  readonly report: string;

  /** @internal */
  constructor(run: FailedRun) {
    this.mode = run.mode;
    this.point = run.number;
    this.task = run.point?.task ?? "";
    this.site = siteOf(run.stack);
    this.error = run.error;
    this.report = describe(run);
  }

  toString(): string {
    return this.report;
  }

  /** An error to throw in a test: its message is the report, its cause what is wrong. */
  toError(): Error {
    return new Error(this.report, { cause: this.error });
  }
}

function siteOf(stack: readonly LogFrame[]): string {
  const [frame] = stack;
  return frame === undefined || frame.file === "" ? "" : new PlaceNames([frame]).nameOf(frame);
}

function describe({ mode, number, point, error, stack, log, firstStep }: FailedRun): string {
  const lines: string[] = [];
  if (point === null || mode === "none") lines.push("without a fault: the program has to pass before it can be swept");
  else lines.push(`${mode} at point ${number}: ${describeFault(mode, point)}`);
  for (const { name, file, line, column } of stack) lines.push(`    at ${name} (${file}:${line}:${column})`);
  lines.push(...describeError(error));
  if (point === null) return lines.join("\n");
  const steps = log.steps.slice(firstStep);
  if (steps.length > 0) lines.push("steps after the fault:");
  for (const step of steps.slice(0, STEPS_TOLD)) lines.push(`  ${describeStep(step, log)}`);
  if (steps.length > STEPS_TOLD) lines.push(`  and ${steps.length - STEPS_TOLD} more`);
  lines.push(`again: sweep(main, { ..., only: { mode: "${mode}", point: ${number} } })`);
  return lines.join("\n");
}

function describeFault(mode: SweepMode, { task, waits }: FaultPoint): string {
  switch (mode) {
    case "cancel":
      return waits ? `${task} is cancelled where it waits` : `${task} is cancelled before it begins`;
    case "cancelTwice":
      return `${task} is cancelled where it waits, and once more where it waits next`;
    case "timeout":
      return `a timeout around the program expires while ${task} waits`;
    case "throw":
      return `${task} gets an error where it waits`;
    case "cancelWithCompletion":
      return `${task} is cancelled when what it waits for has come`;
  }
}

function describeStep(step: LogStep, { actors }: SimulationLog): string {
  const { actor, time, begin } = step;
  const name = actors[actor]?.name ?? "";
  if (begin === "call") return `${formatSeconds(time)}  ${name}() is called`;
  const began = begin === "throw" ? "gets an error" : "goes on";
  return `${formatSeconds(time)}  ${name} ${began}, and ${describeEnd(step)}`;
}
