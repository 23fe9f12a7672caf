// Paints the part of a run that is in sight. Nothing is kept between two calls: 100,000 steps are looked up by
// bisection, and steps that would stand on the same pixel are painted once.

import type { LogPrimitive, LogStep } from "../../trace/log.ts";
import type { Arrow, Span } from "../picture.ts";
import type { Level, PrimitiveLane } from "../primitive-lanes.ts";
import { type Axis, lastAtMost } from "./axis.ts";
import { paintAxis, paintJumps } from "./axis-painter.ts";
import { Brush, FONT, STRONG_FONT } from "./brush.ts";
import type { Model, Row } from "./model.ts";
import { AXIS_HEIGHT, ROW, type Sight } from "./sight.ts";
import { type Colour, type Theme, colourOf } from "./theme.ts";

const NAME_FONT = FONT.replace("11px", "12px");
const STRONG_NAME_FONT = STRONG_FONT.replace("11px", "12px");
const STEP_HEIGHT = 20;
const SPAN_HEIGHT = 14;
const BADGE_HEIGHT = 13;
/** More arrows than that are a tangle: then only those of the selected step are painted. */
const MOST_ARROWS = 400;

/** What is marked. */
export interface Marks {
  /** The selected step, or -1. */
  readonly selected: number;
  /** Rows that were searched for; null when nothing is. */
  readonly found: ReadonlySet<number> | null;
}

/** Marks of ends that are more than a step on the way. */
const GLYPHS: Partial<Record<LogStep["end"], string>> = { throw: "✕", cancelled: "⊘", return: "✓" };

export class Painter {
  readonly #brush: Brush;
  readonly #model: Model;
  readonly #axis: Axis;
  readonly #sight: Sight;
  readonly #marks: Marks;

  constructor(context: CanvasRenderingContext2D, theme: Theme, axis: Axis, sight: Sight, marks: Marks) {
    this.#brush = new Brush(context, theme);
    this.#model = sight.model;
    this.#axis = axis;
    this.#sight = sight;
    this.#marks = marks;
  }

  paint(): void {
    const { width, height, gutter, room } = this.#sight;
    const brush = this.#brush;
    brush.rectangle("paper", 0, 0, width, height);
    const [first, last] = this.#sight.rows;
    for (let row = first; row <= last; row++)
      if (row % 2 === 1) brush.rectangle("stripe", gutter, this.#sight.y(row), width, ROW);
    brush.inside(gutter, 0, room, height, () => paintJumps(brush, this.#axis, this.#sight));
    brush.inside(gutter, AXIS_HEIGHT, room, height, () => {
      for (let row = first; row <= last; row++) this.#row(this.#model.row(row), row);
      this.#parting();
      this.#arrows(first, last);
      this.#cursor();
      this.#badges(first, last);
    });
    this.#names(first, last);
    paintAxis(brush, this.#axis, this.#sight);
  }

  #row({ steps, spans, primitive }: Row, row: number): void {
    const { found } = this.#marks;
    const middle = this.#sight.y(row) + ROW / 2;
    const [from, to] = this.#sight.steps;
    this.#brush.faded(found === null || found.has(row) ? 1 : 0.2, () => {
      if (primitive !== null) this.#levels(primitive, middle);
      for (let index = bisect(spans, (span) => span.to < 2 * from); index < spans.length; index++) {
        if (spans[index].from > 2 * to + 1) break;
        this.#span(spans[index], middle);
      }
      let painted = -Infinity;
      for (let index = Math.max(0, lastAtMost(steps, from)); index < steps.length && steps[index] <= to; index++) {
        const step = this.#model.step(steps[index]);
        const x = this.#sight.edge(2 * step.index);
        if (x < painted && !this.#isMarked(step)) continue;
        this.#step(step, x, middle);
        painted = Math.floor(x) + 1;
      }
    });
  }

  /** Whether a step is seen even where others stand on the same pixel. */
  #isMarked({ index, end }: LogStep): boolean {
    return end === "throw" || end === "cancelled" || index === this.#marks.selected || this.#model.racing.has(index);
  }

  #span({ kind, label, from, to, before }: Span, middle: number): void {
    const x = this.#sight.edge(from);
    const width = this.#sight.edge(to) - x;
    if (width < 0.5) return;
    const height = kind === "ready" ? 6 : SPAN_HEIGHT;
    const brush = this.#brush;
    brush.rectangle(kind, x, middle - height / 2, width, height);
    if (kind === "ready") return;
    if (before < 0) brush.rectangle("error", x + width - 3, middle - height / 2, 3, height);
    brush.label(label, this.#indent(x), x + width - 3, middle, "on-wait", FONT);
  }

  /** Who holds a lock, how full a queue is. */
  #levels({ primitive, levels, most }: PrimitiveLane, middle: number): void {
    const { gutter, width: right } = this.#sight;
    const isQueue = primitive.kind === "queue";
    const [from, to] = this.#sight.steps;
    let painted = -Infinity;
    for (let index = bisect(levels, (level) => level.to < 2 * from); index < levels.length; index++) {
      const level = levels[index];
      if (level.from > 2 * to + 2) break;
      const x = this.#sight.edge(level.from);
      const end = this.#sight.edge(level.to);
      if (end < painted || end < gutter || x > right) continue;
      const width = Math.max(1, end - x - 1);
      const height = isQueue ? Math.max(3, (STEP_HEIGHT * level.count) / Math.max(1, most)) : SPAN_HEIGHT;
      const top = isQueue ? middle + STEP_HEIGHT / 2 - height : middle - height / 2;
      this.#brush.rectangle(isQueue ? "filled" : "held", x, top, width, height);
      this.#levelLabel(level, primitive, this.#indent(x), end - 3, middle);
      painted = Math.floor(end) + 0.5;
    }
  }

  #levelLabel(level: Level, { kind, limit }: LogPrimitive, left: number, right: number, middle: number): void {
    const brush = this.#brush;
    if (kind === "lock") {
      return brush.label(this.#model.holdersOf(level), left, right, middle, "on-wait", FONT);
    }
    const full = `${level.count} of ${limit}`;
    const text = limit > 0 && brush.widthOf(full, FONT) <= right - left ? full : String(level.count);
    brush.label(text, left, right, middle, "on-wait", FONT);
  }

  #step(step: LogStep, x: number, middle: number): void {
    const { scale } = this.#sight;
    const races = this.#model.racing.has(step.index);
    const width = Math.max(races ? 3 : 1, scale - (scale > 6 ? 1 : 0));
    const top = middle - STEP_HEIGHT / 2;
    const brush = this.#brush;
    brush.box(races ? "race" : colourOf(step), x, top, width, STEP_HEIGHT, Math.min(4, width / 3));
    if (step.choice > 0 && width >= 6) brush.rectangle("departure", x - 1.5, top - 3, 4, STEP_HEIGHT + 6);
    if (step.index === this.#marks.selected)
      brush.frame("accent", x - 2.5, top - 2, width + 5, STEP_HEIGHT + 4, 5, 2.5);
    if (width < 12) return;
    const glyph = GLYPHS[step.end] ?? "";
    const [frame] = step.stack;
    const place = frame === undefined ? "" : ` ${frame.name}:${frame.line}`;
    const called = step.begin === "call" ? ` ${this.#model.actorOf(step.index).name}` : "";
    const text =
      width < 30 && glyph !== "" ? glyph : `${glyph}${glyph && " "}${step.index}${called}${width < 70 ? "" : place}`;
    brush.label(text, this.#indent(x), x + width - 2, middle, "on-step", STRONG_FONT);
  }

  /** The numbers of the steps that race. */
  #badges(first: number, last: number): void {
    for (const [step, number] of this.#model.racing) {
      const row = this.#model.rowOf(step);
      if (row < first || row > last) continue;
      const width = this.#brush.widthOf(number, STRONG_FONT) + 8;
      const x = this.#sight.edge(2 * step) + this.#sight.scale - width / 2 - 2;
      const y = this.#sight.y(row);
      this.#brush.box("paper", x, y, width, BADGE_HEIGHT, BADGE_HEIGHT / 2);
      this.#brush.frame("race", x, y, width, BADGE_HEIGHT, BADGE_HEIGHT / 2, 1.5);
      this.#brush.text(number, x + 4, y + BADGE_HEIGHT / 2 + 0.5, "race", STRONG_FONT);
    }
  }

  #arrows(first: number, last: number): void {
    const { selected } = this.#marks;
    const [from, to] = this.#sight.steps;
    const { arrows } = this.#model;
    const inSight = (step: number): boolean => this.#model.rowOf(step) >= first && this.#model.rowOf(step) <= last;
    const seen: Arrow[] = [];
    for (let index = bisect(arrows, (arrow) => arrow.to < from); index < arrows.length; index++) {
      const arrow = arrows[index];
      if (arrow.from > to) continue;
      if (arrow.to > to + 1 && arrow.from < from) continue;
      if (inSight(arrow.from) || inSight(arrow.to)) seen.push(arrow);
      if (seen.length > MOST_ARROWS) break;
    }
    if (seen.length <= MOST_ARROWS && this.#sight.scale >= 4)
      this.#brush.faded(selected < 0 ? 0.8 : 0.45, () => {
        for (const arrow of seen) this.#arrow(arrow, "arrow", 1.25);
      });
    for (const arrow of [...this.#model.arrowsTo(selected), ...this.#model.arrowsFrom(selected)])
      this.#arrow(arrow, "accent", 2);
  }

  /** From the middle of a step down or up to the left end of another. */
  #arrow({ kind, from, to }: Arrow, colour: Colour, width: number): void {
    const [start, end] = [this.#model.rowOf(from), this.#model.rowOf(to)];
    const x1 = this.#sight.edge(2 * from) + this.#sight.scale / 2;
    const y1 = this.#sight.y(start) + ROW / 2 + ((end > start ? 1 : -1) * STEP_HEIGHT) / 2;
    const x2 = this.#sight.edge(2 * to) - 1;
    const y2 = this.#sight.y(end) + ROW / 2;
    this.#brush.arrow(colour, [x1, y1], [x2, y2], width, kind === "wake" ? [] : [4, 3]);
  }

  /** A line where the runs part. */
  #parting(): void {
    const { parting } = this.#axis;
    if (parting === null) return;
    const x = this.#sight.x(parting) - 1;
    this.#brush.line("faint", [x, 0], [x, this.#sight.height], [6, 4]);
  }

  /** A line through the selected step. */
  #cursor(): void {
    if (this.#marks.selected < 0) return;
    const x = this.#sight.edge(2 * this.#marks.selected) + this.#sight.scale / 2;
    this.#brush.line("accent", [x, 0], [x, this.#sight.height], [1, 4]);
  }

  #names(first: number, last: number): void {
    const { gutter, height } = this.#sight;
    const { selected, found } = this.#marks;
    const own = selected < 0 ? -1 : this.#model.rowOf(selected);
    const brush = this.#brush;
    brush.rectangle("paper", 0, 0, gutter, height);
    for (let row = first; row <= last; row++) {
      const y = this.#sight.y(row);
      if (row % 2 === 1) brush.rectangle("stripe", 0, y, gutter, ROW);
      if (row === own) brush.rectangle("accent", 0, y + 2, 3, ROW - 4);
      const { name, kind } = this.#model.row(row);
      const strong = row === own || found?.has(row) === true;
      brush.faded(found === null || found.has(row) ? 1 : 0.35, () =>
        brush.label(
          name,
          12,
          gutter - 6,
          y + ROW / 2,
          kind === "task" ? "ink" : "faint",
          strong ? STRONG_NAME_FONT : NAME_FONT,
        ),
      );
    }
    brush.rectangle("line", gutter - 1, 0, 1, height);
  }

  /** Where the text in a box of a row begins: it stays in sight while the box does. */
  #indent(x: number): number {
    return Math.max(x, this.#sight.gutter) + 4;
  }
}

/** Index of the first item that is not `before`, when those that are come first. */
function bisect<T>(items: readonly T[], before: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(items[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
