// What we want to be able to say of the cases: how many times a peer's figure has to be ours.

import type { Case } from "./case.ts";

const TIMES_UVLOOP = 12;
/** libuv's timers are a heap in C, as ours are one in wasm. */
const TIMES_UVLOOP_TIMERS = 4;
const TIMES_NATIVE = 1;

/** The ratio wanted of a case to a peer, or null where none is. */
export function targetOf(name: string, it: Case, peer: string): number | null {
  if (peer === "uvloop") return name === "timers" ? TIMES_UVLOOP_TIMERS : TIMES_UVLOOP;
  if (peer === "native") return it.nativeDoesLess === undefined ? TIMES_NATIVE : null;
  return null;
}

export interface Measured {
  /** Name of the case. */
  name: string;
  it: Case;
  peer: string;
  /** The peer's figure over ours. */
  ratio: number;
}

/** Lines that say how many of the targets hold, and which do not. */
export function describeTargets(measured: readonly Measured[]): string[] {
  const lines: string[] = [];
  for (const peer of ["uvloop", "native"]) {
    const wanted = measured.flatMap(({ name, it, peer: other, ratio }) => {
      const target = other === peer ? targetOf(name, it, peer) : null;
      return target === null ? [] : [{ name, ratio, target }];
    });
    if (wanted.length === 0) continue;
    const missed = wanted.filter(({ ratio, target }) => ratio < target);
    const words = peer === "uvloop" ? `${TIMES_UVLOOP}x, on timers ${TIMES_UVLOOP_TIMERS}x` : "no slower";
    const list = missed.map(({ name, ratio }) => `${name} ${ratio.toFixed(2)}`).join(", ");
    lines.push(
      `Targets against ${peer} (${words}): ${wanted.length - missed.length} of ${wanted.length} hold${list && `; below: ${list}`}.`,
    );
  }
  return lines;
}
