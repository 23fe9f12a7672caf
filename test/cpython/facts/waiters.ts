/** Number of tasks that wait for a primitive, as its text has it. */
export function waiterCount(primitive: object): number {
  return Number(/waiters:(\d+)/.exec(String(primitive))?.[1] ?? 0);
}
