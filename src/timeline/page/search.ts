// The search for tasks by name: lanes that do not match fade, Enter goes from one that does to the next.

import { count } from "../words.ts";
import { byId } from "./dom.ts";
import type { Model } from "./model.ts";

export class Search {
  /** Lanes that match; null when nothing is searched for. */
  found: ReadonlySet<number> | null = null;
  readonly #input = byId("search", HTMLInputElement);
  readonly #output = byId("matches", HTMLOutputElement);
  readonly #model: Model;
  /** Place in `found` of the match that was gone to last. */
  #place = -1;

  /**
   * @param changed is called when other lanes match
   * @param goTo is called with a lane that is gone to
   * @param leave is called when the search is left
   */
  constructor(model: Model, changed: () => void, goTo: (lane: number) => void, leave: () => void) {
    this.#model = model;
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

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  #find(text: string): void {
    const wanted = text.trim().toLowerCase();
    const matches = this.#model.picture.lanes.flatMap(({ name }, lane) =>
      name.toLowerCase().includes(wanted) ? [lane] : [],
    );
    this.found = wanted === "" ? null : new Set(matches);
    this.#place = -1;
    this.#output.value = wanted === "" ? "" : count(matches.length, "match").replace("matchs", "matches");
  }

  #next(direction: 1 | -1, goTo: (lane: number) => void): void {
    const lanes = [...(this.found ?? [])];
    if (lanes.length === 0) return;
    this.#place = this.#place < 0 && direction < 0 ? lanes.length - 1 : this.#place + direction;
    this.#place = (this.#place + lanes.length) % lanes.length;
    this.#output.value = `${this.#place + 1} of ${lanes.length}`;
    goTo(lanes[this.#place]);
  }
}
