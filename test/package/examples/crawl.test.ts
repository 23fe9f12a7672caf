// The crawler, run as a user runs it: in a process of its own, over real sockets.

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Page } from "../../../examples/crawl/tally.ts";
import { runExample, startExample } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "wasyncio-crawl-"));
afterAll(() => rmSync(folder, { recursive: true }));

const crawl = (...args: string[]) => runExample("crawl.ts", ...args);

/** The rows of the report, those below another one with its name in front: { pages: "62", "pages/ok": "55"... } */
function rowsOf(stdout: string): Record<string, string> {
  const rows: Record<string, string> = {};
  let group = "";
  for (const [, indent, label, value] of stdout.matchAll(/^( {2,4})(\w.*?) {2,}(\S.*)$/gm)) {
    if (indent === "  ") group = label;
    rows[indent === "  " ? label : `${group}/${label}`] = value;
  }
  return rows;
}

function pagesIn(file: string): Page[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Page);
}

/** Runs `body` with a server on this machine, and the address of its home page. */
async function withServer<T>(server: Server, body: (url: string) => Promise<T>): Promise<T> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe.concurrent("the crawler", () => {
  test("finishes its embedded site in all its failure modes", { retry: 1 }, async () => {
    const json = join(folder, "embedded.jsonl");
    // A timeout far above the slowest answer, so that a slow machine changes no figure.
    const { end, stdout, stderr } = await crawl("--pages", "60", "--timeout", "2", "--sample", "3", "--json", json);
    expect(end).toBe(0);
    expect(rowsOf(stdout)).toMatchObject({
      pages: "62", // a link to nowhere and the redirect loop on top
      "pages/ok": "55",
      "pages/refused": "1",
      "pages/broken": "1",
      "pages/timeout": "2",
      "pages/unreachable": "1",
      "pages/duplicate": "1",
      "pages/redirect loop": "1",
      requests: "87",
      "requests/200": "56",
      "requests/302": "14",
      "requests/404": "1",
      "requests/500": "7",
      "requests/timeout": "6",
      "requests/unreachable": "3",
      timeouts: "6",
      retries: "12",
      redirects: "13",
      "off-site links": "55",
      bytes: expect.stringMatching(/^29\d,\d{3}$/) as string,
      "latency p50": expect.stringMatching(/^\d+ ms$/) as string,
      "latency p99": expect.stringMatching(/^\d+ ms$/) as string,
      elapsed: expect.stringMatching(/^\d+\.\d\d s$/) as string,
    });
    expect(stdout).toMatch(/one at a time +3 pages in .*\n +100 at a time +55 pages in .* times as fast\n$/);
    expect(stderr).toMatch(/^\d\.\d s, \d+ of \d+ pages, \d+ pages\/s, \d+ in flight, \d+ retries, \d+ timeouts\n/);
    checkEmbeddedPages(pagesIn(json));
  });

  function checkEmbeddedPages(pages: Page[]): void {
    const urls = pages.map((page) => page.url);
    expect(new Set(urls).size).toBe(62);
    expect(new Set(urls.map((url) => new URL(url).hostname))).toEqual(new Set(["127.0.0.1"]));
    const outcomes = new Map(pages.map((page) => [page.outcome, page]));
    expect(outcomes.get("redirect loop")).toMatchObject({ redirects: 10, status: 302 });
    expect(outcomes.get("duplicate")).toMatchObject({ redirects: 1, finalUrl: urls[0] });
    expect(outcomes.get("timeout")).toMatchObject({ status: "timeout", error: "no answer in 2 s" });
    expect(outcomes.get("unreachable")).toMatchObject({ status: "unreachable", bytes: 0 });
    const moved = pages.filter((page) => page.finalUrl.includes("/moved/"));
    expect(moved.map(({ outcome, redirects }) => [outcome, redirects])).toEqual([
      ["ok", 1],
      ["ok", 1],
    ]);
  }

  test("at Ctrl-C prints its summary, and ends with code 130", async () => {
    const running = startExample("crawl.ts", "--pages", "300");
    await running.wrote(/ [1-9]\d* of /);
    running.child.kill("SIGINT");
    const { end, stdout } = await running.ended;
    expect(end).toBe(130);
    expect(rowsOf(stdout)).toMatchObject({ "stopped by": "interrupt" });
    expect(Number(rowsOf(stdout)["pages"])).toBeGreaterThan(0);
    expect(Number(rowsOf(stdout)["pages"])).toBeLessThan(300);
  });

  test("at its deadline prints its summary", async () => {
    const { end, stdout } = await crawl("--pages", "1000", "--deadline", "2", "--sample", "0");
    expect(end).toBe(0);
    expect(rowsOf(stdout)).toMatchObject({ "stopped by": "deadline" });
  });

  test("crawls another site within its limits: concurrency, pages, its own origin", async () => {
    const json = join(folder, "other.jsonl");
    let atOnce = 0;
    let mostAtOnce = 0;
    const hosts = new Set<string | undefined>();
    const server = createServer((request, response) => {
      hosts.add(request.headers.host);
      mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      const links = Array.from({ length: 100 }, (_, index) => `<a href=/${index}>`).join("");
      const elsewhere = `<a href="http://localhost:${(server.address() as AddressInfo).port}/">`;
      setTimeout(() => {
        atOnce--;
        response.setHeader("content-type", "text/html").end(links + elsewhere);
      }, 20);
    });
    await withServer(server, async (url) => {
      const { end, stdout } = await crawl("--url", url, "--concurrency", "5", "--max-pages", "40", "--json", json);
      expect(end).toBe(0);
      expect(rowsOf(stdout)).toMatchObject({ pages: "40", "pages/ok": "40", requests: "40" });
      expect(stdout).not.toContain("one at a time");
      expect(mostAtOnce).toBe(5);
      expect(hosts).toEqual(new Set([new URL(url).host]));
      expect(pagesIn(json)).toHaveLength(40);
    });
  });

  test("stops reading at 2 MB, and does not read what is not HTML", async () => {
    const server = createServer((request, response) => {
      const type = request.url === "/image" ? "image/png" : "text/html";
      const body = "<a href=/image>".padEnd(3_000_000);
      response.setHeader("content-type", type).end(body);
    });
    const json = join(folder, "large.jsonl");
    await withServer(server, (url) => crawl("--url", url, "--json", json));
    const [home, image] = pagesIn(json);
    expect(home.bytes).toBeGreaterThanOrEqual(2_000_000);
    expect(home.bytes).toBeLessThan(3_000_000);
    expect(image).toMatchObject({ outcome: "ok", bytes: 0 });
  });

  test("does not follow a redirect to another site", async () => {
    const server = createServer((_, response) => {
      response.writeHead(301, { location: `http://localhost:${(server.address() as AddressInfo).port}/` }).end();
    });
    await withServer(server, async (url) => {
      const { end, stdout, stderr } = await crawl("--url", url);
      expect(end).toBe(1);
      expect(stderr).toContain("Cannot crawl: it redirects to http://localhost:");
      expect(rowsOf(stdout)).toMatchObject({ "pages/off-site": "1", "requests/301": "1", requests: "1" });
    });
  });

  test("says why it cannot crawl, and ends with code 1", async () => {
    const url = await withServer(createServer(), (address) => Promise.resolve(address)); // closed by now
    const { end, stdout, stderr } = await crawl("--url", url, "--retries", "1");
    expect(end).toBe(1);
    expect(stderr).toContain("Cannot crawl: connect ECONNREFUSED");
    expect(rowsOf(stdout)).toMatchObject({
      "pages/unreachable": "1",
      requests: "2",
      retries: "1",
      "latency p50": "none",
    });
  });

  test("prints its options with --help", async () => {
    const { end, stdout } = await crawl("--help");
    expect(end).toBe(0);
    for (const option of ["--url", "--concurrency", "--max-pages", "--timeout", "--deadline", "--retries", "--json"]) {
      expect(stdout).toContain(option);
    }
  });

  test("answers bad arguments with its usage, and code 2", async () => {
    const { end, stdout, stderr } = await crawl("--timeout", "0");
    expect(end).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: .*\n\nUsage: npm start -- \[options\]\n/);
  });
});
