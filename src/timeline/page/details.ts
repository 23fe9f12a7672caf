// The panel beside the timeline: all about the selected step, or about the whole log when none is.

import type { LogFrame } from "../../trace/log.ts";
import { describeEnd } from "../../trace/step-end.ts";
import { count, describeBegin, formatPlace, formatTime } from "../words.ts";
import { button, byId, element } from "./dom.ts";
import type { Model } from "./model.ts";

/** Longer lists are cut. */
const MOST_ITEMS = 100;

type Content = (Node | string)[];

export class Details {
  readonly #panel = byId("details", HTMLElement);
  readonly #model: Model;
  readonly #select: (step: number) => void;

  /** @param select selects a step that is named in the panel */
  constructor(model: Model, select: (step: number) => void) {
    this.#model = model;
    this.#select = select;
  }

  /** Shows a step, or the whole when it is -1. */
  show(step: number): void {
    this.#panel.replaceChildren(...(step < 0 ? this.#whole() : this.#step(step)));
    this.#panel.scrollTop = 0;
  }

  #whole(): Content {
    const { log } = this.#model;
    const failures = this.#model.failures().map(({ index }) => this.#link(index));
    const unfinished = this.#model.unfinished().map((number) => {
      const { name, steps } = this.#model.lane(number);
      const last = steps.at(-1);
      if (last === undefined) return element("span", {}, `${name} never ran`);
      return this.#link(last, `${name} ${describeEnd(this.#model.step(last))}`);
    });
    return [
      element("h2", {}, "The whole run"),
      facts([
        ["Virtual time", [formatTime(log.time)]],
        ["Iterations", [String(log.steps.at(-1)?.iteration ?? 0)]],
        ["Steps that threw", list(failures, "none")],
        ["Not ended", list(unfinished, "none")],
      ]),
      element("p", { class: "hint" }, "Click a step, or press → to go through them one by one."),
    ];
  }

  #step(index: number): Content {
    const step = this.#model.step(index);
    const actor = this.#model.actorOf(index);
    const span = this.#model.spanAfter(index);
    const wakes = this.#model
      .arrowsFrom(index)
      .map(({ kind, to }) => this.#link(to, `${VERBS[kind]} ${this.#name(to)}`));
    const made = actor.madeIn < 0 ? [] : [this.#link(actor.madeIn)];
    return [
      element("p", { class: "kind" }, `Step ${index} of ${count(this.#model.log.steps.length, "step")}`),
      element("h2", {}, actor.name),
      element("p", { class: `end ${step.end}` }, describeEnd(step)),
      facts([
        ["Time", [formatTime(step.time)]],
        ["Iteration", [String(step.iteration)]],
        ["Began", [describeBegin(step)]],
        ...(span === undefined ? [] : [["Waited", this.#wait(index, span.before)] as Fact]),
        ["Woken by", this.#wakers(index)],
        ["Made ready", list(wakes, "nobody")],
        ["Created in", [...(made.length > 0 ? made : ["before the first step"]), ...actor.origin.map(code)]],
        ["Stack", step.stack.length > 0 ? [element("ol", {}, ...step.stack.map(frame))] : ["none"]],
      ]),
    ];
  }

  #wait(from: number, to: number): Content {
    const { log } = this.#model;
    if (to < 0) return [`to the end of the log, for ${formatTime(log.time - this.#model.step(from).time)}`];
    const seconds = this.#model.step(to).time - this.#model.step(from).time;
    return [seconds > 0 ? `for ${formatTime(seconds)}, until ` : "for no virtual time, until ", this.#link(to)];
  }

  #wakers(index: number): Content {
    const wakers = this.#model
      .arrowsTo(index)
      .map(({ from, kind }) => this.#link(from, `${this.#name(from)} (${kind})`));
    if (wakers.length > 0) return list(wakers, "");
    const before = this.#model.neighbour(index, -1);
    if (before < 0) return ["nobody: it was there before the first step"];
    return [this.#model.step(before).end === "yield" ? "itself: it gave way" : "the clock"];
  }

  #name(step: number): string {
    return this.#model.actorOf(step).name;
  }

  #link(step: number, words = this.#name(step)): HTMLElement {
    return button(`${words} · step ${step}`, () => this.#select(step), { class: "link" });
  }
}

const VERBS = { wake: "woke", spawn: "created", schedule: "scheduled" };

type Fact = [name: string, content: Content];

function facts(all: readonly Fact[]): HTMLElement {
  return element(
    "dl",
    {},
    ...all.flatMap(([name, content]) => [element("dt", {}, name), element("dd", {}, ...content)]),
  );
}

function list(items: readonly HTMLElement[], none: string): Content {
  if (items.length === 0) return [none];
  const shown = items.slice(0, MOST_ITEMS).map((item) => element("li", {}, item));
  if (items.length > MOST_ITEMS) shown.push(element("li", {}, `and ${items.length - MOST_ITEMS} more`));
  return [element("ul", {}, ...shown)];
}

function code(text: string): HTMLElement {
  return element("code", {}, text);
}

function frame(place: LogFrame): HTMLElement {
  return element("li", {}, element("strong", {}, place.name), " ", code(formatPlace(place)));
}
