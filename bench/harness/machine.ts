// The machine that figures come from.

import { cpus, loadavg } from "node:os";

export function describeMachine(): string {
  const { length } = cpus();
  return `${cpus()[0]?.model ?? "unknown processor"}, ${length} ${length === 1 ? "core" : "cores"}, ${process.platform} ${process.arch}`;
}

/**
 * Says so when the machine has other work: it makes all figures too high, and ours most, which need the compiler's
 * threads.
 */
export function describeLoad(): string | null {
  const [load] = loadavg();
  if (load < cpus().length / 2) return null;
  return `The machine was busy at the start, with a load of ${load.toFixed(1)}: do not trust these figures.`;
}
