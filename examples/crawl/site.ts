// The embedded site: a web server on loopback that treats its visitors as the real web does.
//
// It is written in plain Node, over node:http and without wasyncio's streams: to the crawler it is the outside world,
// reached through real sockets, and no mistake of ours can be made at both ends.

import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type Coroutine, wrapFuture } from "wasyncio";
import { type PagePlan, planSite } from "./site-map.ts";

const HTML = { "content-type": "text/html; charset=utf-8" };

/** The site; an async context manager whose `with` value is the address of its home page. */
export class Site {
  readonly #pages: Map<string, PagePlan>;
  /** How often each page has failed so far. */
  readonly #failures = new Map<PagePlan, number>();
  readonly #server: Server;
  #port = 0;

  constructor(pages: number, seed: number) {
    this.#pages = new Map(planSite(pages, seed).map((page) => [page.path, page]));
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 0; // never the first to hang up: a request would cross with that
  }

  *aenter(): Coroutine<string> {
    this.#server.listen(0, "127.0.0.1");
    yield* wrapFuture(once(this.#server, "listening"));
    this.#port = (this.#server.address() as AddressInfo).port;
    return `http://127.0.0.1:${this.#port}/`;
  }

  *aexit(): Coroutine<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections(); // some would hang for ever
    yield* wrapFuture(closed);
  }

  async #serve({ url = "/" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.#pages.get(new URL(url, "http://localhost").pathname);
    if (page === undefined) return answer(response, 404, "<h1>No such page</h1>");
    await pause(page.delayMs, undefined, { ref: false });
    if (response.destroyed) return; // the visitor has left meanwhile, or the site has closed
    switch (page.behaviour) {
      case "plain":
      case "flaky":
      case "broken":
        return this.#answerOrFail(page, response);
      case "moved":
      case "alias":
      case "loop":
        return void response.writeHead(302, { location: page.target as string }).end();
      case "dropping":
        return void response.writeHead(200, HTML).write("<h1>Page", () => response.destroy());
      case "dripping":
        return drip(response);
      case "hanging":
    }
  }

  #answerOrFail(page: PagePlan, response: ServerResponse): void {
    const failures = this.#failures.get(page) ?? 0;
    if (failures === page.failures) return answer(response, 200, this.#render(page));
    this.#failures.set(page, failures + 1);
    answer(response, 500, "<h1>Out of order</h1>");
  }

  #render(page: PagePlan): string {
    // The same server under another name is another site: a crawler has to leave it alone.
    const elsewhere = `http://localhost:${this.#port}/`;
    const items = [...page.links, elsewhere].map((link) => `<li><a href="${link}">${link}</a></li>`);
    const text = "Lorem ipsum. ".repeat(page.textBytes / 13);
    return `<!doctype html>\n<h1>${page.path}</h1>\n<p>${text}</p>\n<ul>\n${items.join("\n")}\n</ul>\n`;
  }
}

function answer(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, HTML).end(html);
}

function drip(response: ServerResponse): void {
  response.writeHead(200, HTML);
  const timer = setInterval(() => response.write("."), 200);
  response.on("close", () => clearInterval(timer));
}
