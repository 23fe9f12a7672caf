// Places of a run that is recorded, each captured once: a capture takes some kilobytes, and a program is suspended at a
// few places, over and over.
//
// What an engine describes when it is asked for a stack takes far longer than a step. V8 lets frames be compared before
// that; with other engines each capture is one of its own.

import { Capture, type Keep, errorWithStack } from "../../support/stack.ts";

/** A frame, as V8 has it before it is described. Others that have such frames do not tell the position. */
interface CallSite {
  getFileName(): unknown;
  getPosition?(): number;
}

const DescribedError = Error as { prepareStackTrace?: unknown };

/** Gives the same capture for the same frames. */
export function sharingPlaces(): Keep {
  const places = new Map<string, Capture>();
  const files = new Map<unknown, number>();

  /** A text that tells frames apart; in an array, which no stack is otherwise. Null where it cannot be made. */
  const keyOfFrames = (_: unknown, frames: readonly CallSite[]): readonly string[] | null => {
    let key = "";
    for (const frame of frames) {
      if (frame.getPosition === undefined) return null;
      const name = frame.getFileName();
      let file = files.get(name);
      if (file === undefined) files.set(name, (file = files.size));
      key += `${file}:${frame.getPosition()} `;
    }
    return [key];
  };

  return (depth) => {
    const describe = DescribedError.prepareStackTrace;
    if (!comparesFrames || !Reflect.set(DescribedError, "prepareStackTrace", keyOfFrames)) return new Capture(depth);
    const { stack } = errorWithStack(depth) as { stack?: unknown };
    DescribedError.prepareStackTrace = describe;
    comparesFrames = Array.isArray(stack);
    if (!comparesFrames) return new Capture(depth);
    const [key] = stack as [string];
    let place = places.get(key);
    if (place === undefined) places.set(key, (place = new Capture(depth)));
    return place;
  };
}

/** Whether the engine has not failed to tell frames apart. */
let comparesFrames = true;
