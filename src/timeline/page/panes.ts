// The runs one above the other: they share the axis, so what one shows from left to right, all do.

import { element } from "./dom.ts";
import { Minimap } from "./minimap.ts";
import type { Runs } from "./runs.ts";
import { MARGIN, View } from "./view.ts";

const WIDEST = 240;
/** A scrolling box is not wider than this in any browser. */
const LARGEST_EXTENT = 8e6;
/** Width of a step when there is room, and the least with which its number can be read. */
const COMFORTABLE = 34;
const READABLE = 20;

/** Runs with more rows or steps than that have a small picture of all of them. */
const MOST_ROWS = 30;
const MOST_STEPS = 80;

export class Panes {
  readonly views: readonly View[];
  readonly #width: number;
  readonly #minimap: Minimap | null;
  #scale = COMFORTABLE;

  /** @param select is told which step of which run was clicked, or -1 */
  constructor({ axis, models }: Runs, place: HTMLElement, labels: readonly string[], select: SelectStep) {
    this.#width = Math.max(1, axis.width);
    this.views = models.map(
      (model, run) =>
        new View(model, axis, labels[run], {
          select: (step) => select(run, step),
          scrolled: () => this.#scrolled(run),
          resized: () => this.#zoomTo(this.#scale, 0),
          zoom: (factor, x, screen) => this.#zoomTo(this.#scale * factor, x, screen),
        }),
    );
    const isLarge = models.some(({ rows, log }) => rows.length > MOST_ROWS || log.steps.length > MOST_STEPS);
    this.#minimap = isLarge ? new Minimap(this.views, axis) : null;
    this.views.forEach((view, run) => {
      const heading = models.length > 1 ? [element("h2", {}, labels[run])] : [];
      const pane = element("div", { class: "pane" }, ...heading, view.box);
      pane.style.flexBasis = `${view.fullHeight}px`;
      place.append(pane);
    });
    this.#zoomTo(Math.max(this.#fittingScale(), COMFORTABLE), 0);
  }

  /** Makes steps wider or narrower, around a step of a run, or around the middle. */
  zoomBy(factor: number, run: number, step: number): void {
    const { room, left, scale, model } = this.views[run].sight;
    const x = step < 0 ? (left + room / 2) / scale : model.track.xOf(2 * step);
    this.#zoomTo(this.#scale * factor, x);
  }

  /** Shows the whole time, as far as a step keeps a part of a pixel. */
  fit(): void {
    this.#zoomTo(this.#fittingScale(), 0);
  }

  /** Shows steps of a run together: the first ones surely, others as long as steps can be read. */
  showTogether(run: number, first: readonly number[], others: readonly number[]): void {
    const { model, sight } = this.views[run];
    const range = (steps: readonly number[]): [from: number, to: number] => {
      const edges = steps.map((step) => model.track.xOf(2 * step));
      return [Math.min(...edges), Math.max(...edges) + 1];
    };
    const scaleFor = ([from, to]: [number, number]): number => (sight.room - 2 * MARGIN) / (to - from);
    if (this.#fittingScale() >= READABLE) return this.#zoomTo(Math.min(COMFORTABLE, this.#fittingScale()), 0);
    const all = range([...first, ...others]);
    const shown = scaleFor(all) >= READABLE ? all : range(first);
    const scale = Math.min(COMFORTABLE, scaleFor(shown));
    this.#zoomTo(scale, (shown[0] + shown[1]) / 2, sight.room / 2);
  }

  /** Scrolls until a step is in sight. */
  reveal(run: number, step: number): void {
    const view = this.views[run];
    const { room, scale, left } = view.sight;
    const x = view.model.track.xOf(2 * step) * scale;
    if (x < left + MARGIN || x + scale > left + room - MARGIN) view.scrollTo(x - room / 2);
    view.revealRow(view.model.rowOf(step));
  }

  #fittingScale(): number {
    return (this.views[0].sight.room - MARGIN) / this.#width;
  }

  /** Sets the width of a step; `x` stays where it is on the screen, or comes to `screen`. */
  #zoomTo(scale: number, x: number, screen?: number): void {
    const { left } = this.views[0].sight;
    const widest = Math.min(WIDEST, LARGEST_EXTENT / this.#width);
    const at = screen ?? x * this.#scale - left;
    this.#scale = Math.min(Math.max(scale, Math.min(this.#fittingScale(), COMFORTABLE)), widest);
    for (const view of this.views) view.place(this.#scale, x * this.#scale - at);
    this.#minimap?.repaint();
  }

  #scrolled(run: number): void {
    const { left } = this.views[run].sight;
    for (const view of this.views) view.scrollTo(left);
    this.#minimap?.repaint();
  }
}

type SelectStep = (run: number, step: number) => void;
