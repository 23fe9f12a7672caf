// The API of orders: its app in virtual time, called as a server calls it; then served, in a process of its own.

import { afterEach, describe, expect, test, vi } from "vitest";
import { type Coroutine, gather, sleep } from "wasyncio";
import { explore, runSync } from "wasyncio/testing";
import app from "../../../examples/orders.ts";
import { type Running, start } from "../../support/processes.ts";

afterEach(() => void vi.restoreAllMocks());

type Kitchen = Parameters<typeof app.shutdown>[0];

const order = (kitchen: Kitchen, item = "tea"): Coroutine<Response> =>
  app.fetch(new Request(`http://localhost/orders?item=${item}`, { method: "POST" }), kitchen);

/** The states of all orders, in order. */
const states = ({ orders }: Kitchen): string => orders.map(({ state }) => state).join(", ");

describe("in virtual time", () => {
  test("two orders at once are in work, the others wait", () => {
    const seen = runSync(function* () {
      const kitchen = yield* app.startup();
      yield* gather(order(kitchen), order(kitchen), order(kitchen));
      const seen = [];
      for (let i = 0; i < 4; i++) {
        yield* sleep(i === 0 ? 1 : 3);
        seen.push(states(kitchen));
      }
      yield* app.shutdown(kitchen);
      return seen;
    });
    expect(seen).toEqual(["in work, in work, waiting", "done, done, in work", "done, done, done", "done, done, done"]);
  });

  test("more orders than there is room for are refused", async () => {
    const responses = runSync(function* () {
      const kitchen = yield* app.startup();
      const responses = [];
      for (let i = 0; i < 9; i++) responses.push(yield* order(kitchen));
      yield* app.shutdown(kitchen);
      return responses;
    });
    expect(responses.map(({ status }) => status)).toEqual([...Array<number>(8).fill(202), 503]);
    expect(responses[7].headers.get("location")).toBe("/orders/8");
    expect(await responses[8].json()).toEqual({ error: "too many orders" });
  });

  test("the end waits for what was accepted, but not for ever", () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    const end = (count: number): [string, number] =>
      runSync(function* () {
        const kitchen = yield* app.startup();
        for (let i = 0; i < count; i++) {
          yield* sleep(0);
          yield* order(kitchen);
        }
        yield* app.shutdown(kitchen);
        return [states(kitchen), kitchen.cooks.length];
      });
    expect(end(5)[0]).toBe(Array(5).fill("done").join(", "));
    expect(report).not.toHaveBeenCalled();
  });

  test("each order is done once, in whatever order things happen", () => {
    const program = function* (): Coroutine<void> {
      const kitchen = yield* app.startup();
      yield* gather(order(kitchen), order(kitchen), order(kitchen));
      yield* app.shutdown(kitchen);
      expect(states(kitchen)).toBe("done, done, done");
    };
    expect(explore(program, { runs: 300 }).failure).toBeNull();
  });
});

describe("served", () => {
  let service: Running | null = null;
  afterEach(() => void service?.child.kill("SIGKILL"));

  test("it answers, and ends when its orders are done", async () => {
    const typescript = new URL("../../../scripts/typescript.mjs", import.meta.url).href;
    const command = ["dist/cli/main.js", "serve", "examples/orders.ts", "--port", "0"];
    service = start([process.execPath, "--import", typescript, ...command]);
    let url = "";
    service.child.stderr?.on("data", (chunk: string) => (url ||= /http:\S+/.exec(chunk)?.[0] ?? ""));
    await service.wrote(/listening on http/);
    const { status, headers } = await fetch(`${url}/orders?item=tea`, { method: "POST" });
    expect(status).toBe(202);
    const found = await fetch(url + headers.get("location"));
    expect(await found.json()).toMatchObject({ id: 1, item: "tea" });
    expect((await fetch(`${url}/orders/2`)).status).toBe(404);
    service.child.kill("SIGTERM");
    expect(await service.ended).toMatchObject({ end: 0, stderr: expect.not.stringContaining("not done") });
  });
});
