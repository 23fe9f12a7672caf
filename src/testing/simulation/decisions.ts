// The decisions of a run: which candidate was chosen, of how many, at each point with more than one.

/** A list of decisions, which is used again for the next run. */
export class Decisions {
  /** Number of decisions. */
  length = 0;
  /** Whether something ran before what was ready before it, which asyncio's own loop may never do. */
  overtook = false;
  readonly #choices: number[] = [];
  readonly #counts: number[] = [];

  /** Adds a decision. */
  note(choice: number, count: number): void {
    this.#choices[this.length] = choice;
    this.#counts[this.length++] = count;
  }

  /** Forgets all of them. */
  clear(): void {
    this.length = 0;
    this.overtook = false;
  }

  /** What was chosen at each point, without the zeros at the end: there asyncio's own order was kept. */
  choices(): number[] {
    let length = this.length;
    while (length > 0 && this.#choices[length - 1] === 0) length--;
    return this.#choices.slice(0, length);
  }

  /** Number of candidates at each point. */
  counts(): number[] {
    return this.#counts.slice(0, this.length);
  }
}
