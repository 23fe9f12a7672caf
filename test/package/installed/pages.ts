// Pages in real browsers: a folder that is served, and what a page of it has to say.

import { readFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Browser } from "playwright-core";

const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

/** A folder that is served at `address`. */
export interface Site {
  readonly address: string;
  close(): void;
}

/** Serves a folder's files, with a Content-Security-Policy if one is given. */
export async function serve(folder: string, policy?: string): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = request.url === "/" ? "/index.html" : (request.url as string);
    readFile(join(folder, path)).then(
      (content) => {
        response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
        if (policy !== undefined) response.setHeader("content-security-policy", policy);
        response.end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

/** Opens a page, and resolves with what it logs first. Rejects with the first error that nobody catches. */
export async function firstWords(browser: Browser, address: string): Promise<string> {
  const page = await browser.newPage();
  try {
    return await new Promise<string>((resolve, reject) => {
      page.on("console", (message) => message.type() === "log" && resolve(message.text()));
      page.on("pageerror", reject);
      page.goto(address).catch(reject);
    });
  } finally {
    await page.close();
  }
}
