// The colours of the canvas: style.css owns them, for light and for dark.

import type { LogStep } from "../../trace/log.ts";

const NAMES = [
  "paper",
  "ink",
  "faint",
  "line",
  "stripe",
  "step",
  "done",
  "error",
  "cancelled",
  "on-step",
  "wait",
  "sleep",
  "ready",
  "on-wait",
  "arrow",
  "accent",
  "race",
  "departure",
  "held",
  "filled",
] as const;

export type Colour = (typeof NAMES)[number];

export type Theme = Readonly<Record<Colour, string>>;

/** The colour of a step, by how it ended. */
export function colourOf({ end }: LogStep): Colour {
  if (end === "throw") return "error";
  if (end === "cancelled") return "cancelled";
  return end === "return" ? "done" : "step";
}

/** The colours as they are now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Theme;
}
