// The page of examples/browser, as `npm run example:browser` serves it: here, because it needs browsers, too.

import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { type ViteDevServer, createServer } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { BROWSERS, openBrowser } from "../../support/browsers.ts";
import { repository } from "./project.ts";

let server: ViteDevServer;
beforeAll(async () => {
  const root = join(repository, "examples/browser");
  server = await createServer({ root, configFile: false, logLevel: "error", server: { port: 0, watch: null } });
  await server.listen();
});
afterAll(() => server.close());

describe.each(BROWSERS)("the page in %s", (name) => {
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser(name);
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(server.resolvedUrls?.local[0] as string);
  });
  afterEach(async () => {
    await page.close();
    expect(errors.splice(0)).toEqual([]);
  });

  const row = (task: string) => page.getByRole("row", { name: new RegExp(`^${task} `) });
  const button = (text: string) => page.getByRole("button", { name: text, exact: true });
  const output = () => page.getByRole("log").getByRole("listitem").allTextContents();
  const state = (task: string, text: string | RegExp) =>
    row(task).getByRole("cell", { name: text, exact: true }).waitFor();
  const printed = (text: string) => page.getByRole("listitem").filter({ hasText: text }).waitFor();

  test("shows its program before it runs", async () => {
    expect(await page.getByLabel("Source of the program").textContent()).toContain("function* kitchen()");
    expect(await page.getByRole("status").textContent()).toBe("Not started.");
    expect(await button("Cancel all").isDisabled()).toBe(true);
    expect(await row("soup").count()).toBe(0);
  });

  // The page keeps time: on a machine that stands still at the wrong moment, a state may be over before anyone has seen
  // it.
  test("shows what the tasks do, and a task that is cancelled runs its finally", { retry: 2 }, async () => {
    await button("Start").click();
    await state("kitchen", "waiting for all dishes");
    await state("waiter", "waiting for a dish");
    await printed("The rice is on a stove.");
    await state("rice", /^sleeping until \d\.\d s$/);
    await state("soup", "waiting for a stove");
    expect(await coloursIn(page, await page.screenshot())).toBeGreaterThan(20);

    await button("Cancel rice").click();
    await state("rice", /^stopping: sleeping until \d\.\d s$/);
    await state("rice", "cancelled");
    await printed("The stove of the rice is wiped.");
    expect(await button("Cancel rice").isDisabled()).toBe(true);
    await printed("The soup is on a stove.");

    await button("Cancel all").click();
    await page.getByRole("status").filter({ hasText: "Cancelled: " }).waitFor();
    for (const task of ["kitchen", "waiter", "soup", "cake"]) await state(task, "cancelled");
    expect((await output()).at(-1)).toContain("The stove of the");
    expect(await button("Start").isEnabled()).toBe(true);
  });

  test("plays the whole program at once in virtual time", async () => {
    await page.getByLabel("in virtual time").check();
    await button("Start").click();
    await page.getByRole("status").filter({ hasText: "Done: 11.9 s on the loop's clock" }).waitFor();
    expect(await output()).toEqual(WHOLE_OUTPUT);
    for (const task of ["kitchen", "waiter", "soup", "cake"]) await state(task, "done");
  });
});

/** All that the program prints when nobody cancels anything. */
const WHOLE_OUTPUT = [
  "0.2 s The rice is on a stove.",
  "0.5 s The fish is on a stove.",
  "3.7 s The fish is served.",
  "3.8 s The stove of the fish is wiped.",
  "3.8 s The soup is on a stove.",
  "4.4 s The rice is served.",
  "4.5 s The stove of the rice is wiped.",
  "4.5 s The stew is on a stove.",
  "7.0 s The soup is served.",
  "7.1 s The stove of the soup is wiped.",
  "7.1 s The cake is on a stove.",
  "8.2 s The stew is served.",
  "8.3 s The stove of the stew is wiped.",
  "11.1 s The cake is burnt.",
  "11.9 s The stove of the cake is wiped.",
  "11.9 s The kitchen is closed.",
];

/** Number of colours in a picture, as the browser itself decodes it. */
function coloursIn(page: Page, picture: Buffer): Promise<number> {
  return page.evaluate(
    async (data) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.drawImage(image, 0, 0);
      const { buffer } = context.getImageData(0, 0, image.width, image.height).data;
      return new Set(new Uint32Array(buffer)).size;
    },
    `data:image/png;base64,${picture.toString("base64")}`,
  );
}
