// The command line of the crawler: what it answers to bad arguments. test/package/examples/crawl.test.ts starts it with
// some.

import { afterEach, expect, test, vi } from "vitest";
import { parseArguments } from "../../../examples/crawl/options.ts";

afterEach(() => void vi.restoreAllMocks());

const BAD_ARGUMENTS = [
  "--nonsense",
  "extra",
  "--timeout",
  "--timeout=",
  "--timeout NaN",
  "--timeout 0",
  "--timeout -1",
  "--timeout Infinity",
  "--deadline soon",
  "--concurrency 0",
  "--concurrency -5",
  "--concurrency 1.5",
  "--concurrency 1e6",
  "--max-pages many",
  "--retries -1",
  "--pages 3",
  "--url nonsense",
  "--url ftp://127.0.0.1/",
  "--url http://127.0.0.1/ --seed 2",
  "--json /nonexistent/out.jsonl",
];
test.each(BAD_ARGUMENTS)("%s is answered with the usage, and code 2", (line) => {
  const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => {
    let written = "";
    vi.spyOn(stream, "write").mockImplementation((text) => ((written += String(text)), true));
    return () => written;
  }) as [() => string, () => string];
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  expect(() => parseArguments(["node", "crawl.ts", ...line.split(" ")])).toThrow("exit 2");
  expect(stdout()).toBe("");
  expect(stderr()).toMatch(/^error: .*\n\nUsage: npm start -- \[options\]\n/);
});
