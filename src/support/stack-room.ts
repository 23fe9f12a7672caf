// Whether there is room on the engine's stack. What is begun where hardly any is left cannot be ended: the engine's
// RangeError would come in the middle of any call, with half of it done.

/** A look costs as much as a part of a step, so there is one for so many starts... */
export const STARTS_A_LOOK = 8;

/** ...at so many frames: room for the starts until the next look, each a little deeper than the one before. */
export const FRAMES_A_LOOK = 160;

/** Frames for a step of code that has not run yet: to compile it takes the stack, too. */
export const FRAMES_UNCOMPILED = 1000;

/** Throws the engine's own RangeError where so many frames do not fit. */
export function descend(frames: number): number {
  return frames === 0 ? 0 : 1 + descend(frames - 1);
}
