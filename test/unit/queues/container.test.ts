// What queues do not show of src/core/container.ts: memory. The rest is in their tests.

import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { expect, test } from "vitest";
import { Queue } from "wasyncio";
import { CONTAINER_FIFO, CONTAINER_LIFO } from "../../../src/core/abi.ts";
import { Container, containerCore } from "../../../src/core/container.ts";
import { PriorityContainer } from "../../../src/core/priority-container.ts";

/** Number that the next container gets: the latest that was given back, or a new one. */
function nextNumber(): number {
  const core = containerCore();
  const number = core.createContainer(CONTAINER_FIFO, 0);
  core.destroyContainer(number);
  return number;
}

const order = {
  numeric: true,
  priorityOf: (item: string) => item,
  precedes: (l: unknown, r: unknown) => Number(l) < Number(r),
};

test.each<[string, () => Container<string>]>([
  ["first in, first out", () => new Container<string>(CONTAINER_FIFO, 0)],
  ["last in, first out", () => new Container<string>(CONTAINER_LIFO, 0)],
  ["by priority", () => new PriorityContainer<string>(0, order)],
])("a container holds nothing in the core before the first item, and behind clear: %s", (_, create) => {
  const unused = nextNumber();
  const container = create();
  expect([container.count, container.list()]).toEqual([0, []]);
  container.clear();
  expect(nextNumber()).toBe(unused);
  container.put("1");
  expect(nextNumber()).not.toBe(unused);
  container.clear();
  expect(nextNumber()).toBe(unused);
  expect(container.count).toBe(0);
  container.put("2");
  container.put("3");
  expect(container.list()).toEqual(["2", "3"]);
  container.clear();
});

test("taking from an empty container is refused", () => {
  const container = new Container(CONTAINER_FIFO, 1);
  expect(() => container.take()).toThrow(expect.objectContaining({ name: "QueueEmpty" }));
  container.put(1);
  expect(() => container.put(2)).toThrow(expect.objectContaining({ name: "QueueFull" }));
  expect(container.list()).toEqual([1]);
});

test("the containers of queues that were collected are given back", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const first = nextNumber();
  (() => {
    for (let index = 0; index < 1000; index++) new Queue<number>().putNowait(index);
  })();
  expect(nextNumber()).toBeGreaterThanOrEqual(first + 1000);
  for (let turn = 0; turn < 100 && nextNumber() >= first + 1000; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(nextNumber()).toBeLessThan(first + 1000);
});
