// The page of a log, in a real browser and from a file, as it is opened: what it shows, what can be done with it, and
// that nothing in a log can do anything to it.

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import type { SimulationLog } from "wasyncio/testing";
import { toTimelinePage } from "wasyncio/timeline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findBrowser, installBy } from "../../support/browsers.ts";
import { firstStepIn, notePaintedTexts, painted, paintedTexts, pixels } from "./page-reader.ts";
import { HOSTILE, hostileLog, largeLog, smallLog, unmapped } from "./timeline-programs.ts";

test("what is no log, or no title, is refused", () => {
  expect(() => toTimelinePage({} as never)).toThrow("Invalid log: expected the log of a simulation, got ");
  expect(() => toTimelinePage(smallLog(), { title: 7 as never })).toThrow(TypeError);
});

test("the page is the same for the same run", () => {
  const [one, other] = [1, 2].map(() => toTimelinePage(smallLog()));
  expect(other).toBe(one);
});

const open = findBrowser("chromium");
const where = open === null ? `in Chromium, which is not here: ${installBy("chromium")}` : "in Chromium";

describe.skipIf(open === null)(where, () => {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-timeline-"));
  let browser: Browser;
  let page: Page;
  let requests: string[];
  let errors: string[];

  beforeAll(async () => {
    browser = await (open as () => Promise<Browser>)();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    [requests, errors] = [[], []];
    page = await browser.newPage({ viewport: { width: 1400, height: 700 } });
    page.setDefaultTimeout(0); // the test's own limit is enough
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => errors.push(message.text()));
    page.on("dialog", (dialog) => {
      errors.push(dialog.message());
      void dialog.dismiss();
    });
    await page.addInitScript(notePaintedTexts);
  });
  afterEach(async () => {
    await page.close();
    expect(errors).toEqual([]);
  });

  /** Opens the page of a log from a file. Returns its address. */
  async function show(log: SimulationLog, title = "a small run", hash = ""): Promise<string> {
    const file = join(folder, "run.html");
    writeFileSync(file, toTimelinePage(log, { title }));
    const { href } = pathToFileURL(file);
    await page.goto(href + hash);
    await painted(page);
    return href;
  }

  const details = () => page.getByLabel("Details");
  const heading = () => details().getByRole("heading").textContent();
  const kind = () => details().locator(".kind").textContent();
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };

  test("opens without an error, and asks for nothing else", async () => {
    const address = await show(smallLog());
    await press("ArrowRight", "End", "+", "0");
    await painted(page);
    expect(requests).toEqual([address]);
    expect(await page.title()).toBe("a small run");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("a small run");
    expect(await page.locator("#summary").textContent()).toMatch(/^7 tasks, 25 steps, 1 h 0 min 0 s of virtual time$/);
  });

  test("has a policy that lets no other script and no request through", async () => {
    const address = await show(smallLog());
    const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; base-uri 'none'/);
    const outcome = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "window.hacked = 1";
      document.body.append(script);
      const image = document.createElement("img");
      const loaded = new Promise((resolve) => {
        image.onload = () => resolve("loaded");
        image.onerror = () => resolve("refused");
      });
      image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
      const fetched = await fetch("http://127.0.0.1:9/").then(
        () => "fetched",
        () => "refused",
      );
      return ["hacked" in window, await loaded, fetched];
    });
    expect(outcome).toEqual([false, "refused", "refused"]);
    expect(requests.filter((url) => url.startsWith("http"))).toEqual([]);
    expect(requests[0]).toBe(address);
    const refused = errors.splice(0);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const message of refused) expect(message).toMatch(/Content Security Policy/);
  });

  test("paints the names of all lanes, and what their tasks wait for", async () => {
    await show(smallLog());
    const texts = await paintedTexts(page);
    const lanes = ["Task-1", "Ada", "Grace", "Edsger", "refill", "night watch", "opening hours", "callbacks", "timers"];
    expect(lanes.filter((name) => !texts.includes(name))).toEqual([]);
    expect(texts).toContain("waits for Event");
  });

  test.each(["light", "dark"] as const)("is painted in %s colours", async (colorScheme) => {
    const colours = {
      light: { paper: "255,255,255", step: "43,99,196", error: "192,38,45", ready: "242,201,76" },
      dark: { paper: "20,24,31", step: "110,160,245", error: "255,123,128", ready: "168,134,42" },
    };
    await page.emulateMedia({ colorScheme });
    await show(smallLog());
    await page.getByRole("button", { name: "Fit" }).click();
    await painted(page);
    await expectPainted(colours[colorScheme]);

    const other = colorScheme === "light" ? "dark" : "light";
    await page.emulateMedia({ colorScheme: other }); // an open page goes along
    await painted(page);
    await expectPainted(colours[other]);
  });

  async function expectPainted({ paper, ...marks }: Readonly<Record<string, string>>): Promise<void> {
    const counts = await pixels(page);
    const [most] = Object.entries(counts).sort(([, left], [, right]) => right - left);
    expect(most[0]).toBe(paper);
    for (const [name, colour] of Object.entries(marks)) expect(counts[colour] ?? 0, name).toBeGreaterThan(100);
  }

  test("shows a step that is clicked, where it is painted", async () => {
    await show(smallLog());
    expect(await heading()).toBe("The whole run");
    const box = await page.locator(".canvas").boundingBox();
    const { x, y } = await firstStepIn(page, 2);
    await page.mouse.click((box?.x ?? 0) + x, (box?.y ?? 0) + y);
    expect(await heading()).toBe("Grace");
    expect(await kind()).toBe("Step 2 of 25 steps");
    expect(await details().locator(".end").textContent()).toBe("waits for Event");
    expect(await details().textContent()).toMatch(/timeline-programs\.ts:\d+:\d+/);
    await details().getByRole("button", { name: "Task-1 (spawn) · step 0" }).click();
    expect(await kind()).toBe("Step 0 of 25 steps");
  });

  test("says of a timer that the clock woke it, and not that it was there from the first", async () => {
    await show(smallLog(), "a small run", "#step-9");
    expect(await heading()).toBe("open");
    const text = (await details().textContent()) ?? "";
    expect(text).toContain("Woken bythe clock");
    expect(text).toMatch(/Created ina step before\S* ?\S*timeline-programs\.ts:\d+:\d+/);
    expect(text).not.toContain("before the first step");
  });

  test("goes from step to step by keys", async () => {
    await show(smallLog());
    const after = async (...keys: string[]): Promise<string | null> => {
      await press(...keys);
      return kind();
    };
    expect(await after("ArrowRight")).toBe("Step 0 of 25 steps");
    expect(await after("ArrowRight", "ArrowRight")).toBe("Step 2 of 25 steps");
    expect(await after("Shift+ArrowRight")).toBe("Step 11 of 25 steps");
    expect(await heading()).toBe("Grace");
    expect(await after("ArrowUp")).toBe("Step 10 of 25 steps");
    expect(await heading()).toBe("Ada");
    expect(await after("w")).toBe("Step 9 of 25 steps");
    expect(await heading()).toBe("open");
    expect(await after("ArrowLeft")).toBe("Step 8 of 25 steps");
    expect(await after("End")).toBe("Step 24 of 25 steps");
    expect(await after("ArrowRight")).toBe("Step 24 of 25 steps");
    expect(await after("Home")).toBe("Step 0 of 25 steps");
    expect(await page.locator("#spoken").textContent()).toBe("Step 0, Task-1, at 0 s, gives way");
    await press("Escape");
    expect(await heading()).toBe("The whole run");
  });

  test("plays steps one after the other, until it is told to stop", async () => {
    await page.clock.install({ time: 0 });
    await show(smallLog());
    await page.clock.pauseAt(10_000); // from now on its time is what the test makes it
    await press("Space");
    await page.clock.runFor(800);
    expect(await kind()).toBe("Step 2 of 25 steps");
    await page.getByRole("button", { name: "Pause" }).click();
    expect(await page.getByRole("button", { name: "Play" }).textContent()).toBe("Play");
    await page.clock.runFor(10_000);
    expect(await kind()).toBe("Step 2 of 25 steps");
  });

  test("opens at the step that its address names", async () => {
    await show(smallLog(), "a small run", "#step-21");
    expect(await heading()).toBe("refill");
    expect(await details().locator(".end").textContent()).toBe("throws");
  });

  test("finds tasks by name", async () => {
    await show(smallLog());
    await press("/");
    await page.keyboard.type("grac");
    const matches = page.locator("#matches");
    expect(await matches.textContent()).toBe("1 match");
    await press("Enter");
    expect(await matches.textContent()).toBe("1 of 1");
    expect(await heading()).toBe("Grace");
    await page.getByLabel("Find").fill("ER");
    expect(await matches.textContent()).toBe("2 matches"); // Edsger, timers
    await page.getByLabel("Find").fill("nobody");
    expect(await matches.textContent()).toBe("0 matches");
    await press("Escape");
    expect(await page.getByLabel("Find").inputValue()).toBe("");
  });

  test("takes names for texts, whatever they are", async () => {
    const address = await show(hostileLog(), HOSTILE);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(HOSTILE);
    for (let step = 0; step < 25; step++) await press("ArrowRight");
    await press("Home", "ArrowDown");
    expect(await heading()).toBe(`${HOSTILE}Ada`);
    expect(await details().locator(".end").textContent()).toBe(`waits for ${HOSTILE}`);
    await page.getByLabel("Find").fill("</script>");
    expect(await page.locator("#matches").textContent()).toBe("7 matches");
    const made = await page.evaluate(() => ["hacked" in window, document.scripts.length, document.images.length]);
    expect(made).toEqual([false, 2, 0]);
    expect(requests).toEqual([address]);
  });

  test("opens a log without a step", async () => {
    await show({ actors: [], steps: [], time: 0 });
    await press("ArrowRight", "End", "ArrowDown", "Space", "w", "0");
    expect(await heading()).toBe("The whole run");
  });

  test("opens 1,000 tasks with 20,000 steps, and zooms", async () => {
    const log = largeLog(1000, 20_000);
    expect(log.actors.filter(({ kind: one }) => one === "task").length).toBe(1001);
    expect(log.steps.length).toBeGreaterThan(19_000);
    await unmapped(() => show(log));
    const width = (): Promise<number> => page.locator(".extent").evaluate(({ clientWidth }) => clientWidth);
    const colours = async (): Promise<number> => Object.keys(await pixels(page)).length;
    const first = await width();
    expect(await colours()).toBeGreaterThan(10);

    await page.getByRole("button", { name: "Zoom in" }).click();
    await painted(page);
    expect(await width()).toBeGreaterThan(first);
    await page.mouse.move(700, 350);
    await page.keyboard.down("Control");
    const before = await width();
    await page.mouse.wheel(0, 600);
    await page.keyboard.up("Control");
    await page.waitForFunction((old) => (document.querySelector(".extent")?.clientWidth ?? old) < old, before);
    await page.getByRole("button", { name: "Fit" }).click();
    await painted(page);
    expect(await width()).toBeLessThan(1400);
    expect(await colours()).toBeGreaterThan(10);

    await page.getByLabel("Find").fill("worker-999");
    await press("Enter");
    expect(await heading()).toBe("worker-999");
    await painted(page);
    expect(await paintedTexts(page)).toContain("worker-999");
  });

  test("opens 100,000 steps of 1,000 tasks, and paints no more than there are pixels", async () => {
    const log = largeLog(1000, 101_000, false);
    expect(log.steps.length).toBeGreaterThan(100_000);
    await page.addInitScript(countStrokes);
    await show(log);
    const strokes = () => page.evaluate(() => (globalThis as unknown as { strokes: number }).strokes);
    expect(await page.locator("*").count()).toBeLessThan(200);
    const opened = await strokes();
    expect(opened).toBeGreaterThan(1000);
    expect(opened).toBeLessThan(40_000); // the small picture of the whole among them
    await press("End");
    await painted(page);
    expect(await kind()).toBe(`Step ${log.steps.length - 1} of ${log.steps.length.toLocaleString("en")} steps`);
    expect((await strokes()) - opened).toBeLessThan(2000);
    expect(statSync(join(folder, "run.html")).size).toBeLessThan(100 * log.steps.length);
  });
});

/** Runs in the page, before its own program. */
function countStrokes(): void {
  const counter = Object.assign(globalThis, { strokes: 0 });
  for (const { prototype } of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D])
    for (const name of ["fill", "stroke", "fillRect", "fillText"] as const) {
      const stroke = prototype[name] as (...parameters: unknown[]) => void;
      const counted = function (this: unknown, ...parameters: unknown[]): void {
        counter.strokes++;
        stroke.apply(this, parameters);
      };
      Object.assign(prototype, { [name]: counted });
    }
}
