// Chromium and Firefox, as Debian has them: the suite in a page, and once more what depends on the host in a worker.

import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { BROWSERS, type BrowserName, findBrowser, installBy } from "../../support/browsers.ts";
import type { FoundHost, Host } from "../hosts.ts";
import { LIMIT } from "../process.ts";
import type { Order, Outcome } from "../suite/index.ts";
import type { Result } from "../suite/report.ts";

export const browsers: readonly Host[] = BROWSERS.map((name) => ({
  name,
  condition: "browser",
  install: installBy(name),
  find: () => find(name),
}));

async function find(name: BrowserName): Promise<FoundHost | null> {
  const open = findBrowser(name);
  if (open === null) return null;
  const browser = await open();
  const version = browser.version();
  await browser.close();
  return { version, run: (folder, order) => runIn(open, folder, order) };
}

async function runIn(launch: () => Promise<Browser>, folder: string, order: Order): Promise<Outcome> {
  const server = await serve(folder);
  const browser = await launch();
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    // The worker comes first: a page that has made thousands of loops holds address space that a worker of it cannot
    // collect.
    const results: Result[] = [];
    if (order.parts.includes("host")) {
      const inWorker = await evaluate(browser, url, inAWorker({ parts: ["host"] }));
      results.push(...inWorker.results.map((result) => ({ ...result, name: `in a worker: ${result.name}` })));
    }
    const outcome = await evaluate(browser, url, inPage(order));
    return { ...outcome, results: [...results, ...outcome.results] };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Evaluates an expression in a page of its own. */
async function evaluate(browser: Browser, url: string, expression: string): Promise<Outcome> {
  const page = await browser.newPage();
  await page.goto(url);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${LIMIT} s`)), LIMIT * 1000);
  });
  try {
    const outcome = JSON.parse(await Promise.race([page.evaluate<string>(expression), late])) as Outcome;
    await page.close();
    return outcome;
  } finally {
    clearTimeout(timer);
  }
}

const inPage = (order: Order): string =>
  `import("/suite.mjs").then(({ runSuite }) => runSuite(${JSON.stringify(order)})).then(JSON.stringify)`;

const inAWorker = (order: Order): string => `new Promise((resolve, reject) => {
  const worker = new Worker("/worker.mjs", { type: "module" });
  worker.onmessage = ({ data }) => (worker.terminate(), resolve(data));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(${JSON.stringify(JSON.stringify(order))});
})`;

const WORKER = `import { runSuite } from "/suite.mjs";
onmessage = async ({ data }) => postMessage(JSON.stringify(await runSuite(JSON.parse(data))));
`;

/** Serves a folder's bundle. */
async function serve(folder: string): Promise<Server> {
  const server = createServer(({ url }, response) => {
    const script = (text: string | Buffer) => response.setHeader("content-type", "text/javascript").end(text);
    if (url === "/suite.mjs") script(readFileSync(join(folder, "suite.mjs")));
    else if (url === "/worker.mjs") script(WORKER);
    else response.setHeader("content-type", "text/html").end("<!doctype html><title>wasyncio</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
