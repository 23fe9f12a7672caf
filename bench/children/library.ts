// Our library as a child gets it: its doors are arguments, so that any build of it can be measured.

import type * as Wasyncio from "wasyncio";
import type * as Testing from "wasyncio/testing";

export type Library = typeof Wasyncio & typeof Testing;
export type VirtualLoop = Testing.VirtualEventLoop;

/** Imports the doors, which are separated by commas. */
export async function loadLibrary(doors: string): Promise<Library> {
  const modules = await Promise.all(doors.split(",").map((door) => import(door) as Promise<object>));
  return Object.assign({}, ...modules) as Library;
}

/** Numbers from 1 to 2, in no order: the same ones every time. */
export function irregular(length: number): Float64Array {
  let state = 1;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return 1 + state / 0x80000000;
  });
}
