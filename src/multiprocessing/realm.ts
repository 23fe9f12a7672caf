// Who this thread is among all of them: a number that no other one has.

let words: readonly [number, number] | null = null;

/** Two words, drawn because threads cannot agree on them; nothing that has an order looks at them. */
export function realmWords(): readonly [number, number] {
  if (words === null) {
    const [high, low] = crypto.getRandomValues(new Int32Array(2));
    words = [high, low];
  }
  return words;
}

/** The same as text. */
export function realmName(): string {
  return realmWords().join();
}
