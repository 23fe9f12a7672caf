// The page of a run in a browser's window, for tests of what it shows.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Locator, Page } from "playwright-core";
import { toTimelinePage } from "wasyncio/timeline";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type BrowserName, type Theme, findBrowser } from "../../support/browsers.ts";
import { type Box, boxesOf, notePaintedTexts, painted } from "./page-reader.ts";

/** A browser, opened before the tests of a suite and closed after them. Each test opens a page in it. */
export function useWindow(name: BrowserName, theme: Theme): Window {
  const window = new Window(name, theme);
  beforeAll(() => window.open());
  afterEach(() => window.leave());
  afterAll(() => window.close());
  return window;
}

class Window {
  page!: Page;
  readonly #name: BrowserName;
  readonly #theme: Theme;
  #folder = "";
  #browser!: Browser;
  /** Decodes screenshots: a page of ours loads no picture. */
  #decoder!: Page;
  #address = "";
  #errors: string[] = [];
  #requests: string[] = [];

  constructor(name: BrowserName, theme: Theme) {
    this.#name = name;
    this.#theme = theme;
  }

  async open(): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), "wasyncio-failure-"));
    this.#browser = await (findBrowser(this.#name) as (theme: Theme) => Promise<Browser>)(this.#theme);
    this.#decoder = await this.#browser.newPage();
  }

  async leave(): Promise<void> {
    await this.page.close();
    expect(this.#errors.splice(0)).toEqual([]);
    this.#requests = [];
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Opens the page of a run from a file. */
  async show(run: Parameters<typeof toTimelinePage>[0]): Promise<void> {
    const file = join(this.#folder, "run.html");
    writeFileSync(file, toTimelinePage(run, { title: "a run" }));
    this.page = await this.#browser.newPage({ viewport: { width: 1400, height: 800 }, colorScheme: this.#theme });
    this.page.setDefaultTimeout(0); // the test's own limit is enough
    this.page.on("pageerror", (error) => this.#errors.push(String(error)));
    this.page.on("request", (request) => this.#requests.push(request.url()));
    await this.page.addInitScript(notePaintedTexts);
    this.#address = pathToFileURL(file).href;
    await this.page.goto(this.#address);
    await painted(this.page);
  }

  /** What it has asked for but for itself. */
  others(): string[] {
    return this.#requests.filter((url) => url !== this.#address);
  }

  /** The timeline of a run. */
  pane(label: string): Locator {
    return this.page.getByRole("region", { name: label, exact: true });
  }

  details(): Locator {
    return this.page.getByLabel("Details");
  }

  /** The line above the name of the selected step. */
  kind(): Promise<string | null> {
    return this.details().locator(".kind").textContent();
  }

  focused(): Promise<string | null | undefined> {
    return this.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  }

  async canvasOf(label: string): Promise<Box> {
    return (await this.pane(label).locator("canvas").boundingBox()) as Box;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
    await painted(this.page);
  }

  /** The boxes of a colour in a part of the window, as a screenshot shows them. */
  async seen(colour: string, clip: Box): Promise<Box[]> {
    const picture = await this.page.screenshot({ clip });
    // To take it, playwright puts a style into the page, which its policy refuses.
    this.#errors = this.#errors.filter((error) => !/blocked an inline style/.test(error));
    return boxesOf(this.#decoder, picture, colour);
  }
}
