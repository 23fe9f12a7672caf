// The head of a page that shows a failure: the error, and what there is to go to.

import type { PageData } from "../page-data.ts";
import { count } from "../words.ts";
import { button, byId, element } from "./dom.ts";
import type { Model } from "./model.ts";

/** More steps are not listed. */
const MOST_LISTED = 6;

/** Shows how a run failed; `goTo` goes to one of its steps. */
export function showFailure({ failure, races }: PageData, model: Model, goTo: (step: number) => void): void {
  if (failure === null) return;
  const panel = byId("failure", HTMLElement);
  const [first, ...rest] = failure.text.split("\n");
  const link = (step: number, words: string): HTMLElement =>
    button(`${words} · step ${step}`, () => goTo(step), { class: "link" });
  const racing = (step: number): HTMLElement => {
    const badge = element("span", { class: "badge" }, model.racing.get(step) ?? "");
    return element("span", {}, badge, " ", link(step, model.actorOf(step).name));
  };
  const groups: [words: string, items: HTMLElement[]][] = races.map((race, index) => [
    index === 0 ? "It fails in this order, and passes when swapped:" : "Last chance:",
    [racing(race.first), racing(race.second)],
  ]);
  const { departures } = model;
  const listed = departures.slice(0, MOST_LISTED).map((step) => link(step, model.actorOf(step).name));
  if (departures.length > MOST_LISTED) listed.push(element("span", {}, `and ${departures.length - MOST_LISTED} more`));
  if (departures.length > 0) groups.push([`${count(departures.length, "departure")} from asyncio's order:`, listed]);
  const last = model.lastStep();
  if (last >= 0) {
    const words = model.step(last).end === "throw" ? "It failed in" : "Its last step:";
    groups.push([words, [link(last, model.actorOf(last).name)]]);
  }
  panel.append(
    element("h2", {}, element("span", { class: "status" }, failure.status), first ?? ""),
    ...(rest.length > 0 ? [element("pre", { tabindex: "0", "aria-label": "More of the error" }, rest.join("\n"))] : []),
    ...groups.map(([words, items]) => element("p", {}, words, ...items.flatMap((item) => [" ", item]))),
  );
  panel.hidden = false;
}
