// Paints the part of the picture that is in sight. Nothing is kept between two calls: 20,000 steps are looked up by
// bisection, and steps that would stand on the same pixel are painted once.

import type { LogStep } from "../../trace/log.ts";
import type { Arrow, Edge, Lane, Span } from "../picture.ts";
import { formatTime } from "../words.ts";
import { JUMP_WIDTH, lastAtMost } from "./axis.ts";
import type { Model } from "./model.ts";
import type { Theme } from "./theme.ts";

export const ROW = 26;
export const AXIS_HEIGHT = 34;
const STEP_HEIGHT = 20;
const SPAN_HEIGHT = 14;
const FONT = "11px system-ui, sans-serif";
const STRONG_FONT = "600 11px system-ui, sans-serif";
/** More arrows than that are a tangle: then only those of the selected step are painted. */
const MOST_ARROWS = 400;

/** What is in sight, in CSS pixels. */
export interface Sight {
  readonly width: number;
  readonly height: number;
  /** Width of the column of names. */
  readonly gutter: number;
  /** Pixels in front of the left edge and above the upper one. */
  readonly left: number;
  readonly top: number;
  /** Pixels for the width of a step. */
  readonly scale: number;
}

/** What is marked. */
export interface Marks {
  /** The selected step, or -1. */
  readonly selected: number;
  /** Lanes that were searched for; null when nothing is. */
  readonly found: ReadonlySet<number> | null;
}

/** Marks of ends that are more than a step on the way. */
const GLYPHS: Partial<Record<LogStep["end"], string>> = { throw: "✕", cancelled: "⊘", return: "✓" };

export class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #model: Model;
  readonly #theme: Theme;
  readonly #sight: Sight;
  readonly #marks: Marks;

  constructor(context: CanvasRenderingContext2D, model: Model, theme: Theme, sight: Sight, marks: Marks) {
    this.#context = context;
    this.#model = model;
    this.#theme = theme;
    this.#sight = sight;
    this.#marks = marks;
  }

  paint(): void {
    const { width, height, gutter } = this.#sight;
    const context = this.#context;
    context.textBaseline = "middle";
    this.#rectangle(this.#theme.paper, 0, 0, width, height);
    const [first, last] = this.#lanesInSight();
    this.#stripes(first, last);
    this.#jumps();
    this.#inside(gutter, AXIS_HEIGHT, () => {
      for (let number = first; number <= last; number++) this.#lane(this.#model.lane(number), number);
      this.#arrows(first, last);
      this.#cursor();
    });
    this.#names(first, last);
    this.#inside(gutter, 0, () => this.#times());
    this.#rectangle(this.#theme.line, 0, AXIS_HEIGHT - 1, width, 1);
    this.#rectangle(this.#theme.line, gutter - 1, 0, 1, height);
  }

  // ── Places ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #x(units: number): number {
    return this.#sight.gutter + units * this.#sight.scale - this.#sight.left;
  }

  #edge(edge: Edge): number {
    return this.#x(this.#model.axis.xOf(edge));
  }

  #y(lane: number): number {
    return AXIS_HEIGHT + lane * ROW - this.#sight.top;
  }

  #lanesInSight(): [first: number, last: number] {
    const { top, height } = this.#sight;
    const last = Math.floor((top + height - AXIS_HEIGHT) / ROW);
    return [Math.floor(top / ROW), Math.min(last, this.#model.picture.lanes.length - 1)];
  }

  /** The first and the last step in sight, in any lane. */
  #stepsInSight(): [first: number, last: number] {
    const { left, scale, width, gutter } = this.#sight;
    const { axis } = this.#model;
    return [axis.stepAt(left / scale), axis.stepAt((left + width - gutter) / scale)];
  }

  // ── Parts ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #stripes(first: number, last: number): void {
    const { width, gutter } = this.#sight;
    for (let number = first; number <= last; number++)
      if (number % 2 === 1) this.#rectangle(this.#theme.stripe, gutter, this.#y(number), width, ROW);
  }

  /** Bands where virtual time passes. */
  #jumps(): void {
    const { width, height, gutter, left, scale } = this.#sight;
    const { jumps } = this.#model.axis;
    const band = JUMP_WIDTH * scale;
    this.#inside(gutter, 0, () => {
      const starts = jumps.map(({ x }) => x);
      let painted = -Infinity;
      for (let index = Math.max(0, lastAtMost(starts, left / scale)); index < jumps.length; index++) {
        const x = this.#x(starts[index]);
        if (x > width) break;
        if (x + band <= painted + 1) continue;
        painted = x + band;
        const context = this.#context;
        context.globalAlpha = 0.45;
        this.#rectangle(this.#theme.sleep, x, 0, Math.max(1, band), height);
        context.globalAlpha = 1;
        if (band < 6) continue;
        context.strokeStyle = this.#theme.line;
        context.setLineDash([2, 3]);
        this.#stroke([x, 0], [x, height]);
        this.#stroke([x + band, 0], [x + band, height]);
        context.setLineDash([]);
      }
    });
  }

  #lane({ steps, spans }: Lane, number: number): void {
    const context = this.#context;
    const { found } = this.#marks;
    context.globalAlpha = found === null || found.has(number) ? 1 : 0.2;
    const middle = this.#y(number) + ROW / 2;
    const [from, to] = this.#stepsInSight();
    let index = bisect(spans, (span) => span.to < 2 * from);
    for (; index < spans.length && spans[index].from <= 2 * to + 1; index++) this.#span(spans[index], middle);
    let painted = -Infinity;
    for (let i = Math.max(0, lastAtMost(steps, from)); i < steps.length && steps[i] <= to; i++) {
      const step = this.#model.step(steps[i]);
      const x = this.#edge(2 * step.index);
      const bad = step.end === "throw" || step.end === "cancelled";
      if (x < painted && !bad && step.index !== this.#marks.selected) continue;
      this.#step(step, x, middle);
      painted = Math.floor(x) + 1;
    }
    context.globalAlpha = 1;
  }

  #span({ kind, label, from, to, before }: Span, middle: number): void {
    const x = this.#edge(from);
    const width = this.#edge(to) - x;
    if (width < 0.5) return;
    const height = kind === "ready" ? 6 : SPAN_HEIGHT;
    this.#rectangle(this.#theme[kind], x, middle - height / 2, width, height);
    if (before < 0 && kind !== "ready")
      this.#rectangle(this.#theme.error, x + width - 3, middle - height / 2, 3, height);
    if (kind !== "ready") this.#label(label, this.#indent(x), x + width - 3, middle, this.#theme["on-wait"], FONT);
  }

  #step(step: LogStep, x: number, middle: number): void {
    const context = this.#context;
    const selected = step.index === this.#marks.selected;
    const width = Math.max(1, this.#sight.scale - (this.#sight.scale > 6 ? 1 : 0));
    context.fillStyle = this.#theme[colourOf(step)];
    context.beginPath();
    context.roundRect(x, middle - STEP_HEIGHT / 2, width, STEP_HEIGHT, Math.min(4, width / 3));
    context.fill();
    if (selected) {
      context.strokeStyle = this.#theme.accent;
      context.lineWidth = 2.5;
      context.beginPath();
      context.roundRect(x - 2.5, middle - STEP_HEIGHT / 2 - 2, width + 5, STEP_HEIGHT + 4, 5);
      context.stroke();
      context.lineWidth = 1;
    }
    if (width < 12) return;
    const glyph = GLYPHS[step.end] ?? "";
    const [frame] = step.stack;
    const place = frame === undefined ? "" : ` ${frame.name}:${frame.line}`;
    const called = step.begin === "call" ? ` ${this.#model.actorOf(step.index).name}` : "";
    const text =
      width < 30 && glyph !== "" ? glyph : `${glyph}${glyph && " "}${step.index}${called}${width < 70 ? "" : place}`;
    this.#label(text, this.#indent(x), x + width - 2, middle, this.#theme["on-step"], STRONG_FONT);
  }

  #arrows(first: number, last: number): void {
    const { selected } = this.#marks;
    const [from, to] = this.#stepsInSight();
    const { arrows } = this.#model.picture;
    const inSight = (step: number): boolean => this.#model.laneOf(step) >= first && this.#model.laneOf(step) <= last;
    const seen: Arrow[] = [];
    for (let index = bisect(arrows, (arrow) => arrow.to < from); index < arrows.length; index++) {
      const arrow = arrows[index];
      if (arrow.from > to) continue;
      if (arrow.to > to + 1 && arrow.from < from) continue;
      if (inSight(arrow.from) || inSight(arrow.to)) seen.push(arrow);
      if (seen.length > MOST_ARROWS) break;
    }
    if (seen.length <= MOST_ARROWS && this.#sight.scale >= 4) {
      this.#context.globalAlpha = selected < 0 ? 0.8 : 0.45;
      for (const arrow of seen) this.#arrow(arrow, this.#theme.arrow, 1.25);
      this.#context.globalAlpha = 1;
    }
    for (const arrow of [...this.#model.arrowsTo(selected), ...this.#model.arrowsFrom(selected)])
      this.#arrow(arrow, this.#theme.accent, 2);
  }

  /** From the right end of a step down or up to the left end of another. */
  #arrow({ kind, from, to }: Arrow, colour: string, width: number): void {
    const context = this.#context;
    const down = this.#model.laneOf(to) > this.#model.laneOf(from) ? 1 : -1;
    const x1 = this.#edge(2 * from) + this.#sight.scale / 2;
    const y1 = this.#y(this.#model.laneOf(from)) + ROW / 2 + (down * STEP_HEIGHT) / 2;
    const x2 = this.#edge(2 * to) - 1;
    const y2 = this.#y(this.#model.laneOf(to)) + ROW / 2;
    const bend = Math.min(Math.max(6, (x2 - x1) / 2), 40);
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = width;
    if (kind !== "wake") context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x1, y1);
    context.bezierCurveTo(x1, y1 + down * 12, x2 - bend, y2, x2 - 4, y2);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(x2, y2);
    context.lineTo(x2 - 6, y2 - 3.5);
    context.lineTo(x2 - 6, y2 + 3.5);
    context.fill();
    context.lineWidth = 1;
  }

  /** A line through the selected step. */
  #cursor(): void {
    if (this.#marks.selected < 0) return;
    const x = this.#edge(2 * this.#marks.selected) + this.#sight.scale / 2;
    this.#context.strokeStyle = this.#theme.accent;
    this.#context.setLineDash([1, 4]);
    this.#stroke([x, 0], [x, this.#sight.height]);
    this.#context.setLineDash([]);
  }

  #names(first: number, last: number): void {
    const { gutter, height } = this.#sight;
    const { selected, found } = this.#marks;
    const own = selected < 0 ? -1 : this.#model.laneOf(selected);
    this.#rectangle(this.#theme.paper, 0, 0, gutter, height);
    for (let number = first; number <= last; number++) {
      const y = this.#y(number);
      if (number % 2 === 1) this.#rectangle(this.#theme.stripe, 0, y, gutter, ROW);
      if (number === own) this.#rectangle(this.#theme.accent, 0, y + 2, 3, ROW - 4);
      this.#context.globalAlpha = found === null || found.has(number) ? 1 : 0.35;
      const { name, kind } = this.#model.lane(number);
      const strong = number === own || found?.has(number) === true;
      const colour = kind === "task" ? this.#theme.ink : this.#theme.faint;
      this.#label(name, 12, gutter - 6, y + ROW / 2, colour, (strong ? STRONG_FONT : FONT).replace("11px", "12px"));
      this.#context.globalAlpha = 1;
    }
    this.#rectangle(this.#theme.paper, 0, 0, this.#sight.width, AXIS_HEIGHT);
    this.#label("virtual time", 12, gutter - 6, AXIS_HEIGHT / 2, this.#theme.faint, FONT);
  }

  /** The virtual time after each jump, where there is room for it. */
  #times(): void {
    const { gutter, width, left, scale } = this.#sight;
    const jumps = [{ x: -JUMP_WIDTH, from: 0, to: 0 }, ...this.#model.axis.jumps];
    const starts = jumps.map(({ x }) => x);
    let free = gutter + 2;
    for (let index = Math.max(0, lastAtMost(starts, left / scale)); index < jumps.length; index++) {
      const { x, from, to } = jumps[index];
      const start = this.#x(x);
      const end = this.#x(x + JUMP_WIDTH);
      if (start > width) break;
      const next = this.#x(starts[index + 1] ?? this.#model.axis.width);
      const place = Math.max(end + 3, free);
      this.#context.font = STRONG_FONT;
      const text = formatTime(to);
      const needed = this.#context.measureText(text).width;
      // The time of a moment stands over its steps, as long as any of them is in sight.
      if (place + needed <= Math.max(next, end + needed + 4) && place >= free) {
        this.#text(text, place, AXIS_HEIGHT - 11, this.#theme.ink, STRONG_FONT);
        free = place + needed + 8;
      }
      const band = end - start;
      if (to > from && band >= 36)
        this.#label(`+${formatTime(to - from)}`, start + 4, end - 2, 9, this.#theme.faint, FONT);
    }
  }

  // ── Strokes ────────────────────────────────────────────────────────────────────────────────────────────────────

  #rectangle(colour: string, x: number, y: number, width: number, height: number): void {
    this.#context.fillStyle = colour;
    this.#context.fillRect(x, y, width, height);
  }

  #stroke([x1, y1]: [number, number], [x2, y2]: [number, number]): void {
    this.#context.beginPath();
    this.#context.moveTo(x1, y1);
    this.#context.lineTo(x2, y2);
    this.#context.stroke();
  }

  #text(text: string, x: number, y: number, colour: string, font: string): void {
    this.#context.font = font;
    this.#context.fillStyle = colour;
    this.#context.fillText(text, x, y);
  }

  /** A text between two edges, as much of it as has room. */
  #label(text: string, left: number, right: number, y: number, colour: string, font: string): void {
    this.#context.font = font;
    const shown = right - left < 6 ? "" : fitting(this.#context, text, right - left);
    if (shown !== "") this.#text(shown, left, y, colour, font);
  }

  /** Where the text in a box of a lane begins: it stays in sight while the box does. */
  #indent(x: number): number {
    return Math.max(x, this.#sight.gutter) + 4;
  }

  /** Paints right of `x` and below `y` only. */
  #inside(x: number, y: number, paint: () => void): void {
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(x, y, this.#sight.width - x, this.#sight.height - y);
    this.#context.clip();
    paint();
    this.#context.restore();
  }
}

function colourOf({ end }: LogStep): "step" | "done" | "error" | "cancelled" {
  if (end === "throw") return "error";
  if (end === "cancelled") return "cancelled";
  return end === "return" ? "done" : "step";
}

/** As much of a text as has room, with an ellipsis when that is not all; "" when not even two characters have. */
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (text.length > 200) text = text.slice(0, 200);
  if (context.measureText(text).width <= room) return text;
  let kept = Math.min(text.length - 1, Math.ceil(room / 4));
  while (kept > 0 && context.measureText(`${text.slice(0, kept)}…`).width > room) kept--;
  return kept < 1 ? "" : `${text.slice(0, kept)}…`;
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
