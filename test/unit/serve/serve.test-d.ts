// The types of `wasyncio/serve`: what an app may be made of, and what the parts are told of each other.

import { describe, expectTypeOf, test } from "vitest";
import type { Coroutine } from "wasyncio";
import { handler } from "wasyncio/edge";
import { type App, type ServerWebSocket, type WebSocketMessage, serveApp } from "wasyncio/serve";

describe("an app", () => {
  test("passes what startup gives to the others", () => {
    serveApp({
      *startup() {
        return { name: "Ann" };
      },
      *fetch(request, env) {
        expectTypeOf(request).toEqualTypeOf<Request>();
        expectTypeOf(env.name).toBeString();
        return new Response();
      },
      *shutdown(env) {
        expectTypeOf(env.name).toBeString();
      },
      *websocket(socket, env) {
        expectTypeOf(socket).toEqualTypeOf<ServerWebSocket>();
        expectTypeOf(env.name).toBeString();
        expectTypeOf(yield* socket.receive()).toEqualTypeOf<WebSocketMessage>();
      },
    });
  });

  test("may be of plain and async functions, and have a fetch of handler", () => {
    const fetch = handler(function* () {
      return new Response();
    });
    expectTypeOf({ fetch }).toExtend<App>();
    expectTypeOf({ fetch: () => new Response() }).toExtend<App>();
    expectTypeOf({ startup: async () => 1, fetch: async () => new Response() }).toExtend<App<number>>();
    expectTypeOf(serveApp({ fetch })).toEqualTypeOf<Coroutine<void>>();
  });

  test("needs a fetch that answers", () => {
    // @ts-expect-error none
    serveApp({});
    // @ts-expect-error no response
    serveApp({ fetch: () => 1 });
  });
});
