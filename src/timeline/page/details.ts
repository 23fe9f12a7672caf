// The panel beside the timeline: all about the selected step, or about the whole run when none is.

import { frameOf } from "../../introspection/places.ts";
import type { LogActor, LogChange, LogFrame, LogPrimitive } from "../../trace/log.ts";
import { describeEnd } from "../../trace/step-end.ts";
import type { ShownFailure } from "../run.ts";
import { lineKey } from "../source-lines.ts";
import { count, describeBegin, formatPlace, formatTime } from "../words.ts";
import { button, byId, element } from "./dom.ts";
import type { Model } from "./model.ts";
import type { Runs } from "./runs.ts";

/** Longer lists are cut. */
const MOST_ITEMS = 100;

type Content = (Node | string)[];

/** What the panel tells of besides the runs. */
interface Background {
  readonly failure: ShownFailure | null;
  /** Lines of sources, by `lineKey`. */
  readonly lines: Readonly<Record<string, string>>;
}

export class Details {
  readonly #panel = byId("details", HTMLElement);
  readonly #runs: Runs;
  readonly #failure: ShownFailure | null;
  readonly #lines: ReadonlyMap<string, string>;
  readonly #select: (run: number, step: number) => void;
  #run = 0;

  /** @param select selects a step that is named in the panel */
  constructor(runs: Runs, { failure, lines }: Background, select: (run: number, step: number) => void) {
    this.#runs = runs;
    this.#failure = failure;
    this.#lines = new Map(Object.entries(lines)); // their names may be anything, also "__proto__"
    this.#select = select;
  }

  /** Shows a step of a run, or the whole when it is -1. */
  show(run: number, step: number): void {
    this.#run = run;
    this.#panel.replaceChildren(...(step < 0 ? this.#whole() : this.#step(step)));
    this.#panel.scrollTop = 0;
  }

  get #model(): Model {
    return this.#runs.models[this.#run];
  }

  #whole(): Content {
    const { log } = this.#model;
    const failures = this.#model.failures().map(({ index }) => this.#link(index));
    const unfinished = this.#model.unfinished().map((number) => {
      const { name, steps } = this.#model.row(number);
      const last = steps.at(-1);
      if (last === undefined) return element("span", {}, `${name} never ran`);
      return this.#link(last, `${name} ${describeEnd(this.#model.step(last))}`);
    });
    return [
      element("h2", {}, this.#run === 0 ? "The whole run" : "The whole run that passes"),
      facts([
        ["Virtual time", [formatTime(log.time)]],
        ["Iterations", [String(log.steps.at(-1)?.iteration ?? 0)]],
        ["Steps that threw", list(failures, "none")],
        ["Not ended", list(unfinished, "none")],
        ...this.#errorStack(),
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
    const changes = this.#changes(index);
    return [
      element("p", { class: "kind" }, `Step ${index} of ${count(this.#model.log.steps.length, "step")}`),
      element("h2", {}, actor.name),
      element("p", { class: `end ${step.end}` }, describeEnd(step)),
      ...this.#marks(index),
      facts([
        ...(actor.kind === "task" ? [["Ran from", this.#start(index)] as Fact] : []),
        ...(step.stack.length > 0 ? [["To", [this.#stack(step.stack)]] as Fact] : []),
        ...(index === this.#model.lastStep() ? this.#errorStack() : []),
        ["Time", [formatTime(step.time)]],
        ["Iteration", [String(step.iteration)]],
        ["Began", [describeBegin(step)]],
        ...(span === undefined ? [] : [["Waited", this.#wait(index, span.before)] as Fact]),
        ["Woken by", this.#wakers(index)],
        ["Made ready", list(wakes, "nobody")],
        ...(changes.length === 0 ? [] : [["Then", list(changes, "")] as Fact]),
        ["Created in", [...(made.length > 0 ? made : [unknownStep(actor)]), ...this.#origin(actor.origin)]],
      ]),
    ];
  }

  /** What is special about a step. */
  #marks(index: number): Content {
    const { models, twins } = this.#runs;
    const { choice, candidates } = this.#model.step(index);
    const number = this.#model.racing.get(index);
    const marks: Content = [];
    if (number !== undefined)
      marks.push(
        note(
          "race",
          element("span", { class: "badge" }, number),
          " races: the run fails in the order of the numbers, and passes when they are swapped",
        ),
      );
    if (choice > 0)
      marks.push(
        note("departure", `departs from asyncio's order: it was number ${choice + 1} of ${candidates} that could run`),
      );
    if (models.length > 1) {
      const other = 1 - this.#run;
      const twin = twins[this.#run][index];
      const where = other === 0 ? "the run that fails" : "the run that passes";
      marks.push(
        twin < 0
          ? note("twin", `does not run in ${where}`)
          : note("twin", `in ${where}: `, this.#linkIn(other, twin, models[other].actorOf(twin).name)),
      );
    }
    return marks;
  }

  /** Where the error was made, in the run that fails. */
  #errorStack(): Fact[] {
    const stack = this.#run === 0 ? (this.#failure?.stack ?? []) : [];
    return stack.length === 0 ? [] : [["Stack of the error", [this.#stack(stack)]]];
  }

  /** Where a task's step went on. */
  #start(index: number): Content {
    const before = this.#model.neighbour(index, -1);
    if (before < 0) return ["its start"];
    const [frame] = this.#model.step(before).stack;
    return [frame === undefined ? "where it was" : this.#place(frame)];
  }

  /** What locks and queues are like after a step that has changed them. */
  #changes(index: number): HTMLElement[] {
    return this.#model.changesIn(index).map((change) => {
      const row = this.#model.rows.find(({ primitive }) => primitive?.primitive.id === change.primitive);
      return element("span", {}, `${row?.name ?? ""} ${this.#state(change, row?.primitive?.primitive)}`);
    });
  }

  #state(change: LogChange, primitive: LogPrimitive | undefined): string {
    if (primitive?.kind !== "queue")
      return change.count === 0 ? "is free" : `is held by ${this.#model.holdersOf(change)}`;
    return `has ${count(change.count, "item")}${primitive.limit > 0 ? ` of ${primitive.limit}` : ""}`;
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
    if (this.#model.actorOf(index).kind === "timer") return ["the clock"];
    if (before < 0) return ["nobody: it was there before the first step"];
    return [this.#model.step(before).end === "yield" ? "itself: it gave way" : "the clock"];
  }

  #name(step: number): string {
    return this.#model.actorOf(step).name;
  }

  #link(step: number, words = this.#name(step)): HTMLElement {
    return this.#linkIn(this.#run, step, words);
  }

  #linkIn(run: number, step: number, words: string): HTMLElement {
    return button(`${words} · step ${step}`, () => this.#select(run, step), { class: "link" });
  }

  // ── Places ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A place with its line, as far as that is known. */
  #place(frame: LogFrame): HTMLElement {
    return element("span", {}, element("strong", {}, frame.name), " ", code(formatPlace(frame)), ...this.#line(frame));
  }

  #line(frame: LogFrame): Content {
    const line = this.#lines.get(lineKey(frame));
    return line === undefined ? [] : [element("code", { class: "source" }, line)];
  }

  #stack(stack: readonly LogFrame[]): HTMLElement {
    return element("ol", {}, ...stack.map((frame) => element("li", {}, this.#place(frame))));
  }

  #origin(lines: readonly string[]): Content {
    return lines.flatMap((line, index) => [code(line), ...(index === 0 ? this.#line(frameOf(line)) : [])]);
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

/** In which step somebody was made of whom the log does not tell that. */
function unknownStep({ kind }: LogActor): string {
  return kind === "timer" ? "a step before" : "before the first step";
}

function note(kind: string, ...content: Content): HTMLElement {
  return element("p", { class: `note ${kind}` }, ...content);
}

function code(text: string): HTMLElement {
  return element("code", {}, text);
}
