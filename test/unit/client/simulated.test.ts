// Sessions in virtual time, over a server inside of the program: whatever is cancelled where, no place is lost, no
// request goes on, and no more are under way than there are places.

import { describe, expect, test } from "vitest";
import { type Coroutine, TaskGroup, TimeoutError, forEach, gather, run, sleep, timeout } from "wasyncio";
import { handler } from "wasyncio/edge";
import {
  ClientSession,
  type SessionOptions,
  type TransportRequest,
  type TransportResponse,
  handlerFetch,
} from "wasyncio/client";
import { ConnectionResetError } from "wasyncio/streams";
import { explore, simulate } from "wasyncio/testing";
import { attemptAwait } from "../../support/outcomes.ts";
import { goesOn, sweepEverywhere } from "../testing/sweep/everywhere.ts";

const SITE = { baseUrl: "http://site.test" };

/** A server that knows what is under way. */
class Site {
  open = 0;
  most = 0;
  readonly #answer: (request: TransportRequest) => Coroutine<TransportResponse>;

  constructor(answer: (request: TransportRequest) => Coroutine<TransportResponse>) {
    this.#answer = answer;
  }

  *#serve(request: TransportRequest): Coroutine<TransportResponse> {
    this.most = Math.max(this.most, ++this.open);
    try {
      return yield* this.#answer(request);
    } finally {
      this.open--;
    }
  }

  session(options: SessionOptions = {}): ClientSession {
    return new ClientSession({ ...SITE, transport: (request) => this.#serve(request), ...options });
  }
}

/** Takes a while, and gives a body of several chunks back. */
function* slowly({ url, content }: TransportRequest): Coroutine<TransportResponse> {
  yield* sleep(0.5);
  let length = 0;
  yield* forEach(content.iterAny(), (chunk) => void (length += chunk.length));
  const texts = [url.pathname, " took ", String(length)];
  return {
    body: {
      *anext(): Coroutine<IteratorResult<string, undefined>> {
        yield* sleep(0.25);
        const value = texts.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    },
  };
}

/** Chunks, with a pause between them. */
function chunks(...values: string[]): { anext(): Coroutine<IteratorResult<string, undefined>> } {
  return {
    *anext(): Coroutine<IteratorResult<string, undefined>> {
      yield* sleep(0.1);
      const value = values.shift();
      return value === undefined ? { done: true, value } : { done: false, value };
    },
  };
}

/** Four workers, each with a request, of which two may be under way, and one to a host. */
function* crowd(site: Site): Coroutine<string[]> {
  const texts: string[] = [];
  yield* site.session({ limit: 2, limitPerHost: 1 }).with(function* (session) {
    yield* new TaskGroup().with(function* (group) {
      for (let worker = 0; worker < 4; worker++) {
        const work = function* (): Coroutine<void> {
          const url = `http://host${worker % 3}.test/${worker}`;
          texts.push(yield* session.post(url, { data: chunks("ab", "c") }).with((response) => response.text()));
        };
        group.createTask(work(), { name: `worker ${worker}` });
      }
    });
  });
  return texts;
}

describe("a session in virtual time", () => {
  test("takes the server's time", () => {
    const site = new Site(slowly);
    const { value, time } = simulate(() => crowd(site));
    expect(value).toEqual(["/0 took 3", "/1 took 3", "/2 took 3", "/3 took 3"]);
    expect(time).toBe(3); // two after each other
    expect([site.most, site.open]).toEqual([2, 0]);
  });

  test("is replayed, and the same each time", () => {
    const site = new Site(slowly);
    const { token } = simulate(() => crowd(site), { policy: "random", seed: 5 });
    expect(simulate(() => crowd(new Site(slowly)), { replay: token }).value).toHaveLength(4);
    simulate(() => crowd(new Site(slowly)), { verify: true });
  });

  test("has its timeouts on that time", () => {
    const site = new Site(function* () {
      yield* sleep(3600);
      return {};
    });
    const { value, time } = simulate(() =>
      site.session().with((session) => attemptAwait(session.get("/").with((response) => response.text()))),
    );
    expect([value, time]).toEqual(["TimeoutError()", 300]);
    expect(site.open).toBe(0);
  });

  test("waits with a body that nobody reads, and goes on", () => {
    const big = "x".repeat(100_000);
    let made = 0;
    const site = new Site(function* () {
      const values = Array.from({ length: 20 }, () => big);
      return {
        body: {
          *anext() {
            made++;
            const value = values.shift();
            return value === undefined ? { done: true, value } : { done: false, value };
          },
        },
      };
    });
    const { value } = simulate(() =>
      site.session().with((session) =>
        session.get("/").with(function* (response) {
          yield* sleep(10);
          const before = made;
          return [before, (yield* response.read()).length];
        }),
      ),
    );
    expect(value?.[0]).toBeLessThan(5);
    expect(value?.[1]).toBe(2_000_000);
  });

  test("keeps cookies as long as they last there", () => {
    const site = new Site(function* ({ headers }) {
      return { headers: { "Set-Cookie": "a=1; Max-Age=60" }, body: headers.get("cookie") ?? "none" };
    });
    const { value } = simulate(() =>
      site.session().with(function* (session) {
        const texts: string[] = [];
        for (const pause of [0, 30, 61]) {
          yield* sleep(pause);
          texts.push(yield* session.get("/").with((response) => response.text()));
        }
        return texts;
      }),
    );
    expect(value).toEqual(["none", "a=1", "none"]);
  });

  test("finds of a connection what the server throws", () => {
    const site = new Site(function* () {
      throw new ConnectionResetError("reset", { code: "ECONNRESET" });
    });
    const { value } = simulate(() =>
      site.session().with((session) => attemptAwait(session.get("/").with((response) => response.text()))),
    );
    expect(value).toContain("ServerDisconnectedError(");
  });

  test("does not reach the network, which is refused by name", () => {
    const { error } = simulate(() =>
      new ClientSession().with((session) => session.get("http://127.0.0.1:1/").with((response) => response.text())),
    );
    expect(String(error)).toMatch(
      /OutsideError: .* used the network inside a simulation.*new ClientSession\(\{ transport/,
    );
  });
});

test("a sweep: whatever is cancelled where, no place is lost and nothing goes on", () => {
  let site = new Site(slowly);
  let texts: string[] = [];
  const runs = sweepEverywhere(
    function* () {
      site = new Site(slowly);
      texts = [];
      yield* site.session({ limit: 2, limitPerHost: 1 }).with(function* (session) {
        const workers = gather(
          Array.from({ length: 3 }, (_, worker) =>
            attemptAwait(
              session
                .post(`http://host${worker % 2}.test/${worker}`, { data: chunks("ab") })
                .with(function* (response) {
                  texts.push(yield* response.text());
                }),
            ),
          ),
          { returnExceptions: true },
        );
        yield* workers;
        // Whoever was hit has given its place back.
        for (const host of [0, 1]) yield* session.get(`http://host${host}.test/last`).with((it) => it.read());
      });
    },
    {
      cancelTwice: false, // a clean-up that is cancelled, too, waits for nothing
      check: (_, at) => {
        expect(site.most).toBeLessThanOrEqual(2);
        expect(site.open).toBe(0);
        if (goesOn(at) && at.mode === "none") expect(texts).toHaveLength(3);
      },
    },
  );
  expect(runs).toBeGreaterThan(500);
});

test("explore: in each order there are no more requests than places, and all are answered", () => {
  const { failure, runs } = explore(
    function* () {
      const site = new Site(slowly);
      const all = yield* crowd(site);
      if (site.most > 2 || site.open > 0) throw new RangeError(`${site.most} at once, ${site.open} left`);
      if (all.length !== 4) throw new RangeError(`${all.length} answers`);
    },
    { runs: 300, seed: 1 },
  );
  expect(failure?.toString()).toBe(undefined);
  expect(runs).toBeGreaterThan(100);
});

test("explore finds a race of a program with its server", () => {
  const { failure } = explore(
    function* () {
      let stock = 1;
      const site = new Site(function* ({ method }) {
        if (method === "GET") return { body: String(stock) };
        yield* sleep(0);
        stock--;
        return {};
      });
      yield* site.session().with((session) =>
        gather(
          [1, 2].map(() =>
            (function* () {
              const left = yield* session.get("/stock").with((response) => response.text());
              if (Number(left) > 0) yield* session.post("/order").with((response) => response.read());
            })(),
          ),
        ),
      );
      if (stock < 0) throw new RangeError(`stock is ${stock}`);
    },
    { runs: 200, seed: 1 },
  );
  expect(failure?.toString()).toContain("stock is -1");
});

test("a cancelled request is cancelled in the server, too", () => {
  const site = new Site(slowly);
  const { value } = simulate(function* () {
    return yield* site.session().with(function* (session) {
      try {
        yield* timeout(0.2).with(() => session.get("/").with((response) => response.text()));
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      yield* sleep(0);
      yield* sleep(0);
      return site.open;
    });
  });
  expect(value).toBe(0);
});

test("an error of the session's block passes, also where a server has not ended yet", () => {
  const site = new Site(function* () {
    try {
      yield* sleep(10);
    } finally {
      yield* sleep(1); // its clean-up
    }
    return {};
  });
  const { error, time } = simulate(function* () {
    yield* site
      .session()
      .with((session) => timeout(0.5).with(() => session.get("/").with((response) => response.text())));
  });
  expect([String(error), time, site.open]).toEqual(["TimeoutError: timed out after 0.5 s", 1.5, 0]);
});

test("apps of the web are asked without a network", async () => {
  const app = handler(function* (request) {
    yield* sleep(0.001);
    return Response.json([request.method, new URL(request.url).pathname]);
  });
  const echo = async (request: Request): Promise<Response> => new Response(await request.text(), { status: 201 });
  const value = await run(function* () {
    return [
      yield* new ClientSession({ ...SITE, transport: handlerFetch(app) }).with((session) =>
        session.get("/path").with((response) => response.json()),
      ),
      yield* new ClientSession({ ...SITE, transport: handlerFetch(echo) }).with((session) =>
        session.put("/", { data: "body" }).with(function* (response) {
          return [response.status, yield* response.text()];
        }),
      ),
    ];
  });
  expect(value).toEqual([
    ["GET", "/path"],
    [201, "body"],
  ]);
});
