// Paints the axis of a run: the virtual time, where it passes, and above which steps there is something to see.

import { formatTime } from "../words.ts";
import { type Axis, JUMP_WIDTH, lastAtMost } from "./axis.ts";
import { type Brush, FONT, STRONG_FONT } from "./brush.ts";
import { AXIS_HEIGHT, type Sight } from "./sight.ts";
import type { Colour } from "./theme.ts";

const PARTING = "here they part";

/** Bands where virtual time passes. */
export function paintJumps(brush: Brush, { jumps, jumpStarts }: Axis, sight: Sight): void {
  const { width, height, gutter, scale } = sight;
  const band = JUMP_WIDTH * scale;
  let painted = -Infinity;
  for (let index = Math.max(0, lastAtMost(jumpStarts, sight.unitsAt(gutter))); index < jumps.length; index++) {
    const x = sight.x(jumpStarts[index]);
    if (x > width) break;
    if (x + band <= painted + 1) continue;
    painted = x + band;
    brush.faded(0.45, () => brush.rectangle("sleep", x, 0, Math.max(1, band), height));
    if (band < 6) continue;
    brush.line("line", [x, 0], [x, height], [2, 3]);
    brush.line("line", [x + band, 0], [x + band, height], [2, 3]);
  }
}

/** The axis itself, over what stands there. */
export function paintAxis(brush: Brush, axis: Axis, sight: Sight): void {
  const { gutter, width, room } = sight;
  brush.rectangle("paper", 0, 0, width, AXIS_HEIGHT);
  brush.label("virtual time", 12, gutter - 6, AXIS_HEIGHT / 2, "faint", FONT);
  brush.inside(gutter, 0, room, AXIS_HEIGHT, () => {
    paintTimes(brush, axis, sight);
    paintMarks(brush, axis, sight);
  });
  brush.rectangle("line", 0, AXIS_HEIGHT - 1, width, 1);
  brush.rectangle("line", gutter - 1, 0, 1, AXIS_HEIGHT);
}

/** The virtual time after each jump, where there is room for it. */
function paintTimes(brush: Brush, axis: Axis, sight: Sight): void {
  const { gutter, width } = sight;
  const jumps = [{ x: -JUMP_WIDTH, from: 0, to: 0 }, ...axis.jumps];
  let free = gutter + 2;
  for (let index = 1 + lastAtMost(axis.jumpStarts, sight.unitsAt(gutter)); index < jumps.length; index++) {
    const { x, from, to } = jumps[index];
    const start = sight.x(x);
    const end = sight.x(x + JUMP_WIDTH);
    if (start > width) break;
    const next = sight.x(jumps[index + 1]?.x ?? axis.width);
    const place = Math.max(end + 3, free);
    const text = formatTime(to);
    const needed = brush.widthOf(text, STRONG_FONT);
    // The time of a moment stands over its steps, as long as any of them is in sight.
    if (place + needed <= Math.max(next, end + needed + 4) && place >= free) {
      brush.text(text, place, AXIS_HEIGHT - 11, "ink", STRONG_FONT);
      free = place + needed + 8;
    }
    if (to > from && end - start >= 36) brush.label(`+${formatTime(to - from)}`, start + 4, end - 2, 9, "faint", FONT);
  }
}

/** Above which steps asyncio's order is left, and where the runs part. */
function paintMarks(brush: Brush, axis: Axis, sight: Sight): void {
  const { departures } = sight.model;
  const { gutter, width, scale } = sight;
  const mark = (colour: Colour, step: number): void => {
    const x = sight.edge(2 * step) + scale / 2;
    brush.triangle(colour, [x - 4, AXIS_HEIGHT - 7], [x + 4, AXIS_HEIGHT - 7], [x, AXIS_HEIGHT - 1]);
  };
  let painted = -Infinity;
  for (const step of departures) {
    const x = sight.edge(2 * step);
    if (x < gutter - scale || x > width || x < painted + 3) continue;
    mark("departure", step);
    painted = x;
  }
  if (axis.parting === null) return;
  const x = sight.x(axis.parting) + 2;
  const jump = axis.jumpStarts[1 + lastAtMost(axis.jumpStarts, sight.unitsAt(x))];
  const room = (jump === undefined ? width : sight.x(jump)) - x;
  if (room >= brush.widthOf(PARTING, FONT)) brush.text(PARTING, x, 9, "faint", FONT);
}
