// The page of a failure, in real browsers: it opens where the program fails, and shows why. What is seen is read off
// screenshots.

import { sleep } from "wasyncio";
import { simulate } from "wasyncio/testing";
import { type TimelineRun, toTimelinePage } from "wasyncio/timeline";
import { describe, expect, test } from "vitest";
import { BROWSERS, findBrowser, installBy } from "../../support/browsers.ts";
import { useWindow } from "./failure-window.ts";
import { type Box, painted, paintedTexts } from "./page-reader.ts";
import { HOSTILE, SOLD_TWICE, hostileLog, raceInACrowd, smallLog, soldTwice, unmapped } from "./timeline-programs.ts";

const THEMES = {
  light: { race: "122,53,214", departure: "11,114,133", held: "246,220,184", filled: "191,227,208" },
  dark: { race: "194,155,255", departure: "79,209,224", held: "84,64,31", filled: "31,77,58" },
} as const;

const FAILS = "The run that fails";
const PASSES = "The nearest run that passes";

describe("what is no run", () => {
  const log = smallLog();
  const race = (first: unknown, second: unknown): never =>
    ({ first: { step: first }, second: { step: second } }) as never;

  test.each<[string, object, RegExp]>([
    ["without a log", { log: {} }, /^Invalid log: expected the log of a simulation, got /],
    ["with another log that is none", { log, passingLog: [] }, /^Invalid passingLog: expected the log of a simulation/],
    ["with a status that is no text", { log, status: 1 }, /^Invalid status: expected a text, got 1/],
    ["whose race is of no step", { log, race: race(0, 99) }, /^Invalid race: expected two steps of the log/],
    ["whose race is of no number", { log, race: race("length", "map") }, /^Invalid race: /],
    ["whose race is one step", { log, race: race(3, 3) }, /^Invalid race: /],
    ["whose race goes back", { log, lastRace: race(3, 2) }, /^Invalid lastRace: /],
    ["whose race is empty", { log, race: {} }, /^Invalid race: /],
    [
      "that changes what is not there",
      { log: { ...log, changes: [{ step: 0, primitive: 9, holders: [] }] } },
      /^Invalid log: change 0 /,
    ],
  ])("%s is refused", (_, run, message) => {
    expect(() => toTimelinePage(run as never)).toThrow(TypeError);
    expect(() => toTimelinePage(run as never)).toThrow(message);
  });
});

test("a log that names files that are no programs has none of their lines", () => {
  const { actors, steps, time } = smallLog();
  const file = "/etc/hostname";
  const withFiles = steps.map((step) => ({ ...step, stack: [{ name: "f", file, line: 1, column: 1 }] }));
  expect(toTimelinePage({ actors: [], steps: [], time: 0 })).toContain('"lines":{}');
  expect(
    toTimelinePage({ actors: actors.map((actor) => ({ ...actor, origin: [] })), steps: withFiles, time }),
  ).toContain('"lines":{}');
});

test("what the library ends is shown without the library's frames, and times as one writes them", () => {
  const failure = simulate(
    function* () {
      yield* sleep(0.1);
      yield* sleep(0.2);
      for (;;) yield* sleep(0);
    },
    { maxSteps: 100 },
  );
  expect(failure).toMatchObject({ status: "livelock", time: 0.1 + 0.2 });
  const page = toTimelinePage(failure);
  expect(page).toContain("and the time stays at 0.3 s");
  expect(page).toContain('"until 0.3 s"');
  const [, stack] = /"stack":(\[\{[^\]]*\])/.exec(page) as unknown as [string, string];
  const files = (JSON.parse(stack) as { file: string }[]).map(({ file }) => file);
  expect(files[0]).toMatch(/failure-page\.test\.ts$/);
  expect(files.filter((file) => /\/src\/|^node:/.test(file))).toEqual([]);
});

describe.each(BROWSERS)("in %s", (name) => {
  const isHere = findBrowser(name) !== null;
  describe.skipIf(!isHere).each(["light", "dark"] as const)(
    isHere ? "a failure, %s," : `not here: ${installBy(name)}; %s`,
    (theme) => {
      const window = useWindow(name, theme);

      test("opens at both steps that race, in both runs", async () => {
        const failure = soldTwice();
        const { race, departure } = THEMES[theme];
        await window.show(failure);
        const boxes: Record<string, Box[]> = {};
        for (const label of [FAILS, PASSES]) {
          const canvas = await window.canvasOf(label);
          expect(canvas.y + canvas.height, label).toBeLessThanOrEqual(800);
          expect(canvas.height, label).toBeGreaterThan(100);
          boxes[label] = await window.seen(race, canvas);
          // Two steps, of two tasks: in two rows, each as large as a step, which its number is not.
          expect(
            boxes[label].map(({ width, height }) => width > 20 && height > 17),
            label,
          ).toEqual([true, true]);
          expect((await window.seen(departure, canvas)).length, label).toBeGreaterThanOrEqual(label === FAILS ? 1 : 0);
        }
        const starts = (label: string): number[] => boxes[label].map(({ x }) => x);
        // One runs first where it fails, and the other one where it passes.
        const [fails, passes] = [starts(FAILS), starts(PASSES)];
        expect(Math.sign(fails[0] - fails[1])).toBe(-Math.sign(passes[0] - passes[1]));
      });

      test("has lanes for locks and queues", async () => {
        await window.show(soldTwice());
        const { held, filled } = THEMES[theme];
        const canvas = await window.canvasOf(FAILS);
        expect((await window.seen(held, canvas)).length).toBeGreaterThanOrEqual(1);
        expect((await window.seen(filled, canvas)).length).toBeGreaterThanOrEqual(1);
        const texts = await paintedTexts(window.page);
        expect(texts.filter((text) => /^(?:Lock|Queue) timeline-programs/.test(text)).length).toBeGreaterThanOrEqual(4);
        expect(texts.some((text) => text === "1 of 3" || text === "1")).toBe(true);
        const holders = new Set(["Ada", "Grace"]);
        const names = texts.filter((text) => holders.has(text));
        expect(names.length).toBeGreaterThan(4); // the names of the lanes in both runs, and of who holds the lock
      });

      test("is found in a crowd, on a small picture of the whole", async () => {
        const failure = unmapped(raceInACrowd);
        expect(failure.log.actors.filter(({ kind: one }) => one === "task").length).toBe(1001);
        await unmapped(() => window.show(failure));
        const { race } = THEMES[theme];
        for (const label of [FAILS, PASSES]) {
          const boxes = await window.seen(race, await window.canvasOf(label));
          expect(boxes, label).toHaveLength(2);
        }
        const minimap = window.page.locator("#minimap");
        const box = (await minimap.boundingBox()) as Box;
        expect(box.height).toBeGreaterThan(60);
        expect((await window.seen(race, box)).length).toBeGreaterThanOrEqual(2); // of each run
        const scroll = (): Promise<[number, number]> =>
          window.pane(FAILS).evaluate(({ scrollLeft, scrollTop }) => [Math.round(scrollLeft), Math.round(scrollTop)]);
        await window.page.mouse.click(box.x + box.width / 3, box.y + box.height / 3);
        await painted(window.page);
        const [left, top] = await scroll();
        expect(top).toBeGreaterThan(1000);
        const lower = await window
          .pane(PASSES)
          .evaluate(({ scrollLeft, scrollTop }) => [Math.round(scrollLeft), scrollTop]);
        expect(lower).toEqual([left, 0]); // one axis, and rows of its own
        await window.press("r");
        expect((await scroll())[1]).toBeLessThan(100);
      });
    },
  );

  describe.skipIf(!isHere)("a failure", () => {
    const window = useWindow(name, "light");

    test("stands above the run that passes, aligned up to where they part", async () => {
      const failure = soldTwice();
      const { actors, steps } = failure.log;
      const other = failure.passingLog?.steps ?? [];
      const parting = steps.findIndex(
        ({ actor, time }, index) => actor !== other[index]?.actor || time !== other[index]?.time,
      );
      expect(parting).toBeGreaterThan(2);
      expect(actors.length).toBeGreaterThan(2);
      await window.show(failure);
      const [upper, lower] = [await window.canvasOf(FAILS), await window.canvasOf(PASSES)];
      expect(upper.y + upper.height).toBeLessThan(lower.y);
      expect(lower.x).toBe(upper.x);
      const starts = async (canvas: Box): Promise<number[]> => {
        const boxes = await window.seen("43,99,196", canvas);
        return boxes.map(({ x }) => Math.round(x)).sort((left, right) => left - right);
      };
      const [above, below] = [await starts(upper), await starts(lower)];
      expect(above.slice(0, parting)).toEqual(below.slice(0, parting));
      expect(await window.page.getByLabel("Legend").textContent()).toContain("the runs part");
    });

    test("shows its error, the line of the source, and the way from one mark to the next", async () => {
      const failure = soldTwice();
      await window.show(failure);
      const head = window.page.getByRole("region", { name: "Failure" });
      expect(await head.getByRole("heading").textContent()).toBe(`errorError: ${SOLD_TWICE}`);
      expect(await head.getByRole("heading").isVisible()).toBe(true);
      expect(await window.kind()).toBe(`Step ${failure.race?.first.step} of ${failure.log.steps.length} steps`);
      expect(await window.details().locator(".note.race").textContent()).toMatch(/^1 races/);
      expect(await window.details().textContent()).toMatch(/timeline-programs\.ts:\d+:\d+/);

      await window.press("r");
      expect(await window.kind()).toBe(`Step ${failure.race?.second.step} of ${failure.log.steps.length} steps`);
      expect(await window.details().locator(".note.race").textContent()).toMatch(/^2 races/);
      const departures = failure.log.steps.filter(({ choice }) => choice > 0).map(({ index }) => index);
      await window.press("Home");
      for (const step of departures) {
        await window.press("d");
        expect(await window.kind()).toBe(`Step ${step} of ${failure.log.steps.length} steps`);
        expect(await window.details().locator(".note.departure").textContent()).toMatch(
          /^departs from asyncio's order/,
        );
      }
      await head
        .getByRole("button", { name: /^Task-1 · / })
        .last()
        .click();
      expect(await window.details().locator(".end").textContent()).toBe("throws");
      const lines = await window.details().locator("code.source").allTextContents();
      expect(lines).toContain("if (shelf.sold > 1) throw new Error(`the last book was sold ${shelf.sold} times`);");
      expect(lines).toContain("yield* sleep(0.06);");
      expect(window.others()).toEqual([]); // the lines came with the page
    });

    test("goes from one run to the other by keys, and shows the same step in both", async () => {
      const failure = soldTwice();
      const [own, other] = [failure.log.steps.length, failure.passingLog?.steps.length];
      await window.show(failure);
      expect(await window.focused()).toBe(FAILS);
      await window.press("Tab");
      expect(await window.focused()).toBe(PASSES);
      await window.press("Home");
      expect(await window.kind()).toBe(`Step 0 of ${other} steps`);
      await window.press("End");
      expect(await window.kind()).toBe(`Step ${(other ?? 0) - 1} of ${other} steps`);
      await window
        .details()
        .getByRole("button", { name: / · step \d+$/ })
        .first()
        .click();
      expect(await window.kind()).toMatch(new RegExp(`of ${own} steps$`));
      expect(await window.focused()).toBe(FAILS);
      await window.press("Escape");
      expect(await window.details().getByRole("heading").textContent()).toBe("The whole run");
      await window.press("r", "r");
      expect(await window.details().locator(".note.race").textContent()).toMatch(/^2 races/);
    });

    test("takes all texts for texts, whatever they are", async () => {
      const log = hostileLog();
      const error = Object.assign(new Error(HOSTILE), { name: HOSTILE });
      const primitives = [{ id: 0, kind: "lock", number: 0, name: HOSTILE, limit: 0, origin: [HOSTILE] }] as const;
      const changes = [{ step: 1, primitive: 0, holders: [1, -1, 99], count: 4 }];
      const hostile = { ...log, primitives, changes };
      const run: TimelineRun = {
        log: hostile,
        passingLog: hostile,
        status: HOSTILE,
        error,
        race: { first: { step: 2 }, second: { step: 4 } },
      };
      await window.show(run);
      for (let step = 0; step < 8; step++) await window.press("ArrowRight");
      await window.press("Home", "ArrowRight", "Escape", "Tab", "End");
      expect(await window.page.getByRole("region", { name: "Failure" }).getByRole("heading").textContent()).toContain(
        HOSTILE,
      );
      const made = await window.page.evaluate(() => [
        "hacked" in window,
        document.scripts.length,
        document.images.length,
      ]);
      expect(made).toEqual([false, 2, 0]);
      expect(window.others()).toEqual([]);
    });

    test("without a race opens at its end", async () => {
      const run = simulate(function* main() {
        yield* sleep(1);
        throw new Error("too late");
      });
      await window.show(run);
      expect(await window.details().locator(".end").textContent()).toBe("throws");
      expect(await window.page.getByRole("region", { name: "Failure" }).textContent()).toContain("too late");
      expect(await window.page.getByRole("region", { name: "Timeline" }).count()).toBe(1);
    });

    test("of a run that returned is none", async () => {
      await window.show(simulate(function* () {}));
      expect(await window.page.getByRole("region", { name: "Failure" }).count()).toBe(0);
      expect(await window.details().getByRole("heading").textContent()).toBe("The whole run");
    });
  });
});
