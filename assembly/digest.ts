// The digest: a rolling hash of every decision. Two runs are the same run when their digests are equal.
//
// It takes in each entry as it is taken from the ready queue, each iteration, and the deadline of each timer that
// fires. One multiplication a decision: cheap enough to be always on.

/** 2^64 divided by the golden ratio, made odd: spreads low bits into high ones. */
const MULTIPLIER: u64 = 0x9e3779b97f4a7c15;

export let digest: u64 = 0;

export function initializeDigest(): void {
  digest = 0;
}

export function mix(value: u64): void {
  const product = (digest ^ value) * MULTIPLIER;
  digest = product ^ (product >> 29);
}
