// The small picture of all runs, with a frame around what is in sight: for a thousand rows and a hundred thousand
// steps. Pressing it moves the sight there. It has no keys of its own: the timelines' keys reach all that it shows.

import type { Axis } from "./axis.ts";
import { Brush } from "./brush.ts";
import { byId } from "./dom.ts";
import type { Model } from "./model.ts";
import { ROW } from "./sight.ts";
import { type Colour, colourOf, readTheme } from "./theme.ts";
import { type View, followPointer } from "./view.ts";

/** Pixels of a run from top to bottom, and between two runs. */
const HEIGHT = 44;
const GAP = 5;

export class Minimap {
  readonly #canvas = byId("minimap", HTMLCanvasElement);
  readonly #context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
  /** The picture without frames: it is painted again for another width or theme only. */
  readonly #picture = new OffscreenCanvas(1, 1);
  readonly #views: readonly View[];
  readonly #axis: Axis;
  #painted = "";
  #waiting = false;

  constructor(views: readonly View[], axis: Axis) {
    this.#views = views;
    this.#axis = axis;
    this.#canvas.hidden = false;
    this.#canvas.style.height = `${this.#height}px`;
    this.#canvas.addEventListener("pointerdown", (event) => this.#press(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
  }

  repaint(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paint();
    });
  }

  get #height(): number {
    return this.#views.length * (HEIGHT + GAP) - GAP;
  }

  #paint(): void {
    const width = this.#canvas.clientWidth;
    const theme = readTheme();
    const density = devicePixelRatio;
    const wanted = `${width} ${density} ${theme.paper}`;
    if (wanted !== this.#painted) {
      this.#painted = wanted;
      for (const canvas of [this.#canvas, this.#picture]) {
        canvas.width = Math.round(width * density);
        canvas.height = Math.round(this.#height * density);
      }
      const context = this.#picture.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.setTransform(density, 0, 0, density, 0, 0);
      const brush = new Brush(context, theme);
      brush.rectangle("line", 0, 0, width, this.#height);
      this.#views.forEach(({ model }, run) =>
        paintRun(brush, model, run * (HEIGHT + GAP), width / this.#axis.width, width),
      );
    }
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.drawImage(this.#picture, 0, 0);
    this.#context.setTransform(density, 0, 0, density, 0, 0);
    const brush = new Brush(this.#context, theme);
    this.#views.forEach(({ model, sight }, run) => {
      const [across, down] = this.#scales(model);
      const x = sight.unitsAt(sight.gutter) * across;
      const y = (sight.top / ROW) * down;
      const right = Math.min(width, x + (sight.room / sight.scale) * across);
      const bottom = Math.min(HEIGHT, y + (sight.height / ROW) * down);
      const top = run * (HEIGHT + GAP);
      brush.frame("accent", x + 1, top + y + 1, Math.max(4, right - x - 2), bottom - y - 2, 2, 1.5);
      // Over the frame, which is where they are when the page opens.
      for (const step of model.racing.keys())
        brush.rectangle("race", Math.min(model.track.xOf(2 * step) * across, width - 2), top, 2, HEIGHT);
    });
  }

  /** Pixels for a step and for a row. */
  #scales({ rows }: Model): [across: number, down: number] {
    return [this.#canvas.clientWidth / this.#axis.width, heightOfRow(rows.length)];
  }

  #press(event: PointerEvent): void {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const run = Math.min(this.#views.length - 1, Math.floor((event.clientY - top) / (HEIGHT + GAP)));
    const { box, model, sight } = this.#views[run];
    const [across, down] = this.#scales(model);
    const go = ({ clientX, clientY }: PointerEvent): void => {
      const y = clientY - top - run * (HEIGHT + GAP);
      box.scrollTo(((clientX - left) / across) * sight.scale - sight.room / 2, (y / down) * ROW - sight.height / 2);
    };
    event.preventDefault();
    go(event);
    followPointer(go, () => {});
  }
}

function heightOfRow(rows: number): number {
  return Math.min(4, HEIGHT / Math.max(1, rows));
}

/** What is seen best is painted last. */
const LAYERS: readonly Colour[] = ["wait", "filled", "held", "step", "done", "cancelled", "error", "departure"];

/** Paints each pixel of a layer once, however many steps stand there. */
function paintRun(brush: Brush, model: Model, top: number, across: number, width: number): void {
  const down = heightOfRow(model.rows.length);
  const layers = new Map(LAYERS.map((colour) => [colour, new Map<number, number>()]));
  const columns = Math.ceil(width) + 1;
  const note = (colour: Colour, row: number, from: number, to: number): void => {
    const x = Math.floor(model.track.xOf(from) * across);
    const pixel = Math.floor(row * down) * columns + x;
    const right = Math.max(1, model.track.xOf(to) * across - x);
    const layer = layers.get(colour) as Map<number, number>;
    if ((layer.get(pixel) ?? 0) < right) layer.set(pixel, right);
  };
  model.rows.forEach(({ steps, spans, primitive }, row) => {
    for (const { kind, from, to } of spans) if (kind !== "ready") note("wait", row, from, to);
    for (const { from, to } of primitive?.levels ?? [])
      note(primitive?.primitive.kind === "queue" ? "filled" : "held", row, from, to);
    for (const index of steps) {
      const step = model.step(index);
      const colour = step.choice > 0 ? "departure" : colourOf(step);
      note(colour, row, 2 * index, 2 * index + 1);
    }
  });
  brush.rectangle("paper", 0, top, width, HEIGHT);
  for (const [colour, layer] of layers) {
    const least = colour === "error" ? 3 : 1;
    for (const [pixel, right] of layer) {
      const y = top + Math.floor(pixel / columns);
      brush.rectangle(colour, pixel % columns, y, Math.max(least, right), Math.max(least, down > 2 ? down - 1 : down));
    }
  }
}
