// When a request begins to listen for a client that goes away, on a host where its signal takes long to make.

import { describe, expect, test } from "vitest";
import { type Coroutine, EventLoop, sleep, wrapFuture } from "wasyncio";
import { type HandlerOptions, handler, streamOf } from "wasyncio/edge";
import { ManualHost } from "../../support/manual-host.ts";

class SlowSignalHost extends ManualHost {
  readonly requestSignalsTakeLong = true;
}

/** A handler on such a host, and a request whose signal counts how often it is asked for. */
function serving(main: (request: Request) => Coroutine<Response>, options: HandlerOptions = {}) {
  const host = new SlowSignalHost();
  const errors: unknown[] = [];
  const fetch = handler(main, {
    loop: "shared",
    loopFactory: () => new EventLoop(host),
    onError: (error) => void errors.push(error),
    ...options,
  });
  const client = new AbortController();
  let looks = 0;
  const request = new Request("http://localhost/");
  Object.defineProperty(request, "signal", {
    get: () => {
      looks++;
      return client.signal;
    },
  });
  /** Lets promises settle, and gives the loop its turn at a time in seconds. */
  const turnAt = async (time: number): Promise<void> => {
    host.time = time;
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      host.turn();
    }
  };
  return { client, errors, host, looks: () => looks, send: () => fetch(request), turnAt };
}

function* ok(): Coroutine<Response> {
  return new Response("ok");
}

describe("where signals take long to make, a request", () => {
  test("that is answered soon never asks for its own", async () => {
    const { looks, send, turnAt } = serving(function* () {
      yield* sleep(0.01);
      return yield* ok();
    });
    const response = send();
    await turnAt(0);
    await turnAt(0.011);
    expect((await response).status).toBe(200);
    await turnAt(1);
    expect(looks()).toBe(0);
  });

  test("that goes on asks for it once, and is cancelled when its client goes away", async () => {
    const log: string[] = [];
    const { client, errors, looks, send, turnAt } = serving(function* () {
      try {
        yield* sleep(100);
      } catch (error) {
        log.push(String(error));
        throw error;
      }
      return yield* ok();
    });
    const response = send();
    await turnAt(0);
    expect(looks()).toBe(0);
    await turnAt(0.051);
    expect(looks()).toBeGreaterThan(0);
    client.abort();
    await turnAt(0.052);
    expect((await response).status).toBe(499);
    expect(log).toEqual(["CancelledError: the request was aborted"]);
    expect(errors).toEqual([]);
  });

  test("whose client has gone before is cancelled when it asks", async () => {
    const log: string[] = [];
    const { client, send, turnAt } = serving(function* () {
      try {
        yield* sleep(100);
      } finally {
        log.push("ended");
      }
      return yield* ok();
    });
    const response = send();
    await turnAt(0);
    client.abort();
    await turnAt(0.02);
    expect(log).toEqual([]);
    await turnAt(0.051);
    expect((await response).status).toBe(499);
    expect(log).toEqual(["ended"]);
  });

  test("that fails because its client has gone is no failure", async () => {
    let fail: (error: Error) => void = () => {};
    const { client, errors, send, turnAt } = serving(function* () {
      yield* wrapFuture(new Promise<void>((_, reject) => (fail = reject)));
      return yield* ok();
    });
    const response = send();
    await turnAt(0);
    client.abort();
    fail(new Error("the connection was lost"));
    await turnAt(0.001);
    expect((await response).status).toBe(499);
    expect(errors).toEqual([]);
  });

  test("that fails of itself is one", async () => {
    const { errors, send, turnAt } = serving(function* () {
      throw new RangeError("made");
    });
    const response = send();
    await turnAt(0);
    expect((await response).status).toBe(500);
    expect(errors.map(String)).toEqual(["RangeError: made"]);
  });

  test("that answers with a stream listens from then on, and no longer than that lasts", async () => {
    const log: string[] = [];
    const { client, looks, send, turnAt } = serving(function* () {
      return new Response(
        streamOf(function* (write) {
          try {
            yield* write("begun");
            yield* sleep(100);
          } finally {
            log.push("ended");
          }
        }),
      );
    });
    const response = send();
    await turnAt(0);
    const { body } = await response;
    expect(looks()).toBeGreaterThan(0);
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const chunk = reader.read();
    await turnAt(0.001);
    expect((await chunk).done).toBe(false);
    const broken = expect(reader.read()).rejects.toThrow("gone");
    await turnAt(0.002);
    client.abort(new Error("gone"));
    await turnAt(0.003);
    await broken;
    expect(log).toEqual(["ended"]);
  });

  test("wakes its loop no more when all are answered", async () => {
    const { host, send, turnAt } = serving(ok);
    const response = send();
    await turnAt(0);
    await response;
    await turnAt(0.051);
    expect(host.requests.at(-1)).toBe(Infinity);
  });
});
