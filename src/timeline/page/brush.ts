// Strokes on a canvas, in the colours of the theme.

import type { Colour, Theme } from "./theme.ts";

export const FONT = "11px system-ui, sans-serif";
export const STRONG_FONT = "600 11px system-ui, sans-serif";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

type Point = readonly [x: number, y: number];

export class Brush {
  readonly context: Context;
  readonly #theme: Theme;

  constructor(context: Context, theme: Theme) {
    this.context = context;
    this.#theme = theme;
    context.textBaseline = "middle";
  }

  rectangle(colour: Colour, x: number, y: number, width: number, height: number): void {
    this.context.fillStyle = this.#theme[colour];
    this.context.fillRect(x, y, width, height);
  }

  /** A filled box with round corners. */
  box(colour: Colour, x: number, y: number, width: number, height: number, radius: number): void {
    this.context.fillStyle = this.#theme[colour];
    this.context.beginPath();
    this.context.roundRect(x, y, width, height, radius);
    this.context.fill();
  }

  /** The outline of one. */
  frame(colour: Colour, x: number, y: number, width: number, height: number, radius: number, thickness: number): void {
    const { context } = this;
    context.strokeStyle = this.#theme[colour];
    context.lineWidth = thickness;
    context.beginPath();
    context.roundRect(x, y, width, height, radius);
    context.stroke();
    context.lineWidth = 1;
  }

  /** A line; `dashes` are the lengths of strokes and gaps. */
  line(colour: Colour, [x1, y1]: Point, [x2, y2]: Point, dashes: number[] = []): void {
    const { context } = this;
    context.strokeStyle = this.#theme[colour];
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
    context.setLineDash([]);
  }

  /** A bent line from one point to another, with a head. */
  arrow(colour: Colour, [x1, y1]: Point, [x2, y2]: Point, width: number, dashes: number[]): void {
    const { context } = this;
    const down = y2 > y1 ? 1 : -1;
    const bend = Math.min(Math.max(6, (x2 - x1) / 2), 40);
    context.strokeStyle = this.#theme[colour];
    context.lineWidth = width;
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(x1, y1);
    context.bezierCurveTo(x1, y1 + down * 12, x2 - bend, y2, x2 - 4, y2);
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1;
    this.triangle(colour, [x2, y2], [x2 - 6, y2 - 3.5], [x2 - 6, y2 + 3.5]);
  }

  triangle(colour: Colour, ...[first, second, third]: readonly [Point, Point, Point]): void {
    const { context } = this;
    context.fillStyle = this.#theme[colour];
    context.beginPath();
    context.moveTo(...first);
    context.lineTo(...second);
    context.lineTo(...third);
    context.fill();
  }

  text(text: string, x: number, y: number, colour: Colour, font: string): void {
    this.context.font = font;
    this.context.fillStyle = this.#theme[colour];
    this.context.fillText(text, x, y);
  }

  /** A text between two edges, as much of it as has room. */
  label(text: string, left: number, right: number, y: number, colour: Colour, font: string): void {
    this.context.font = font;
    const shown = right - left < 6 ? "" : fitting(this.context, text, right - left);
    if (shown !== "") this.text(shown, left, y, colour, font);
  }

  widthOf(text: string, font: string): number {
    this.context.font = font;
    return this.context.measureText(text).width;
  }

  /** Paints less than opaque. */
  faded(opacity: number, paint: () => void): void {
    this.context.globalAlpha = opacity;
    paint();
    this.context.globalAlpha = 1;
  }

  /** Paints in a part of the canvas only. */
  inside(x: number, y: number, width: number, height: number, paint: () => void): void {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
    paint();
    this.context.restore();
  }
}

/** As much of a text as has room, with an ellipsis when that is not all; "" when not even two characters have. */
function fitting(context: Context, text: string, room: number): string {
  if (text.length > 200) text = text.slice(0, 200);
  if (context.measureText(text).width <= room) return text;
  let kept = Math.min(text.length - 1, Math.ceil(room / 4));
  while (kept > 0 && context.measureText(`${text.slice(0, kept)}…`).width > room) kept--;
  return kept < 1 ? "" : `${text.slice(0, kept)}…`;
}
