// What the page shows of one run: the log, its lanes, what is marked in them, and what can be asked about them.

import type { LogActor, LogChange, LogStep, SimulationLog } from "../../trace/log.ts";
import { type Arrow, type Lane, type Span, hasEnded, pictureOf } from "../picture.ts";
import { type PrimitiveLane, primitiveLanes } from "../primitive-lanes.ts";
import type { ShownRace } from "../run.ts";
import { type Track, lastAtMost } from "./axis.ts";

/** A row of the page: a lane of steps, or that of a lock or a queue, which has none. */
export interface Row extends Omit<Lane, "kind"> {
  readonly kind: Lane["kind"] | "lock" | "queue";
  readonly primitive: PrimitiveLane | null;
}

export class Model {
  readonly log: SimulationLog;
  readonly track: Track;
  readonly rows: readonly Row[];
  readonly arrows: readonly Arrow[];
  /** Steps that race, with their numbers. */
  readonly racing: ReadonlyMap<number, string>;
  /** Steps that asyncio would not have run then, in order. */
  readonly departures: readonly number[];
  readonly #rowOfStep: readonly number[];
  readonly #arrowsTo: Arrow[][];
  readonly #arrowsFrom: Arrow[][];

  /** @param inFront steps whose rows come first */
  constructor(log: SimulationLog, track: Track, races: readonly ShownRace[], inFront: readonly number[]) {
    const { lanes, arrows } = pictureOf(log);
    this.log = log;
    this.track = track;
    this.arrows = arrows;
    this.racing = numbersOf(races);
    this.departures = log.steps.filter(({ choice }) => choice > 0).map(({ index }) => index);
    this.rows = inOrder(log, lanes, inFront);
    const rowOfStep: number[] = [];
    this.rows.forEach(({ steps }, row) => steps.forEach((step) => (rowOfStep[step] = row)));
    this.#rowOfStep = rowOfStep;
    this.#arrowsTo = log.steps.map(() => []);
    this.#arrowsFrom = log.steps.map(() => []);
    for (const arrow of arrows) {
      this.#arrowsTo[arrow.to]?.push(arrow);
      this.#arrowsFrom[arrow.from]?.push(arrow);
    }
  }

  step(index: number): LogStep {
    return this.log.steps[index];
  }

  actorOf(index: number): LogActor {
    return this.log.actors[this.step(index).actor];
  }

  rowOf(index: number): number {
    return this.#rowOfStep[index];
  }

  row(number: number): Row {
    return this.rows[number];
  }

  /** Arrows that lead to a step. */
  arrowsTo(index: number): readonly Arrow[] {
    return this.#arrowsTo[index] ?? [];
  }

  /** Arrows that start at a step. */
  arrowsFrom(index: number): readonly Arrow[] {
    return this.#arrowsFrom[index] ?? [];
  }

  /** The wait that a step begins with its end, if any. */
  spanAfter(index: number): Span | undefined {
    return this.row(this.rowOf(index)).spans.find(({ after, kind }) => after === index && kind !== "ready");
  }

  /** Who holds a lock or a semaphore: "Ada, Grace, and 3 more". */
  holdersOf({ holders, count }: Pick<LogChange, "holders" | "count">): string {
    const names = holders.map((holder) => this.log.actors[holder]?.name ?? "no task").join(", ");
    return count > holders.length ? `${names}, and ${count - holders.length} more` : names;
  }

  /** What a step has changed in locks and queues. */
  changesIn(index: number): readonly LogChange[] {
    return (this.log.changes ?? []).filter(({ step }) => step === index);
  }

  /**
   * The step of a row that is the last one to start at step `index` or before; its first one in front of that; -1 when
   * it has none.
   */
  stepInRow(number: number, index: number): number {
    const { steps } = this.row(number);
    return steps[Math.max(0, lastAtMost(steps, index))] ?? -1;
  }

  /** The step before or after another one, of the same actor's row; -1 when there is none. */
  neighbour(index: number, direction: 1 | -1): number {
    const { steps } = this.row(this.rowOf(index));
    return steps[steps.indexOf(index) + direction] ?? -1;
  }

  /** Steps that ended with an error. */
  failures(): readonly LogStep[] {
    return this.log.steps.filter(({ end }) => end === "throw");
  }

  /** Where the program's own task failed, else the last step; -1 when there is none. */
  lastStep(): number {
    const main = this.log.actors.find(({ number }) => number === 0);
    const own = this.log.steps.findLast(({ actor }) => actor === main?.id);
    return own?.end === "throw" ? own.index : this.log.steps.length - 1;
  }

  /** Tasks that have not ended, as rows. */
  unfinished(): readonly number[] {
    return this.rows.flatMap(({ kind, steps }, number) =>
      kind === "task" && !hasEnded(this.log.steps[steps.at(-1) ?? -1]) ? [number] : [],
    );
  }
}

/** Steps that race, and their numbers, as a failure tells of them: 1 and 2, and for the last race 3 and 4. */
function numbersOf(races: readonly ShownRace[]): Map<number, string> {
  const numbers = new Map<number, string>();
  races.forEach(({ first, second }, pair) =>
    [first, second].forEach((step, place) => {
      const number = String(2 * pair + place + 1);
      if (step >= 0) numbers.set(step, numbers.has(step) ? `${numbers.get(step)}, ${number}` : number);
    }),
  );
  return numbers;
}

/**
 * Rows in their order: first those of some steps, and the locks and queues that their tasks change; behind them all
 * others, tasks, callbacks, timers, locks and queues.
 */
function inOrder(log: SimulationLog, lanes: readonly Lane[], inFront: readonly number[]): Row[] {
  const rows: Row[] = [
    ...lanes.map((lane) => ({ ...lane, primitive: null })),
    ...primitiveLanes(log).map((primitive) => ({
      name: primitive.name,
      kind: primitive.primitive.kind,
      steps: [],
      spans: [],
      primitive,
    })),
  ];
  const actors = new Set(inFront.map((step) => log.steps[step].actor));
  const changed = new Set<number>();
  for (const { step, primitive } of log.changes ?? []) if (actors.has(log.steps[step].actor)) changed.add(primitive);
  const isFirst = ({ steps, primitive }: Row): boolean =>
    primitive === null ? inFront.some((step) => steps.includes(step)) : changed.has(primitive.primitive.id);
  return [...rows.filter(isFirst), ...rows.filter((row) => !isFirst(row))];
}
