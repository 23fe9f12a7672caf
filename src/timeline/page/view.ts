// A run on a canvas in its scrolling box. The browser's own scroll bars move the sight, so that wheel, touch and keys
// scroll as anywhere; the canvas stays in place and paints what is in sight, at most once a frame.

import type { Axis } from "./axis.ts";
import { element } from "./dom.ts";
import type { Model } from "./model.ts";
import { type Marks, Painter } from "./painter.ts";
import { AXIS_HEIGHT, ROW, Sight } from "./sight.ts";
import { type Theme, readTheme } from "./theme.ts";

/** Pixels behind the last step, and around a step that is shown. */
export const MARGIN = 40;
/** Pixels that the pointer may move in a click. */
const CLICK_SLACK = 4;

/** What happens in a view. */
export interface ViewEvents {
  /** A step was clicked, or -1. */
  select(step: number): void;
  /** The sight has moved. */
  scrolled(): void;
  /** The box has another size. */
  resized(): void;
  /** Steps are to be wider by a factor; `x` stays at the pixel `screen`, both from the first step on. */
  zoom(factor: number, x: number, screen: number): void;
}

export class View {
  readonly model: Model;
  /** The box, which has the focus. */
  readonly box: HTMLElement;
  readonly #extent = element("div", { class: "extent" });
  readonly #canvas = element("canvas", { class: "canvas", "aria-hidden": "true" });
  readonly #context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
  readonly #axis: Axis;
  readonly #events: ViewEvents;
  #marks: Marks = { selected: -1, found: null };
  #theme: Theme = readTheme();
  #scale = 1;
  #waiting = false;

  constructor(model: Model, axis: Axis, label: string, events: ViewEvents) {
    this.model = model;
    this.#axis = axis;
    this.#events = events;
    this.#extent.append(this.#canvas);
    this.box = element(
      "section",
      { class: "timeline", "aria-label": label, "aria-describedby": "keys", tabindex: "0" },
      this.#extent,
    );
    this.box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.box.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.box.addEventListener("pointerdown", (event) => this.#press(event));
    this.box.addEventListener("pointermove", (event) => this.#hover(event));
    new ResizeObserver(() => events.resized()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#theme = readTheme();
      this.#repaint();
    });
  }

  /** Pixels that it needs from top to bottom to show all rows. */
  get fullHeight(): number {
    return AXIS_HEIGHT + this.model.rows.length * ROW + ROW / 2;
  }

  get sight(): Sight {
    return new Sight(this.model, this.box, this.#scale);
  }

  /** Marks a step and rows. */
  mark(marks: Marks): void {
    this.#marks = marks;
    this.#repaint();
  }

  /** Sets the width of a step, and what is at the left edge. */
  place(scale: number, left: number): void {
    this.#scale = scale;
    this.#extent.style.width = `${this.sight.gutter + this.#axis.width * scale + MARGIN}px`;
    this.#extent.style.height = `${this.fullHeight}px`;
    this.scrollTo(left);
    this.#repaint();
  }

  scrollTo(left: number): void {
    if (this.box.scrollLeft !== left) this.box.scrollLeft = left;
  }

  /** Scrolls up or down until a row is in sight. */
  revealRow(row: number): void {
    const { height, top } = this.sight;
    const room = height - AXIS_HEIGHT;
    const y = row * ROW;
    if (y < top || y + ROW > top + room) this.box.scrollTop = y - room / 2;
  }

  focus(): void {
    this.box.focus({ preventScroll: true });
  }

  #repaint(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paint();
    });
  }

  #scrolled(): void {
    this.#repaint();
    this.#events.scrolled();
  }

  #paint(): void {
    const { sight } = this;
    const density = devicePixelRatio;
    const [width, height] = [Math.round(sight.width * density), Math.round(sight.height * density)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#canvas.style.width = `${sight.width}px`;
      this.#canvas.style.height = `${sight.height}px`;
    }
    this.#context.setTransform(density, 0, 0, density, 0, 0);
    new Painter(this.#context, this.#theme, this.#axis, sight, this.#marks).paint();
  }

  // ── Pointer ────────────────────────────────────────────────────────────────────────────────────────────────────

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { sight } = this;
    const x = event.clientX - this.box.getBoundingClientRect().left;
    this.#events.zoom(1.002 ** -event.deltaY, sight.unitsAt(x), x - sight.gutter);
  }

  /** A click selects; a mouse that is dragged moves the sight. */
  #press(event: PointerEvent): void {
    if (event.button !== 0 || event.target !== this.#canvas) return;
    const { left, top } = this.sight;
    let moved = false;
    const move = ({ clientX, clientY }: PointerEvent): void => {
      const [dx, dy] = [clientX - event.clientX, clientY - event.clientY];
      moved ||= Math.hypot(dx, dy) > CLICK_SLACK;
      if (!moved || event.pointerType !== "mouse") return;
      this.box.classList.add("dragged");
      this.box.scrollTo(left - dx, top - dy);
    };
    const end = (type: string): void => {
      this.box.classList.remove("dragged");
      if (!moved && type === "pointerup") this.#events.select(this.#stepUnder(event));
    };
    followPointer(move, end);
  }

  #hover(event: PointerEvent): void {
    const step = this.#stepUnder(event);
    this.box.classList.toggle("pointing", step >= 0);
  }

  /**
   * The step under the pointer: one that is there, else the one that the wait there follows, or that left a lock or a
   * queue as it is there, else, over a name, the row's first. -1 when there is none.
   */
  #stepUnder({ clientX, clientY }: MouseEvent): number {
    const { left, top } = this.box.getBoundingClientRect();
    const { sight, model } = this;
    const { track } = model;
    const [x, y] = [clientX - left, clientY - top];
    const units = sight.unitsAt(x);
    if (y < AXIS_HEIGHT) return x < sight.gutter ? -1 : track.stepAt(units);
    const number = sight.rowAt(y);
    if (number >= model.rows.length) return -1;
    const { steps, spans, primitive } = model.row(number);
    if (x < sight.gutter) return steps[0] ?? primitive?.levels[0]?.step ?? -1;
    const slack = 2 / sight.scale;
    const near = model.stepInRow(number, track.stepAt(units + slack));
    if (near >= 0 && track.xOf(2 * near) <= units + slack && units - slack <= track.xOf(2 * near + 1)) return near;
    const isHere = ({ from, to }: { from: number; to: number }): boolean =>
      track.xOf(from) <= units && units <= track.xOf(to);
    if (primitive !== null) return primitive.levels.find(isHere)?.step ?? -1;
    const span = spans.find(isHere);
    if (span === undefined) return -1;
    return span.after >= 0 ? span.after : (steps[0] ?? -1);
  }
}

/** Follows a pointer that is pressed: `end` is called with what ended it. */
export function followPointer(move: (event: PointerEvent) => void, end: (type: string) => void): void {
  const listening = new AbortController();
  const options = { signal: listening.signal };
  const stop = ({ type }: Event): void => {
    listening.abort();
    end(type);
  };
  addEventListener("pointermove", move, options);
  addEventListener("pointerup", stop, options);
  addEventListener("pointercancel", stop, options);
}
