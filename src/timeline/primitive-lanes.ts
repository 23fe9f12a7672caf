// Locks and queues as lanes: who holds what from where to where, and how full it is.

import { frameOf } from "../introspection/places.ts";
import type { LogPrimitive, SimulationLog } from "../trace/log.ts";
import type { Edge } from "./picture.ts";

/** How a primitive is between two of its changes. */
export interface Level {
  readonly from: Edge;
  readonly to: Edge;
  /** The step that has left it so. */
  readonly step: number;
  /** Indexes of the actors that hold it; -1 for what was acquired outside tasks. */
  readonly holders: readonly number[];
  /** How often it is held; items in a queue. */
  readonly count: number;
}

/** The row of a primitive. */
export interface PrimitiveLane {
  readonly primitive: LogPrimitive;
  /** "Lock shop.ts:12": its class, and where it was made. */
  readonly name: string;
  /** In order; none for as long as it is free or empty. */
  readonly levels: readonly Level[];
  /** Most items that a queue holds: its limit, or what it had at most. */
  readonly most: number;
}

/** The lanes of all primitives, in order of creation. */
export function primitiveLanes({ steps, primitives = [], changes = [] }: SimulationLog): PrimitiveLane[] {
  const levels: Level[][] = primitives.map(() => []);
  const open: (Omit<Level, "to"> | undefined)[] = [];
  const close = (primitive: number, to: Edge): void => {
    const last = open[primitive];
    if (last !== undefined && last.count > 0) levels[primitive]?.push({ ...last, to });
  };
  for (const { step, primitive, holders, count } of changes) {
    const from = 2 * step + 1;
    close(primitive, from);
    open[primitive] = { from, step, holders, count };
  }
  primitives.forEach((_, primitive) => close(primitive, 2 * steps.length));
  const inOrder = primitives.toSorted((left, right) => left.number - right.number || left.id - right.id);
  const names = uniqueNames(inOrder.map(nameOf));
  return inOrder.map((primitive, index) => {
    const own = levels[primitive.id];
    const most = own.reduce((count, level) => Math.max(count, level.count), primitive.limit);
    return { primitive, name: names[index], levels: own, most };
  });
}

function nameOf({ name, origin: [made] }: LogPrimitive): string {
  if (made === undefined) return name;
  const { file, line } = frameOf(made);
  return `${name} ${file.slice(file.lastIndexOf("/") + 1)}:${line}`;
}

/** Those that are there twice get a number. */
function uniqueNames(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}
