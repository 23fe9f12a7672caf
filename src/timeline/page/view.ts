// The canvas in its scrolling box. The browser's own scroll bars move the sight, so that wheel, touch and keys scroll
// as anywhere; the canvas stays in place and paints what is in sight, at most once a frame.

import { byId } from "./dom.ts";
import type { Model } from "./model.ts";
import { AXIS_HEIGHT, Painter, ROW, type Marks, type Sight } from "./painter.ts";
import { type Theme, readTheme } from "./theme.ts";

const WIDEST = 240;
/** A scrolling box is not wider than this in any browser. */
const LARGEST_EXTENT = 8e6;
const MARGIN = 40;
/** Pixels that the pointer may move in a click. */
const CLICK_SLACK = 4;
/** Width of a step when there is room. */
const COMFORTABLE = 34;

export class View {
  /** Is told which step was clicked, or -1. */
  onSelect: (step: number) => void = () => {};
  readonly #box = byId("timeline", HTMLElement);
  readonly #extent = byId("extent", HTMLElement);
  readonly #canvas = byId("canvas", HTMLCanvasElement);
  readonly #context = this.#canvas.getContext("2d") as CanvasRenderingContext2D;
  readonly #model: Model;
  #marks: Marks = { selected: -1, found: null };
  #theme: Theme = readTheme();
  #scale = COMFORTABLE;
  #waiting = false;

  constructor(model: Model) {
    this.#model = model;
    this.#box.addEventListener("scroll", () => this.#repaint(), { passive: true });
    this.#box.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.#box.addEventListener("pointerdown", (event) => this.#press(event));
    this.#box.addEventListener("pointermove", (event) => this.#hover(event));
    new ResizeObserver(() => this.#resize()).observe(this.#box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#theme = readTheme();
      this.#repaint();
    });
    this.#zoomTo(Math.max(this.#fittingScale(), COMFORTABLE), 0);
  }

  /** Marks a step and lanes. */
  mark(marks: Marks): void {
    this.#marks = marks;
    this.#repaint();
  }

  /** Makes steps wider or narrower, around the selected step or the middle. */
  zoomBy(factor: number): void {
    const { gutter, width, left, scale } = this.#sight();
    const { selected } = this.#marks;
    const middle = (left + (width - gutter) / 2) / scale;
    const x = selected < 0 ? middle : this.#model.axis.xOf(2 * selected);
    this.#zoomTo(scale * factor, x);
  }

  /** Shows the whole time, as far as a step keeps a part of a pixel. */
  fit(): void {
    this.#zoomTo(this.#fittingScale(), 0);
  }

  /** Scrolls until a step is in sight. */
  reveal(step: number): void {
    const { axis } = this.#model;
    const { gutter, width, scale, left } = this.#sight();
    const x = axis.xOf(2 * step) * scale;
    const room = width - gutter;
    if (x < left + MARGIN || x + scale > left + room - MARGIN) this.#box.scrollLeft = x - room / 2;
    this.revealLane(this.#model.laneOf(step));
  }

  /** Scrolls until a lane is in sight. */
  revealLane(lane: number): void {
    const { height, top } = this.#sight();
    const room = height - AXIS_HEIGHT;
    const y = lane * ROW;
    if (y < top || y + ROW > top + room) this.#box.scrollTop = y - room / 2;
  }

  focus(): void {
    this.#box.focus({ preventScroll: true });
  }

  // ── Sight ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #sight(): Sight {
    const { clientWidth: width, clientHeight: height, scrollLeft: left, scrollTop: top } = this.#box;
    const gutter = Math.round(Math.min(200, Math.max(90, width * 0.2)));
    return { width, height, left, top, gutter, scale: this.#scale };
  }

  #fittingScale(): number {
    const { width, gutter } = this.#sight();
    return (width - gutter - MARGIN) / Math.max(1, this.#model.axis.width);
  }

  /** Sets the width of a step; `x` stays where it is on the screen, or comes into sight. */
  #zoomTo(scale: number, x: number, screen?: number): void {
    const { left, scale: old } = this.#sight();
    const widest = Math.min(WIDEST, LARGEST_EXTENT / Math.max(1, this.#model.axis.width));
    const at = screen ?? x * old - left;
    this.#scale = Math.min(Math.max(scale, Math.min(this.#fittingScale(), COMFORTABLE)), widest);
    this.#measure();
    this.#box.scrollLeft = x * this.#scale - at;
    this.#repaint();
  }

  #measure(): void {
    const { axis, picture } = this.#model;
    this.#extent.style.width = `${this.#sight().gutter + axis.width * this.#scale + MARGIN}px`;
    this.#extent.style.height = `${AXIS_HEIGHT + picture.lanes.length * ROW + ROW / 2}px`;
  }

  #resize(): void {
    this.#zoomTo(this.#scale, 0);
  }

  #repaint(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const sight = this.#sight();
    const density = devicePixelRatio;
    const [width, height] = [Math.round(sight.width * density), Math.round(sight.height * density)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#canvas.style.width = `${sight.width}px`;
      this.#canvas.style.height = `${sight.height}px`;
    }
    this.#context.setTransform(density, 0, 0, density, 0, 0);
    new Painter(this.#context, this.#model, this.#theme, sight, this.#marks).paint();
  }

  // ── Pointer ────────────────────────────────────────────────────────────────────────────────────────────────────

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const { gutter, left, scale } = this.#sight();
    const at = event.clientX - this.#box.getBoundingClientRect().left - gutter;
    this.#zoomTo(scale * 1.002 ** -event.deltaY, (at + left) / scale, at);
  }

  /** A click selects; a mouse that is dragged moves the sight. */
  #press(event: PointerEvent): void {
    if (event.button !== 0 || event.target !== this.#canvas) return;
    const { left, top } = this.#sight();
    let moved = false;
    const move = ({ clientX, clientY }: PointerEvent): void => {
      const [dx, dy] = [clientX - event.clientX, clientY - event.clientY];
      moved ||= Math.hypot(dx, dy) > CLICK_SLACK;
      if (!moved || event.pointerType !== "mouse") return;
      this.#box.classList.add("dragged");
      this.#box.scrollTo(left - dx, top - dy);
    };
    const listening = new AbortController();
    const end = ({ type }: Event): void => {
      listening.abort();
      this.#box.classList.remove("dragged");
      if (!moved && type === "pointerup") this.onSelect(this.#stepUnder(event));
    };
    const options = { signal: listening.signal };
    addEventListener("pointermove", move, options);
    addEventListener("pointerup", end, options);
    addEventListener("pointercancel", end, options);
  }

  #hover(event: PointerEvent): void {
    const step = this.#stepUnder(event);
    this.#box.classList.toggle("pointing", step >= 0);
  }

  /**
   * The step under the pointer: one that is there, else the one that the wait there follows, else, over a name, the
   * lane's first. -1 when there is none.
   */
  #stepUnder({ clientX, clientY }: MouseEvent): number {
    const { left: boxLeft, top: boxTop } = this.#box.getBoundingClientRect();
    const { gutter, left, top, scale } = this.#sight();
    const { axis, picture } = this.#model;
    const [x, y] = [clientX - boxLeft - gutter, clientY - boxTop - AXIS_HEIGHT];
    const units = (x + left) / scale;
    if (y < 0) return x < 0 ? -1 : axis.stepAt(units);
    const lane = Math.floor((y + top) / ROW);
    if (lane >= picture.lanes.length) return -1;
    if (x < 0) return this.#model.lane(lane).steps[0] ?? -1;
    const { steps, spans } = this.#model.lane(lane);
    const near = this.#model.stepInLane(lane, axis.stepAt(units + 2 / scale));
    if (near >= 0 && axis.xOf(2 * near) <= units + 2 / scale && units - 2 / scale <= axis.xOf(2 * near + 1))
      return near;
    const span = spans.find(({ from, to }) => axis.xOf(from) <= units && units <= axis.xOf(to));
    if (span === undefined) return -1;
    return span.after >= 0 ? span.after : (steps[0] ?? -1);
  }
}
