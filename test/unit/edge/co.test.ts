// co: coroutines as handlers of frameworks, by what those pass to them. That the frameworks themselves do so is tried
// by the programs of docs/guide.md, which run with them.

import { EventEmitter } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CancelledError, type Coroutine, Lock, createTask, sleep } from "wasyncio";
import { background, co } from "wasyncio/edge";
import { get } from "../../support/requests.ts";
import { until } from "../../support/until.ts";

afterEach(() => void vi.restoreAllMocks());

/** What Hono passes: a context with the request as it came. */
const context = (request = get(), rest: object = {}) => ({ req: { raw: request }, ...rest });

/** What Express passes: Node's own, extended. */
class Outgoing extends EventEmitter {
  writableFinished = false;
  close(): void {
    this.emit("close");
  }
}
const incoming = { method: "GET", url: "/a" };

function* forever(log: string[]): Coroutine<never> {
  try {
    for (;;) yield* sleep(1000);
  } finally {
    log.push("stopped");
  }
}

describe("a handler", () => {
  test("gets what the framework passes, and gives what the coroutine returns", async () => {
    const handle = co(function* (c: object, next: string) {
      yield* sleep(0);
      return [c, next];
    });
    const c = context();
    expect(await handle(c, "next")).toEqual([c, "next"]);
    expect(await co((_c: object) => sleep(0))(context())).toBeUndefined();
    expect(await co(async (_c: object) => "async")(context())).toBe("async");
  });

  test("throws what the coroutine throws, and nothing is reported", async () => {
    const report = vi.spyOn(console, "error").mockReturnValue();
    const error = new Error("not found");
    const handle = co(function* (_c: object) {
      yield* sleep(0);
      throw error;
    });
    await expect(handle(context())).rejects.toBe(error);
    expect(report).not.toHaveBeenCalled();
  });

  test("is a task of the loop that all requests share, named after its request; what it leaves is cancelled", async () => {
    const log: string[] = [];
    const lock = new Lock();
    const handle = co(function* (_request: object, _response: object) {
      yield* lock.acquire();
      yield* sleep(0.01);
      lock.release();
      createTask(forever(log));
      yield* sleep(0);
      background(
        (function* () {
          yield* sleep(0.01);
          log.push("background");
        })(),
      );
      return "done";
    });
    const calls = [1, 2].map(() => handle(incoming, new Outgoing()));
    expect(await Promise.all(calls)).toEqual(["done", "done"]);
    await until(() => log.length === 4);
    expect(log.sort()).toEqual(["background", "background", "stopped", "stopped"]);
  });

  test("tells the host of a worker by Hono's executionCtx, where there is one", async () => {
    const waitUntil = vi.fn();
    await co((_c: object) => sleep(0))(context(get(), { executionCtx: { waitUntil } }));
    expect(waitUntil).toHaveBeenCalled();
    const without = {
      ...context(),
      get executionCtx(): never {
        throw new Error("This context has no ExecutionContext");
      },
    };
    await expect(co((_c: object) => sleep(0, "ok"))(without)).resolves.toBe("ok");
  });
});

describe("a client that goes away", () => {
  test("of Hono: the coroutine is cancelled, and the framework gets a response", async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const answer = co((_c: object) => forever(log))(context(get({ signal: controller.signal })));
    setTimeout(() => controller.abort(), 10);
    expect(((await answer) as unknown as Response).status).toBe(499);
    await until(() => log.length > 0);
  });

  test("of Express: it gets nothing", async () => {
    const log: string[] = [];
    const outgoing = new Outgoing();
    const answer = co((_request: object, _response: object) => forever(log))(incoming, outgoing);
    setTimeout(() => outgoing.close(), 10);
    expect(await answer).toBeUndefined();
    await until(() => log.length > 0);
  });

  test("of Fastify: it is told not to wait for an answer", async () => {
    const log: string[] = [];
    const raw = new Outgoing();
    const hijack = vi.fn();
    const answer = co((_request: object, _reply: object) => forever(log))({ ...incoming, raw: {} }, { raw, hijack });
    setTimeout(() => raw.close(), 10);
    expect(await answer).toBeUndefined();
    expect(hijack).toHaveBeenCalledOnce();
    await until(() => log.length > 0);
  });

  test("is no such when its answer was sent", async () => {
    const outgoing = new Outgoing();
    const handle = co(function* (_request: object, response: Outgoing) {
      response.writableFinished = true;
      response.close();
      yield* sleep(0.01);
      return "done";
    });
    expect(await handle(incoming, outgoing)).toBe("done");
  });
});

test("a coroutine that cancels itself is told to Express as CancelledError", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const handle = co(function* (_request: object, _response: object) {
    yield* sleep(0);
    throw new CancelledError();
  });
  await expect(handle(incoming, new Outgoing())).rejects.toThrow(CancelledError);
});

describe("what is refused:", () => {
  test("what is no function, at the call", () => {
    expect(() => co(1 as never)).toThrow("Invalid handler: expected a function");
  });

  test.each([[[]], [[1]], [[{}]], [[{ req: {} }]], [[incoming]], [[incoming, {}]]])("a call with %j", async (args) => {
    const handle = co((..._args: unknown[]) => sleep(0));
    await expect(handle(...args)).rejects.toThrow("expected a call by Hono, Fastify or Express");
  });
});
