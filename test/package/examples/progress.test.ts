// The progress in virtual time: only its clock for the figures is the machine's.

import { expect, test } from "vitest";
import { type Coroutine, createTask, sleep } from "wasyncio";
import { VirtualEventLoop } from "wasyncio/testing";
import { showProgress } from "../../../examples/crawl/progress.ts";
import { Tally } from "../../../examples/crawl/tally.ts";

/** What is written while a crawl takes so many seconds. */
function written(seconds: number, terminal: { isTTY: boolean; columns: number }): string[] {
  const writes: string[] = [];
  function* main(): Coroutine<void> {
    const task = createTask(showProgress(new Tally(), { ...terminal, write: (text) => writes.push(text) }));
    yield* sleep(seconds);
    task.cancel();
  }
  new VirtualEventLoop().runUntilCompleteSync(main());
  return writes;
}

test("elsewhere than on a terminal, a line is written each second", () => {
  const lines = written(3.5, { isTTY: false, columns: 0 });
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^\d+\.\d s, 0 of 0 pages, .* timeouts\n$/);
});

test("on a terminal, a line is rewritten in place, and erased at the end", () => {
  const lines = written(0.45, { isTTY: true, columns: 20 });
  expect(lines).toHaveLength(6);
  expect(lines.pop()).toBe("\r\x1b[K");
  for (const line of lines) expect(textOf(line)).toHaveLength(19);
});

test("a terminal of unknown width is taken for one of 80", () => {
  const [line] = written(0.1, { isTTY: true, columns: 0 });
  expect(textOf(line).length).toBeGreaterThan(60);
  expect(textOf(line).length).toBeLessThan(80);
});

/** What is between the return to the start of the line and the order to erase the rest of it. */
function textOf(line: string): string {
  expect(line.startsWith("\r")).toBe(true);
  expect(line.endsWith("\x1b[K")).toBe(true);
  return line.slice(1, -3);
}
