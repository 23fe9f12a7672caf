// The types of `wasyncio/edge` and `wasyncio/node-http`: a handler fits what each host asks for.

import type { RequestListener } from "node:http";
import { expectTypeOf, test } from "vitest";
import type { Awaitable, Coroutine, Delay, Task } from "wasyncio";
import {
  type FetchHandler,
  type HandlerOptions,
  type RequestHandler,
  type WriteChunk,
  background,
  handler,
  streamOf,
} from "wasyncio/edge";
import {
  type FetchFunction,
  type HttpServer,
  type ListenerOptions,
  type ServeOptions,
  serve,
  toNodeListener,
} from "wasyncio/node-http";

interface Env {
  readonly KEY: string;
}
interface Ctx {
  waitUntil(promise: Promise<unknown>): void;
}

/** What hosts take. */
type WorkerdFetch = (request: Request, env: Env, ctx: Ctx) => Response | Promise<Response>;
type DenoHandler = (request: Request, info: { remoteAddr: object }) => Response | Promise<Response>;
type BunFetch = (this: object, request: Request, server: object) => Response | Promise<Response>;

test("a handler without types of its own fits every host", () => {
  const fetch = handler(function* (request) {
    expectTypeOf(request).toEqualTypeOf<Request>();
    return new Response(request.url);
  });
  expectTypeOf(fetch).toExtend<FetchHandler>();
  expectTypeOf(fetch).toExtend<WorkerdFetch>();
  expectTypeOf(fetch).toExtend<DenoHandler>();
  expectTypeOf(fetch).toExtend<BunFetch>();
  expectTypeOf(fetch).toExtend<FetchFunction>();
});

test("a handler with types fits the host that has them", () => {
  const handle: RequestHandler<Env, Ctx> = function* (request, env, ctx) {
    expectTypeOf(env).toEqualTypeOf<Env>();
    expectTypeOf(ctx).toEqualTypeOf<Ctx>();
    return new Response(request.url + env.KEY);
  };
  const fetch = handler(handle);
  expectTypeOf(fetch).toEqualTypeOf<FetchHandler<[request: Request, env: Env, ctx: Ctx]>>();
  expectTypeOf(fetch).toExtend<WorkerdFetch>();
  expectTypeOf(fetch).not.toExtend<FetchFunction>();
  expectTypeOf(fetch).returns.toEqualTypeOf<Promise<Response>>();
});

test("a handler has to return a response, and to be given a star", () => {
  // @ts-expect-error no response
  handler(function* () {
    return "text";
  });
  // @ts-expect-error no coroutine
  handler(() => new Response(""));
  expectTypeOf<RequestHandler>().returns.toEqualTypeOf<Awaitable<Response>>();
});

test("the rest is what it says", () => {
  expectTypeOf<HandlerOptions["deadline"]>().toEqualTypeOf<Delay | null | undefined>();
  expectTypeOf(background<number>).returns.toEqualTypeOf<Task<number>>();
  expectTypeOf(streamOf).returns.toExtend<ReadableStream<Uint8Array>>();
  expectTypeOf(streamOf).returns.toExtend<BodyInit>();
  expectTypeOf<WriteChunk>().toEqualTypeOf<(chunk: Uint8Array | string) => Coroutine<void>>();
  expectTypeOf(toNodeListener).returns.toExtend<RequestListener>();
  expectTypeOf(serve).returns.toEqualTypeOf<Promise<HttpServer>>();
  expectTypeOf<HttpServer>().toExtend<AsyncDisposable>();
  expectTypeOf<ServeOptions>().toExtend<ListenerOptions>();
});
