/** Compares for sorting: what a trace holds is `unknown` to the compiler. */
export function byNumber(left: unknown, right: unknown): number {
  return Number(left) - Number(right);
}
