// A text with insertions and replacements by which no line moves: nothing is put elsewhere, what is inserted has no
// line breaks, and what is replaced keeps its own. So a line of the result is the same line of the source.

interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
  /** At one place: what stands behind something, then what stands before something, then what is replaced. */
  readonly rank: 0 | 1 | 2;
  /** Which of two of one rank comes first. */
  readonly order: number;
}

/** A piece of the result: source that was kept, or text that stands in for source. */
export interface Piece {
  readonly text: string;
  /** Where it begins in the source. */
  readonly at: number;
  readonly isSource: boolean;
}

export class Edits {
  readonly #code: string;
  readonly #edits: Edit[] = [];

  constructor(code: string) {
    this.#code = code;
  }

  get isEmpty(): boolean {
    return this.#edits.length === 0;
  }

  /** Inserts in front of what begins at `at`. Whoever comes later stands farther out. */
  before(at: number, text: string): void {
    this.#edits.push({ at, end: at, text, rank: 1, order: -this.#edits.length });
  }

  /** Inserts behind what ends at `at`. Whoever comes later stands farther out. */
  after(at: number, text: string): void {
    this.#edits.push({ at, end: at, text, rank: 0, order: this.#edits.length });
  }

  replace(start: number, end: number, text: string): void {
    const breaks = this.#code.slice(start, end).replace(/[^\n]/g, "");
    this.#edits.push({ at: start, end, text: text + breaks, rank: 2, order: 0 });
  }

  pieces(): Piece[] {
    const pieces: Piece[] = [];
    const keep = (start: number, end: number): void => {
      if (start < end) pieces.push({ text: this.#code.slice(start, end), at: start, isSource: true });
    };
    let at = 0;
    for (const edit of this.#edits.sort(byPlace)) {
      keep(at, edit.at);
      if (edit.text !== "") pieces.push({ text: edit.text, at: edit.at, isSource: false });
      at = edit.end;
    }
    keep(at, this.#code.length);
    return pieces;
  }
}

const byPlace = (a: Edit, b: Edit): number => a.at - b.at || a.rank - b.rank || a.order - b.order;
