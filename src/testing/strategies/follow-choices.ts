// A schedule that is known by its choices: what shrinking and comparing runs go by.

import type { ChoicePoint, Strategy } from "./strategy.ts";

/** Follows a list of choices, then asyncio's order. A choice that there is not stands for the last one. */
export class FollowChoices implements Strategy {
  readonly name = "choices";
  readonly #choices: readonly number[];
  #made = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  begin(): boolean {
    this.#made = 0;
    return true;
  }

  choose({ count }: ChoicePoint): number {
    const choice = this.#choices[this.#made++] ?? 0;
    return choice < count ? choice : count - 1;
  }
}
