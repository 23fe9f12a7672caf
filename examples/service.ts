// A service that is traced and ends in order.
//
// Each line of its log has the trace of its request, no more than two reports are made at once, each request has a
// deadline, and SIGTERM lets those that are under way be answered.

import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import process from "node:process";
import {
  type Coroutine,
  Event,
  Semaphore,
  allTasks,
  currentTask,
  getRunningLoop,
  run,
  sleep,
  wait,
  wrapFuture,
} from "wasyncio";
import { background, handler } from "wasyncio/edge";
import { type FetchFunction, serve } from "wasyncio/node-http";

const { PORT = "8080", DEADLINE = "10" } = process.env;
const traces = new AsyncLocalStorage<string>();
const printers = new Semaphore(2);

function log(event: string, facts: object = {}): void {
  console.log(JSON.stringify({ trace: traces.getStore() ?? null, event, ...facts }));
}

function* print(pages: number): Coroutine<string> {
  let report = "";
  try {
    for (let page = 1; page <= pages; page++) {
      yield* sleep(0.1); // or: a query, a fetch
      report += `page ${page}\n`;
    }
    return report;
  } finally {
    log("printer is free"); // done, too late, or given up by the client
  }
}

function* recordVisit(path: string): Coroutine<void> {
  yield* sleep(0.1); // or: an insert
  log("recorded", { path });
}

function* answer(request: Request): Coroutine<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/report") return new Response("no such page\n", { status: 404 });
  const pages = Number(searchParams.get("pages") ?? 1);
  if (!Number.isInteger(pages) || pages < 1) return new Response("pages: a number from 1\n", { status: 400 });
  const report = yield* printers.with(() => print(pages));
  background(recordVisit(pathname)); // goes on behind the answer
  return new Response(report);
}

/** Gives each request the trace of whoever sent it, by the header `traceparent`, or a new one. */
function traced(fetch: FetchFunction): FetchFunction {
  return (request) => {
    const [, trace = randomUUID().replaceAll("-", "")] =
      /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(request.headers.get("traceparent") ?? "") ?? [];
    return traces.run(trace, async () => {
      log("request", { method: request.method, url: request.url });
      const response = await fetch(request);
      log("answer", { status: response.status });
      return response;
    });
  };
}

function* main(): Coroutine<void> {
  const stop = new Event();
  for (const signal of ["SIGTERM", "SIGINT"]) getRunningLoop().addSignalHandler(signal, () => stop.set());
  const onError = (error: unknown) => log("error", { error: String(error) });
  // Made in here, it serves in the loop of this program.
  const fetch = traced(handler(answer, { deadline: Number(DEADLINE), onError }));
  const server = yield* wrapFuture(serve(fetch, { port: Number(PORT), grace: 10 }));
  log("listening", { url: server.url });
  yield* stop.wait();
  log("draining");
  yield* wrapFuture(server.close()); // nothing new is accepted, and what is under way is answered
  const left = [...allTasks()].filter((task) => task !== currentTask());
  if (left.length > 0) yield* wait(left, { timeout: 10 }); // background work
  log("closed");
}

await run(main);
