// Deadlocks: the tasks that wait for each other in a circle, and all that wait besides.

import type { EventLoop } from "../runtime/event-loop.ts";
import { type Ledger, currentLedger } from "../waiting/ledger.ts";
import { describeWaits } from "./wait-texts.ts";
import { type Wait, waitsOf } from "./waits.ts";

/** Tasks that a message names; of the others it gives the number. */
const NAMED = 20;

/** A loop in which nothing can run any more. */
export interface Deadlock {
  /** Tasks of which each waits for the next one, and the last for the first; empty when there is no such circle. */
  readonly cycle: readonly Wait[];
  /** All tasks that are not done, in order of creation: those of the cycle too. */
  readonly waits: readonly Wait[];
  /** Both in words. */
  readonly message: string;
}

/**
 * Why nothing can run in a loop any more.
 * @param ledger what tasks hold; default: the ledger that is recorded now
 */
export function deadlockOf(loop: EventLoop, ledger: Ledger | null = currentLedger): Deadlock {
  const waits = waitsOf(loop, ledger);
  const cycle = findCycle(waits);
  const inCycle = new Set(cycle);
  const others = waits.filter((wait) => !inCycle.has(wait));
  return { cycle, waits, message: describe(cycle, others) };
}

/** The message of `deadlockOf`. */
export function describeDeadlock(loop: EventLoop, ledger: Ledger | null = currentLedger): string {
  return deadlockOf(loop, ledger).message;
}

/**
 * The waits of tasks that wait for each other in a circle, each followed by one that it waits for, or that holds what
 * it waits for. It begins with the task that was created first of all that are in any circle, and is the shortest
 * through that one. Empty when there is none.
 */
export function findCycle(waits: readonly Wait[]): Wait[] {
  const byTask = new Map(waits.map((wait) => [wait.task.id, wait]));
  const ahead = new Map(waits.map((wait) => [wait, blockersOf(wait, byTask)]));
  const candidates = leadingOn(reversed(leadingOn(ahead)));
  for (const start of waits) {
    if (!candidates.has(start)) continue;
    const cycle = wayBack(start, ahead);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

type Graph = ReadonlyMap<Wait, readonly Wait[]>;

/** The waits of the tasks that a task waits for, in order, each once. */
function blockersOf({ targets, holders }: Wait, byTask: ReadonlyMap<number, Wait>): Wait[] {
  const blockers = new Set<Wait>();
  for (const { task } of [...targets, ...holders]) {
    const wait = task === null ? undefined : byTask.get(task.id);
    if (wait !== undefined) blockers.add(wait);
  }
  return [...blockers];
}

/**
 * A graph without what leads nowhere, and without what then leads nowhere: it keeps each circle, and what leads to one.
 */
function leadingOn(graph: Graph): Graph {
  const behind = reversed(graph);
  const open = new Map([...graph].map(([wait, next]) => [wait, next.length]));
  const ends = [...open].filter(([, count]) => count === 0).map(([wait]) => wait);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    open.delete(end);
    for (const wait of behind.get(end) ?? []) {
      const count = (open.get(wait) as number) - 1;
      open.set(wait, count);
      if (count === 0) ends.push(wait);
    }
  }
  return new Map([...open.keys()].map((wait) => [wait, (graph.get(wait) ?? []).filter((next) => open.has(next))]));
}

function reversed(graph: Graph): Graph {
  const behind = new Map<Wait, Wait[]>([...graph.keys()].map((wait) => [wait, []]));
  for (const [wait, next] of graph) for (const each of next) (behind.get(each) as Wait[]).push(wait);
  return behind;
}

/** The shortest way from a wait back to itself, or []. */
function wayBack(start: Wait, ahead: Graph): Wait[] {
  const cameFrom = new Map<Wait, Wait>();
  const reached = [start];
  for (const wait of reached) {
    for (const next of ahead.get(wait) ?? []) {
      if (next === start) return pathTo(wait, start, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, wait);
      reached.push(next);
    }
  }
  return [];
}

function pathTo(end: Wait, start: Wait, cameFrom: ReadonlyMap<Wait, Wait>): Wait[] {
  const path = [end];
  for (let wait = end; wait !== start; path.push(wait)) wait = cameFrom.get(wait) as Wait;
  return path.reverse();
}

function describe(cycle: readonly Wait[], others: readonly Wait[]): string {
  const sentences = describeWaits([...cycle, ...others]);
  const inCycle = sentences.slice(0, cycle.length);
  const besides = sentences.slice(cycle.length);
  if (cycle.length === 0)
    return `Cannot go on: nothing is scheduled, and these tasks wait:${lines(besides, NAMED) || " none"}`;
  const circle =
    cycle.length === 1 ? "this task waits for itself:" : `these ${cycle.length} tasks wait for each other in a circle:`;
  const message = `Cannot go on: nothing is scheduled, and ${circle}${lines(inCycle, NAMED)}`;
  return besides.length === 0 ? message : `${message}\nThese wait besides:${lines(besides, NAMED)}`;
}

function lines(sentences: readonly string[], limit: number): string {
  const shown = sentences.slice(0, limit).map((sentence) => `\n  ${sentence}`);
  const more = sentences.length > limit ? `\n  and ${sentences.length - limit} more` : "";
  return `${shown.join("")}${more}`;
}
