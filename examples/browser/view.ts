// The page: draws a stage into it. Nothing here knows of the program.

import type { Lane, Line, Stage } from "./stage.ts";

/** Least seconds on the time scale. */
const SCALE = 10;
const ENDED = new Set(["done", "cancelled", "failed"]);

function find<E extends HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`Cannot find #${id} in the page`);
  return element as E;
}

export const startButton = find<HTMLButtonElement>("start");
export const cancelButton = find<HTMLButtonElement>("cancel");
export const virtualSwitch = find<HTMLInputElement>("virtual");
const status = find("status");
const rows = find("tasks");
const log = find("log");

export function showSource(text: string): void {
  find("source").textContent = text;
}

export function showStatus(text: string): void {
  setText(status, text);
}

/** A run in the page. */
export class View {
  readonly #stage: Stage;
  readonly #rows = new Map<Lane, Row>();
  #lines = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    rows.replaceChildren();
    log.replaceChildren();
  }

  /** Draws what is new. */
  draw(): void {
    const time = this.#stage.time();
    for (const lane of this.#stage.lanes) {
      let row = this.#rows.get(lane);
      if (row === undefined) this.#rows.set(lane, (row = new Row(lane)));
      row.draw(time, Math.max(SCALE, time));
    }
    for (const line of this.#stage.lines.slice(this.#lines)) log.append(item(line));
    this.#lines = this.#stage.lines.length;
  }
}

/** A task in the table. */
class Row {
  readonly #lane: Lane;
  readonly #name = document.createElement("th");
  readonly #state = document.createElement("td");
  readonly #track = document.createElement("div");
  readonly #cancel = document.createElement("button");

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#name.scope = "row";
    this.#track.className = "track";
    this.#cancel.type = "button";
    this.#cancel.textContent = "Cancel";
    this.#cancel.addEventListener("click", () => lane.task.cancel());
    const row = document.createElement("tr");
    row.append(this.#name, this.#state, cell(this.#track), cell(this.#cancel));
    rows.append(row);
  }

  draw(time: number, scale: number): void {
    const { spans, span, task } = this.#lane;
    setText(this.#name, task.getName());
    this.#cancel.setAttribute("aria-label", `Cancel ${task.getName()}`);
    this.#cancel.disabled = task.done();
    this.#state.dataset["state"] = span.state;
    setText(this.#state, span.stopping && !ENDED.has(span.state) ? `stopping: ${span.text}` : span.text);
    spans.forEach(({ state, stopping, from }, index) => {
      const bar = (this.#track.children[index] ?? this.#track.appendChild(document.createElement("i"))) as HTMLElement;
      const to = spans[index + 1]?.from ?? (ENDED.has(state) ? from : time);
      bar.dataset["state"] = stopping && !ENDED.has(state) ? "stopping" : state;
      bar.style.left = `${(100 * from) / scale}%`;
      bar.style.width = `${(100 * (to - from)) / scale}%`;
    });
  }
}

function cell(content: HTMLElement): HTMLElement {
  const element = document.createElement("td");
  element.append(content);
  return element;
}

function item({ time, text }: Line): HTMLElement {
  const element = document.createElement("li");
  const stamp = document.createElement("time");
  stamp.textContent = `${time.toFixed(1)} s`;
  element.append(stamp, ` ${text}`);
  return element;
}

/** Leaves an element alone whose text is right already: what is selected stays so, and screen readers keep quiet. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
