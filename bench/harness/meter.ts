// The clock of one measurement: says whether another batch is wanted, and adds up what the batches took.
//
// A measurement is batches in a row: first for `warmUp` seconds, unmeasured, so that the engine has compiled what it
// will, with a garbage collection half-way, for an engine throws away compiled code with it; then until the measured
// parts of the batches add up to `measure` seconds. Its figure is that sum over the number of operations: a mean, which
// has the cost of garbage in it. ../python/measure.py does the same, but that an interpreter needs little time to get
// warm, and has no compiled code to lose.

/** Seconds of one measurement. */
export interface Budget {
  warmUp: number;
  measure: number;
}

/** A batch with a long unmeasured part must not make its measurement take for ever: this many times its budget. */
const PATIENCE = 4;

export class Meter {
  readonly #operations: number;
  readonly #budget: Budget;
  readonly #now: () => number;
  readonly #collectGarbage: () => void;
  #warmFrom: number;
  #hasCollected = false;
  #measuredFrom: number | null = null;
  #batchFrom = 0;
  #seconds = 0;
  #batches = 0;

  /** @param operations what each batch must have done; @param now seconds */
  constructor(operations: number, budget: Budget, now: () => number, collectGarbage: () => void) {
    this.#operations = operations;
    this.#budget = budget;
    this.#now = now;
    this.#collectGarbage = collectGarbage;
    this.#warmFrom = now();
  }

  /** Whether to run another batch, whose time counts from now on. */
  more(): boolean {
    const { warmUp, measure } = this.#budget;
    if (this.#measuredFrom === null) {
      if (this.#batches > 0) this.#warm(this.#now() - this.#warmFrom, warmUp);
    } else if (this.#seconds >= measure || this.#now() - this.#measuredFrom >= measure * PATIENCE) {
      return false;
    }
    this.#batchFrom = this.#now();
    return true;
  }

  /** Behind a batch that warmed up, when it has done so for `seconds`. */
  #warm(seconds: number, warmUp: number): void {
    if (!this.#hasCollected) {
      if (seconds < warmUp / 2) return;
      const collectFrom = this.#now();
      this.#collectGarbage();
      this.#warmFrom += this.#now() - collectFrom; // of a large heap it takes long, and warms nothing
      this.#hasCollected = true;
    } else if (seconds >= warmUp) {
      this.#batches = 0;
      this.#seconds = 0;
      this.#measuredFrom = this.#now();
    }
  }

  /** What the batch did up to here is not measured. */
  readonly fromHere = (): void => {
    this.#batchFrom = this.#now();
  };

  /** The batch is over, and did so many operations. Throws Error when it should have done another number. */
  count(operations: number): void {
    this.#seconds += this.#now() - this.#batchFrom;
    this.#batches++;
    if (operations !== this.#operations) {
      throw new Error(`the batch did ${operations} operations, not ${this.#operations}`);
    }
  }

  /** Nanoseconds an operation. */
  get figure(): number {
    return (this.#seconds / (this.#batches * this.#operations)) * 1e9;
  }
}
