// The search for tasks by name: rows that do not match fade, Enter goes from one that does to the next.

import { count } from "../words.ts";
import { byId } from "./dom.ts";
import type { Model } from "./model.ts";

/** A row of a run. */
interface Match {
  readonly run: number;
  readonly row: number;
}

export class Search {
  readonly #input = byId("search", HTMLInputElement);
  readonly #output = byId("matches", HTMLOutputElement);
  readonly #models: readonly Model[];
  /** Rows that match; null when nothing is searched for. */
  #matches: readonly Match[] | null = null;
  /** Place of the match that was gone to last. */
  #place = -1;

  /**
   * @param changed is called when other rows match
   * @param goTo is called with a row that is gone to
   * @param leave is called when the search is left
   */
  constructor(models: readonly Model[], changed: () => void, goTo: (match: Match) => void, leave: () => void) {
    this.#models = models;
    this.#input.addEventListener("input", () => {
      this.#find(this.#input.value);
      changed();
    });
    this.#input.addEventListener("keydown", ({ key, shiftKey }) => {
      if (key === "Enter") this.#next(shiftKey ? -1 : 1, goTo);
      if (key !== "Escape") return;
      this.#input.value = "";
      this.#find("");
      changed();
      leave();
    });
  }

  /** Rows of a run that match; null when nothing is searched for. */
  foundIn(run: number): ReadonlySet<number> | null {
    if (this.#matches === null) return null;
    return new Set(this.#matches.filter((match) => match.run === run).map(({ row }) => row));
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #find(text: string): void {
    const wanted = text.trim().toLowerCase();
    const matches = this.#models.flatMap(({ rows }, run) =>
      rows.flatMap(({ name }, row) => (name.toLowerCase().includes(wanted) ? [{ run, row }] : [])),
    );
    this.#matches = wanted === "" ? null : matches;
    this.#place = -1;
    this.#output.value = wanted === "" ? "" : count(matches.length, "match").replace("matchs", "matches");
  }

  #next(direction: 1 | -1, goTo: (match: Match) => void): void {
    const matches = this.#matches ?? [];
    if (matches.length === 0) return;
    this.#place = this.#place < 0 && direction < 0 ? matches.length - 1 : this.#place + direction;
    this.#place = (this.#place + matches.length) % matches.length;
    this.#output.value = `${this.#place + 1} of ${matches.length}`;
    goTo(matches[this.#place]);
  }
}
