// What is in sight of a run, and where on the canvas things stand.

import type { Edge } from "../picture.ts";
import type { Model } from "./model.ts";

export const ROW = 26;
export const AXIS_HEIGHT = 34;

export class Sight {
  readonly model: Model;
  /** Of the canvas, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Width of the column of names. */
  readonly gutter: number;
  /** Pixels in front of the left edge and above the upper one. */
  readonly left: number;
  readonly top: number;
  /** Pixels for the width of a step. */
  readonly scale: number;

  constructor(model: Model, box: HTMLElement, scale: number) {
    this.model = model;
    this.width = box.clientWidth;
    this.height = box.clientHeight;
    this.left = box.scrollLeft;
    this.top = box.scrollTop;
    this.gutter = Math.round(Math.min(200, Math.max(90, this.width * 0.2)));
    this.scale = scale;
  }

  /** Pixels for steps. */
  get room(): number {
    return Math.max(1, this.width - this.gutter);
  }

  /** Where a place on the axis is. */
  x(units: number): number {
    return this.gutter + units * this.scale - this.left;
  }

  /** The place on the axis at pixels from the left. */
  unitsAt(x: number): number {
    return (x - this.gutter + this.left) / this.scale;
  }

  edge(edge: Edge): number {
    return this.x(this.model.track.xOf(edge));
  }

  /** The upper edge of a row. */
  y(row: number): number {
    return AXIS_HEIGHT + row * ROW - this.top;
  }

  /** The row at pixels from above, which may be none. */
  rowAt(y: number): number {
    return Math.floor((y - AXIS_HEIGHT + this.top) / ROW);
  }

  /** The first and the last row in sight. */
  get rows(): [first: number, last: number] {
    return [Math.floor(this.top / ROW), Math.min(this.rowAt(this.height), this.model.rows.length - 1)];
  }

  /** The first and the last step in sight, in any row. */
  get steps(): [first: number, last: number] {
    const { track } = this.model;
    return [track.stepAt(this.unitsAt(this.gutter)), track.stepAt(this.unitsAt(this.width))];
  }
}
