// The page's program: what can be done with the page, and what each of it does.

import { type PackedLog, unpackLog } from "../packed-log.ts";
import { describeEnd } from "../../trace/step-end.ts";
import { count, formatTime } from "../words.ts";
import { Details } from "./details.ts";
import { button, byId, element } from "./dom.ts";
import { Model } from "./model.ts";
import { Search } from "./search.ts";
import { View } from "./view.ts";

/** Between two steps that are played. */
const PLAY_MS = 400;

const model = new Model(unpackLog(JSON.parse(byId("log", HTMLElement).textContent) as PackedLog));
const { steps } = model.log;
const last = steps.length - 1;
const view = new View(model);
const details = new Details(model, select);
const search = new Search(
  model,
  () => view.mark({ selected, found: search.found }),
  (lane) => {
    select(model.lane(lane).steps[0] ?? -1);
    view.revealLane(lane);
  },
  () => view.focus(),
);
const playButton = button("Play", togglePlay, { "aria-keyshortcuts": "Space", title: "Play (Space)" });
let selected = -1;
let playing: ReturnType<typeof setInterval> | null = null;

/** Selects a step, or none when it is -1. */
function select(step: number): void {
  selected = step;
  view.mark({ selected, found: search.found });
  details.show(step);
  if (step >= 0) view.reveal(step);
  byId("spoken", HTMLElement).textContent = step < 0 ? "Nothing selected" : spoken(step);
}

function spoken(index: number): string {
  const step = model.step(index);
  return `Step ${index}, ${model.actorOf(index).name}, at ${formatTime(step.time)}, ${describeEnd(step)}`;
}

/** Selects the step in a direction, or the first one or the last one when there is none. */
function move(step: number): void {
  if (last >= 0) select(Math.min(Math.max(step, 0), last));
}

function moveInLane(direction: 1 | -1): void {
  const step = selected < 0 ? -1 : model.neighbour(selected, direction);
  if (step >= 0) select(step);
}

/** Selects the nearest step before in the lane above or below that has any. */
function moveAcross(direction: 1 | -1): void {
  const { lanes } = model.picture;
  let lane = selected < 0 ? (direction > 0 ? -1 : lanes.length) : model.laneOf(selected);
  do lane += direction;
  while (lane >= 0 && lane < lanes.length && lanes[lane]?.steps.length === 0);
  if (lane >= 0 && lane < lanes.length) select(model.stepInLane(lane, Math.max(0, selected)));
}

function goToWaker(): void {
  const [arrow] = model.arrowsTo(selected);
  if (arrow !== undefined) select(arrow.from);
}

function togglePlay(): void {
  if (playing === null && last >= 0) {
    if (selected === last) select(0);
    else move(selected + 1);
    playing = setInterval(() => (selected < last ? move(selected + 1) : togglePlay()), PLAY_MS);
  } else if (playing !== null) {
    clearInterval(playing);
    playing = null;
  }
  playButton.textContent = playing === null ? "Play" : "Pause";
}

/** What a key does in the timeline. */
const KEYS: Readonly<Record<string, () => void>> = {
  ArrowRight: () => move(selected + 1),
  ArrowLeft: () => move(selected < 0 ? last : selected - 1),
  "Shift+ArrowRight": () => moveInLane(1),
  "Shift+ArrowLeft": () => moveInLane(-1),
  ArrowDown: () => moveAcross(1),
  ArrowUp: () => moveAcross(-1),
  Home: () => move(0),
  End: () => move(last),
  " ": togglePlay,
  w: goToWaker,
  "+": () => view.zoomBy(1.5),
  "=": () => view.zoomBy(1.5),
  "-": () => view.zoomBy(1 / 1.5),
  "0": () => view.fit(),
  Escape: () => select(-1),
};

const HELP: readonly (readonly [keys: string, words: string])[] = [
  ["← →", "step by step"],
  ["Shift ← →", "in its lane"],
  ["↑ ↓", "other lane"],
  ["Space", "play"],
  ["W", "who woke it"],
  ["+ − 0", "zoom (or Ctrl and wheel)"],
  ["/", "find"],
];

const LEGEND = ["step", "returns", "throws", "cancelled", "waits", "sleeps", "ready", "time passes"];

byId("timeline", HTMLElement).addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const action = KEYS[event.shiftKey && name.startsWith("Arrow") ? `Shift+${name}` : name];
  if (action === undefined) return;
  event.preventDefault();
  action();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  search.focus();
});
addEventListener("hashchange", followAddress);

/** Selects the step that the address names: "#step-12". */
function followAddress(): void {
  const step = Number(/^#step-(\d+)$/.exec(location.hash)?.[1] ?? -1);
  if (step >= 0) move(step);
}

const tasks = model.log.actors.filter(({ kind }) => kind === "task").length;
byId("summary", HTMLElement).textContent =
  `${count(tasks, "task")}, ${count(steps.length, "step")}, ${formatTime(model.log.time)} of virtual time`;
byId("tools", HTMLElement).append(
  button("Previous", () => move(selected < 0 ? last : selected - 1), { title: "Previous step (←)" }),
  playButton,
  button("Next", () => move(selected + 1), { title: "Next step (→)" }),
  button("−", () => view.zoomBy(1 / 1.5), { "aria-label": "Zoom out", title: "Zoom out (−)" }),
  button("+", () => view.zoomBy(1.5), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
  button("Fit", () => view.fit(), { title: "Show all of the time (0)" }),
);
byId("legend", HTMLElement).append(
  ...LEGEND.map((name) => element("li", {}, element("i", { class: name.replace(" ", "-") }), name)),
);
byId("keys", HTMLElement).append(...HELP.flatMap(([keys, words]) => [element("kbd", {}, keys), ` ${words} `]));
view.onSelect = (step) => {
  select(step);
  view.focus();
};
select(-1);
followAddress();
view.focus();
