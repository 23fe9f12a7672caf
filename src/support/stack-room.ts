// Whether there is room on the engine's stack. What is begun where hardly any is left cannot be ended: the engine's
// RangeError would come in the middle of any call, with half of it done.

/** To look costs as much as a part of a step: so there is a look at one of so many that are begun... */
export const SOME_STARTS = 8;

/** ...and so many frames have to fit, which is room for those that follow, each a little deeper than the one before. */
export const SOME_STEPS = 160;

/** Frames that fit where a step can be made by code that has not run yet: to compile it takes the stack, too. */
export const FIRST_STEPS = 1000;

/** Throws the engine's own RangeError where so many frames do not fit. */
export function descend(frames: number): number {
  return frames === 0 ? 0 : 1 + descend(frames - 1);
}
