// Whether there is room on the engine's stack. What is begun where hardly any is left cannot be ended: the engine's
// RangeError would come in the middle of any call, with half of it done.

/** Frames that fit wherever a step can be begun that ends at once. */
export const A_STEP = 20;

/** Frames that fit where it can wait, or fail. */
export const A_WAIT = 80;

/** Frames that fit where that can be done by code that has not run yet: to compile it takes the engine's stack, too. */
export const FIRST_STEP = 1000;

/** Throws the engine's own RangeError where so many frames do not fit. */
export function descend(frames: number): number {
  return frames === 0 ? 0 : 1 + descend(frames - 1);
}
