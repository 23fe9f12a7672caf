// The contradiction in a history: as few of its calls as have no order, whatever the others did, and a picture of them.
//
// A call that is left out may still have had its effect between its beginning and its end, or none: else what others
// saw of it would be a contradiction that there is not.

import { PlaceNames, frameOf } from "../../introspection/places.ts";
import { type HistoryCall, describeCall, describeOutcome } from "./call.ts";
import type { Model } from "./model.ts";
import { type Verdict, findOrder } from "./order.ts";

/** Configurations that are tried for one call less, and for all of it. */
const MOST_TRIED = 3_000;
const MOST_TRIED_IN_ALL = 30_000;

/** Calls that a picture shows; of the others it gives the number. */
const MOST_SHOWN = 40;

/** Results that are told of in place of that of the last call. */
const MOST_EXPECTED = 3;

/** Calls of a history that contradict each other, in the order of their beginnings. */
export interface Contradiction {
  readonly calls: readonly HistoryCall[];
  /** The others, whose effects make no difference. */
  readonly others: readonly HistoryCall[];
  /** The search for an order of these calls, and for moments of the others. */
  readonly verdict: Verdict;
}

/** The contradiction in calls that have no order; `stuck` is where the search for one has ended. */
export function contradictionIn(calls: readonly HistoryCall[], stuck: HistoryCall, model: Model): Contradiction {
  const before = calls.filter(({ begun }) => begun < stuck.ended); // the search has seen no others
  let kept = before.filter(({ ended }) => ended !== Infinity);
  let tried = 0;
  const search = (some: readonly HistoryCall[], most: number): Verdict => {
    const verdict = findOrder(
      before.map((call) => (some.includes(call) ? call : opened(call))),
      model,
      most,
    );
    tried += verdict.tried;
    return verdict;
  };
  for (let size = kept.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < kept.length && tried < MOST_TRIED_IN_ALL;) {
      const fewer = kept.filter((_, index) => index < from || index >= from + size);
      if (search(fewer, MOST_TRIED).order === "none") kept = fewer;
      else from += size;
    }
  }
  return { calls: kept, others: before.filter((call) => !kept.includes(call)), verdict: search(kept, Infinity) };
}

const openedCalls = new WeakMap<HistoryCall, HistoryCall>();

/** The call as if nothing were known of its effect: the same object each time, for models know calls by that. */
function opened(call: HistoryCall): HistoryCall {
  let open = openedCalls.get(call);
  if (open === undefined) {
    const { method, args, begun, ended } = call;
    open = { method, args, begun, ended, outcome: "open", value: undefined, task: "", place: "" };
    openedCalls.set(call, open);
  }
  return open;
}

/**
 * In words, and a picture: a line for each call that is one of them, or goes on at the same time as one, from its
 * beginning to its end.
 */
export function describeContradiction({ calls, others, verdict }: Contradiction): string {
  const beside = others.filter((other) => calls.some((each) => other.begun < each.ended && each.begun < other.ended));
  const shown = [...calls, ...beside].sort((a, b) => a.begun - b.begun);
  const lines = [
    `Not linearizable: in no order does the model give what ${calls.length === 1 ? "the call marked > has" : "the calls marked > have"} given, whatever came of others:`,
    ...picture(shown, new Set(calls)),
  ];
  const { stuck } = verdict;
  const expected = [...new Set(verdict.expected.map(describeOutcome))].sort();
  if (stuck !== null && expected.length > 0 && expected.length <= MOST_EXPECTED)
    lines.push(`In the model, ${describeCall(stuck)} ${expected.join(" or ")}.`);
  return lines.join("\n");
}

/** A line for each call, and for those that are too many. */
export function picture(calls: readonly HistoryCall[], marked: ReadonlySet<HistoryCall> = new Set()): string[] {
  const shown = calls.slice(0, MOST_SHOWN);
  const moments = shown.flatMap(({ begun, ended }) => [begun, ended]).sort((a, b) => a - b);
  const columnOf = new Map([...new Set(moments)].map((moment, index) => [moment, 2 * index]));
  const width = 2 * columnOf.size - 1;
  const frames = shown.map(({ place }) => (place === "" ? null : frameOf(place)));
  const places = new PlaceNames(frames);
  const taskWidth = Math.max(...shown.map(({ task }) => task.length));
  const lines = shown.map((call, index) => {
    const [from = 0, to = 0] = [columnOf.get(call.begun), columnOf.get(call.ended)];
    const rest = call.ended === Infinity ? ".".repeat(to - from) : `${"-".repeat(to - from - 1)}|`;
    const bar = `${" ".repeat(from)}|${rest}`.padEnd(width);
    const frame = frames[index];
    const place = frame === null ? "" : `, called at ${places.nameOf(frame)}`;
    const text = `${describeCall(call)} ${describeOutcome(call)}${place}`;
    return `${marked.has(call) ? ">" : " "} ${bar}  ${call.task.padEnd(taskWidth)}  ${text}`;
  });
  if (calls.length > MOST_SHOWN) lines.push(`  and ${calls.length - MOST_SHOWN} more`);
  return lines;
}
