// When what was written is sent: the first write of a turn at once, further ones together when the turn ends.

/** Who has something to do when the turn ends. */
export interface Flushable {
  endTurn(): void;
}

let waiting: Flushable[] = [];

/** Calls `endTurn` when the turn of the host that goes on has ended. */
export function atEndOfTurn(flushable: Flushable): void {
  if (waiting.length === 0) queueMicrotask(flushAll);
  waiting.push(flushable);
}

function flushAll(): void {
  const flushables = waiting;
  waiting = [];
  for (const flushable of flushables) flushable.endTurn();
}
