// The colours of the canvas: style.css owns them, for light and for dark.

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
] as const;

export type Theme = Readonly<Record<(typeof NAMES)[number], string>>;

/** The colours as they are now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Theme;
}
