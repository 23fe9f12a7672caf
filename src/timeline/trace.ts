// A log as Chrome trace-event JSON, which https://ui.perfetto.dev and chrome://tracing open: tasks as threads, steps
// and waits as slices, and arrows from the step that woke to the one that was woken.
//
// Steps take no virtual time, and many stand at the same moment. So each is drawn as wide as a slot, and starts where
// its time is, or at the end of the step before it when that is later. Arrows are fastened to the middle of slots: both
// viewers look for the slice at that time, and at an edge there would be two.

import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";
import type { LogStep, SimulationLog } from "../trace/log.ts";
import { type Arrow, type Edge, type Picture, type Span, pictureOf } from "./picture.ts";
import { describeEnd } from "../trace/step-end.ts";
import { describeBegin, formatFrame, formatTime } from "./words.ts";

/** What `toTimeline` can be told. */
export interface TimelineOptions {
  /**
   * What the viewer's time is. "time" (default): virtual time, each step 1 µs wide. "order": one millisecond for each
   * step, whatever the virtual time between them, for logs in which hours pass between steps.
   */
  readonly scale?: "time" | "order";
}

/** A log in Chrome's trace-event format, as its JSON object: `JSON.stringify` makes the file. */
export interface TimelineTrace {
  /** Names of the lanes first, then in order of `ts`. */
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: "ms";
  /** What the viewers show about the trace as a whole. */
  readonly otherData: { readonly steps: number; readonly scale: "time" | "order"; readonly virtualTime: string };
}

export type TraceEvent = MetadataEvent | SliceEvent | FlowEvent;

/** Says how a lane, or the whole simulation, is called and where it stands. */
export interface MetadataEvent {
  readonly ph: "M";
  readonly name: "process_name" | "thread_name" | "thread_sort_index";
  readonly pid: 1;
  readonly tid: number;
  readonly args: { readonly name: string } | { readonly sort_index: number };
}

/** A step, or what a task does between two steps. */
export interface SliceEvent {
  readonly ph: "X";
  /** "step 12", "step 12 throws", "waits for Lock". */
  readonly name: string;
  /** "step" or "wait", and behind a comma "error" or "cancelled" for steps that end so. */
  readonly cat: string;
  readonly pid: 1;
  /** The lane, from 1. */
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  /** Microseconds. */
  readonly dur: number;
  /** A colour by chrome://tracing's name for it. */
  readonly cname?: "terrible" | "bad" | "grey";
  readonly args: Readonly<Record<string, string | number | readonly string[]>>;
}

/** An end of an arrow: "s" where it starts, "f" where it ends. Both have the same id. */
export interface FlowEvent {
  readonly ph: "s" | "f";
  readonly name: Arrow["kind"];
  readonly cat: "flow";
  readonly pid: 1;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly id: number;
  /** That an arrow ends at the slice around it, not at the next one. */
  readonly bp?: "e";
}

/** Later times do not fit into the viewers' 64 bits of nanoseconds: they are drawn here. 126 years, in microseconds. */
const LATEST = 4e15;
const SLOTS = { time: 1, order: 1000 };

/**
 * A simulation's log for Perfetto (https://ui.perfetto.dev) and chrome://tracing.
 *
 * Each task is a lane, and all callbacks and all timers are one each. Steps are slices, with their virtual time,
 * iteration, call site and stack among the arguments; waits are slices between them; arrows lead from a step to those
 * that it woke, created or scheduled. The order of steps is always visible: those of one moment stand side by side, 1
 * µs each, so that a step may be drawn that much later than its own time, which stands among its arguments.
 * @throws TypeError for what is not the log of a simulation
 * @throws RangeError for an unknown scale
 *
 * @example
 * const { log } = simulate(main);
 * writeFileSync("run.trace.json", JSON.stringify(toTimeline(log)));
 */
export function toTimeline(log: SimulationLog, options: TimelineOptions = {}): TimelineTrace {
  const { scale = "time" } = checkNames(options, ["scale"]);
  if (scale !== "time" && scale !== "order")
    throw new RangeError(`Invalid scale: expected "time" or "order", got ${format(scale)}`);
  const picture = pictureOf(log);
  const slot = SLOTS[scale];
  const timeOf = edgeTimes(log, scale);
  const slices = picture.lanes.flatMap(({ steps, spans }, lane) => [
    ...steps.map((index) => stepSlice(log, picture, index, timeOf(2 * index), slot)),
    // One without width would start with the next step, and stand below it as a part of it.
    ...spans.map((span) => spanSlice(log, span, lane + 1, timeOf)).filter(({ dur }) => dur > 0),
  ]);
  const flows = picture.arrows.flatMap((arrow, id) => {
    const end = (ph: FlowEvent["ph"], step: number): FlowEvent => ({
      ph,
      name: arrow.kind,
      cat: "flow",
      pid: 1,
      tid: tidOf(picture, step),
      ts: timeOf(2 * step) + slot / 2,
      id: id + 1,
      ...(ph === "f" && { bp: "e" }),
    });
    return [end("s", arrow.from), end("f", arrow.to)];
  });
  const inTime = [...slices, ...flows].sort((left, right) => left.ts - right.ts);
  return {
    traceEvents: [...namesOf(picture), ...inTime],
    displayTimeUnit: "ms",
    otherData: { steps: log.steps.length, scale, virtualTime: formatTime(log.time) },
  };
}

/** Where an edge stands, in microseconds. */
function edgeTimes({ steps, time }: SimulationLog, scale: "time" | "order"): (edge: Edge) => number {
  const slot = SLOTS[scale];
  const starts: number[] = [];
  let free = 0;
  const place = (seconds: number): number => {
    const start = scale === "order" ? free : Math.max(free, Math.min(Math.round(seconds * 1e6), LATEST));
    free = start + slot;
    return start;
  };
  for (const step of steps) starts.push(place(step.time));
  starts.push(place(time));
  return (edge) => starts[edge >> 1] + (edge & 1) * slot;
}

const tidOf = ({ laneOfStep }: Picture, step: number): number => laneOfStep[step] + 1;

function namesOf({ lanes }: Picture): MetadataEvent[] {
  const names = lanes.flatMap(({ name }, lane): MetadataEvent[] => [
    { ph: "M", name: "thread_name", pid: 1, tid: lane + 1, args: { name } },
    { ph: "M", name: "thread_sort_index", pid: 1, tid: lane + 1, args: { sort_index: lane } },
  ]);
  return [{ ph: "M", name: "process_name", pid: 1, tid: 0, args: { name: "simulation" } }, ...names];
}

/** Colours and categories of steps that end badly. */
const ENDS: Partial<Record<LogStep["end"], { readonly cat: string; readonly cname: "terrible" | "bad" }>> = {
  throw: { cat: "step,error", cname: "terrible" },
  cancelled: { cat: "step,cancelled", cname: "bad" },
};

function stepSlice(log: SimulationLog, picture: Picture, index: number, ts: number, dur: number): SliceEvent {
  const step = log.steps[index];
  const actor = log.actors[step.actor];
  const mark = ENDS[step.end];
  const called = actor.kind === "task" ? "" : ` ${actor.name}`;
  return {
    ph: "X",
    name: `step ${index}${called}${mark === undefined ? "" : ` ${describeEnd(step)}`}`,
    cat: "step",
    pid: 1,
    tid: tidOf(picture, index),
    ts,
    dur,
    ...mark,
    args: {
      step: index,
      time: formatTime(step.time),
      iteration: step.iteration,
      began: describeBegin(step),
      ended: describeEnd(step),
      ...list(
        "woke",
        step.woke.map((woken) => log.actors[woken]?.name ?? ""),
      ),
      ...list("at", step.stack.slice(0, 1).map(formatFrame)),
      ...list("stack", step.stack.map(formatFrame)),
      ...list("made at", actor.origin),
    },
  };
}

/** An argument that is left out when it is empty, and a text when it is one. */
function list(name: string, values: readonly string[]): Record<string, string | readonly string[]> {
  if (values.length === 0) return {};
  return { [name]: values.length === 1 ? values[0] : values };
}

function spanSlice(log: SimulationLog, span: Span, tid: number, timeOf: (edge: Edge) => number): SliceEvent {
  const ts = timeOf(span.from);
  const stack = log.steps[span.after]?.stack ?? [];
  return {
    ph: "X",
    name: span.label,
    cat: "wait",
    pid: 1,
    tid,
    ts,
    dur: timeOf(span.to) - ts,
    cname: "grey",
    args: {
      "after step": span.after,
      ...(span.before < 0 ? { "never goes on": "to the end of the log" } : { "before step": span.before }),
      ...list("at", stack.slice(0, 1).map(formatFrame)),
    },
  };
}
