// A request over connections in the hands of the test.

import { expect, test } from "vitest";
import { CancelledError, getRunningLoop, run } from "wasyncio";
import type { Http, HttpConnections } from "../../../src/drivers/http.ts";
import { DEFAULT_TIMES } from "../../../src/client/client-timeout.ts";
import { Places } from "../../../src/client/places.ts";
import { RequestContext, type Requesting } from "../../../src/client/request.ts";

const REQUEST = {
  method: "GET",
  url: new URL("http://site.test/"),
  headers: [],
  body: null,
  cookies: "",
  auth: null,
  times: DEFAULT_TIMES,
  allowRedirects: undefined,
  maxRedirects: 10,
  raiseForStatus: false,
  decompresses: true,
  proxyFor: () => null,
  tls: null,
  retry: null,
  context: {},
};

const EXCHANGE = { write: () => true, finish() {}, pause() {}, resume() {}, close() {} };

/** Connections that were kept, and are closed under each request. */
const BREAKING: HttpConnections = {
  request(_, events) {
    queueMicrotask(() => events.failed({ message: "reset", code: "ECONNRESET", wasReused: true }));
    return EXCHANGE;
  },
  close() {},
};

test("a request whose kept connection breaks as its session is closed is not made again", async () => {
  let bound = 0;
  const session: Requesting = {
    closed: false,
    places: new Places(0, 0),
    underWay: new Set(),
    jar: null,
    traces: [],
    bind() {
      bound++;
      if (bound > 10) throw new CancelledError("it goes on for ever");
      if (bound > 2) throw new Error("Session is closed");
      return { loop: getRunningLoop(), connections: BREAKING, http: { followsRedirects: false } as Http };
    },
  };
  const made = run(() => new RequestContext(session, REQUEST).with((response) => response.text()));
  await expect(made).rejects.toThrow("Session is closed");
  expect(bound).toBe(3);
});
