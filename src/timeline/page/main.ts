// The page's program: what can be done with the page, and what each of it does.

import type { PageData } from "../page-data.ts";
import { describeEnd } from "../../trace/step-end.ts";
import { count, formatTime } from "../words.ts";
import { Details } from "./details.ts";
import { button, byId, element } from "./dom.ts";
import { showFailure } from "./failure.ts";
import type { Model } from "./model.ts";
import { Panes } from "./panes.ts";
import { runsOf } from "./runs.ts";
import { Search } from "./search.ts";

/** Between two steps that are played. */
const PLAY_MS = 400;

const data = JSON.parse(byId("data", HTMLElement).textContent) as PageData;
const runs = runsOf(data);
const { models, twins } = runs;
const labels = models.length > 1 ? ["The run that fails", "The nearest run that passes"] : ["Timeline"];
showFailure(data, models[0], (step) => selectAndFocus(0, step));
const panes = new Panes(runs, byId("runs", HTMLElement), labels, selectAndFocus);
const details = new Details(runs, data, selectAndFocus);
const search = new Search(
  models,
  mark,
  ({ run, row }) => {
    const { steps, primitive } = models[run].row(row);
    select(run, steps[0] ?? primitive?.levels[0]?.step ?? -1);
    panes.views[run].revealRow(row);
  },
  () => panes.views[active].focus(),
);
const playButton = button("Play", togglePlay, { "aria-keyshortcuts": "Space", title: "Play (Space)" });
/** The run that keys and buttons work on. */
let active = 0;
/** The selected step of each run, or -1: in the other run it is the same step of the same task. */
let selected = models.map(() => -1);
let playing: ReturnType<typeof setInterval> | null = null;

/** Selects a step of a run, or none when it is -1. */
function select(run: number, step: number): void {
  active = run;
  selected = models.map((_, other) => (other === run || step < 0 ? step : twins[run][step]));
  mark();
  details.show(run, step);
  if (step >= 0) panes.reveal(run, step);
  models.forEach((model, other) => {
    if (other !== run && selected[other] >= 0) panes.views[other].revealRow(model.rowOf(selected[other]));
  });
  byId("spoken", HTMLElement).textContent = step < 0 ? "Nothing selected" : spoken(models[run], step);
}

function selectAndFocus(run: number, step: number): void {
  select(run, step);
  panes.views[run].focus();
}

function mark(): void {
  panes.views.forEach((view, run) => view.mark({ selected: selected[run], found: search.foundIn(run) }));
}

function spoken(model: Model, index: number): string {
  const step = model.step(index);
  const number = model.racing.get(index);
  const marks = [
    ...(number === undefined ? [] : [`racing step ${number}`]),
    ...(step.choice > 0 ? ["departs from asyncio's order"] : []),
  ];
  return [`Step ${index}`, model.actorOf(index).name, `at ${formatTime(step.time)}`, describeEnd(step), ...marks].join(
    ", ",
  );
}

const current = (): number => selected[active];
const lastOf = (run: number): number => models[run].log.steps.length - 1;

/** Selects a step, or the first one or the last one when there is none. */
function move(step: number): void {
  if (lastOf(active) >= 0) select(active, Math.min(Math.max(step, 0), lastOf(active)));
}

const forward = (): void => move(current() + 1);
const back = (): void => move(current() < 0 ? lastOf(active) : current() - 1);

function moveInRow(direction: 1 | -1): void {
  const step = current() < 0 ? -1 : models[active].neighbour(current(), direction);
  if (step >= 0) select(active, step);
}

/** Selects the nearest step before in the row above or below that has any. */
function moveAcross(direction: 1 | -1): void {
  const model = models[active];
  const { rows } = model;
  let row = current() < 0 ? (direction > 0 ? -1 : rows.length) : model.rowOf(current());
  do row += direction;
  while (row >= 0 && row < rows.length && rows[row]?.steps.length === 0);
  if (row >= 0 && row < rows.length) select(active, model.stepInRow(row, Math.max(0, current())));
}

/** Selects the next of some steps, and after the last one the first. */
function moveAlong(steps: readonly number[]): void {
  const next = steps.find((step) => step > current()) ?? steps[0];
  if (next !== undefined) select(active, next);
}

function goToWaker(): void {
  const [arrow] = models[active].arrowsTo(current());
  if (arrow !== undefined) select(active, arrow.from);
}

function togglePlay(): void {
  const last = lastOf(active);
  if (playing === null && last >= 0) {
    if (current() === last) move(0);
    else forward();
    playing = setInterval(() => (current() < lastOf(active) ? forward() : togglePlay()), PLAY_MS);
  } else if (playing !== null) {
    clearInterval(playing);
    playing = null;
  }
  playButton.textContent = playing === null ? "Play" : "Pause";
}

const zoomBy = (factor: number): void => panes.zoomBy(factor, active, current());
const racing = (): number[] => [...models[active].racing.keys()].sort((left, right) => left - right);

/** What a key does in the timeline. */
const KEYS: Readonly<Record<string, () => void>> = {
  ArrowRight: forward,
  ArrowLeft: back,
  "Shift+ArrowRight": () => moveInRow(1),
  "Shift+ArrowLeft": () => moveInRow(-1),
  ArrowDown: () => moveAcross(1),
  ArrowUp: () => moveAcross(-1),
  Home: () => move(0),
  End: () => move(lastOf(active)),
  " ": togglePlay,
  w: goToWaker,
  r: () => moveAlong(racing()),
  d: () => moveAlong(models[active].departures),
  "+": () => zoomBy(1.5),
  "=": () => zoomBy(1.5),
  "-": () => zoomBy(1 / 1.5),
  "0": () => panes.fit(),
  Escape: () => select(active, -1),
};

const hasRaces = data.races.length > 0;
const hasDepartures = models[0].departures.length > 0;
const hasPrimitives = (kind: string): boolean => models.some(({ rows }) => rows.some((row) => row.kind === kind));

const HELP: readonly (readonly [keys: string, words: string])[] = [
  ["← →", "step by step"],
  ["Shift ← →", "in its lane"],
  ["↑ ↓", "other lane"],
  ...(models.length > 1 ? [["Tab", "other run"] as const] : []),
  ...(hasRaces ? [["R", "racing steps"] as const] : []),
  ...(hasDepartures ? [["D", "departures"] as const] : []),
  ["Space", "play"],
  ["W", "who woke it"],
  ["+ − 0", "zoom (or Ctrl and wheel)"],
  ["/", "find"],
];

const LEGEND: readonly string[] = [
  "step",
  "returns",
  "throws",
  "cancelled",
  "waits",
  "sleeps",
  "ready",
  "time passes",
  ...(runs.axis.parting === null ? [] : ["the runs part"]),
  ...(hasRaces ? ["races"] : []),
  ...(hasDepartures ? ["departs from asyncio's order"] : []),
  ...(hasPrimitives("lock") ? ["held"] : []),
  ...(hasPrimitives("queue") ? ["filled"] : []),
];

panes.views.forEach(({ box }, run) => {
  box.addEventListener("focus", () => {
    active = run;
  });
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = KEYS[event.shiftKey && name.startsWith("Arrow") ? `Shift+${name}` : name];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  search.focus();
});
addEventListener("hashchange", followAddress);

/** Selects the step that the address names: "#step-12". Returns whether it names one. */
function followAddress(): boolean {
  const step = Number(/^#step-(\d+)$/.exec(location.hash)?.[1] ?? -1);
  if (step < 0) return false;
  active = 0;
  move(step);
  return true;
}

/** Opens a failure where it begins: at the steps that race, else at its end. */
function openAtFailure(): void {
  const [race] = data.races;
  const last = models[0].lastStep();
  if (data.failure === null && race === undefined) return;
  if (last < 0) return;
  const first = race === undefined ? [last] : [race.first, race.second];
  panes.showTogether(0, first, [...models[0].racing.keys(), ...models[0].departures.slice(0, 1), last]);
  select(0, first[0]);
}

const { log } = models[0];
const tasks = log.actors.filter(({ kind }) => kind === "task").length;
byId("summary", HTMLElement).textContent =
  `${count(tasks, "task")}, ${count(log.steps.length, "step")}, ${formatTime(log.time)} of virtual time`;
byId("tools", HTMLElement).append(
  button("Previous", back, { title: "Previous step (←)" }),
  playButton,
  button("Next", forward, { title: "Next step (→)" }),
  button("−", () => zoomBy(1 / 1.5), { "aria-label": "Zoom out", title: "Zoom out (−)" }),
  button("+", () => zoomBy(1.5), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
  button("Fit", () => panes.fit(), { title: "Show all of the time (0)" }),
);
byId("legend", HTMLElement).append(
  ...LEGEND.map((name) => element("li", {}, element("i", { class: name.replaceAll(/[^a-z]/g, "-") }), name)),
);
byId("keys", HTMLElement).append(...HELP.flatMap(([keys, words]) => [element("kbd", {}, keys), ` ${words} `]));
select(0, -1);
if (!followAddress()) openAtFailure();
panes.views[0].focus();
