// Options: each call that takes some refuses one that there is not, by its name. Which calls do is read off the types.

import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test, vi } from "vitest";
import * as wasyncio from "wasyncio";
import * as edge from "wasyncio/edge";
import * as multiprocessing from "wasyncio/multiprocessing";
import * as nodeHttp from "wasyncio/node-http";
import * as serving from "wasyncio/serve";
import * as streams from "wasyncio/streams";
import * as subprocess from "wasyncio/subprocess";
import * as testing from "wasyncio/testing";
import * as timeline from "wasyncio/timeline";
import * as vitest from "wasyncio/vitest";
import { root } from "../../scripts/exec.mjs";
import { LoggingTransport } from "../support/logging-transport.ts";
import { empty, nothing, waiting } from "./row.ts";

const { Future, Task, TaskGroup } = wasyncio;
const loop = new testing.VirtualEventLoop();
const future = loop.createFuture<number>();
const task = loop.createTask(waiting());
const { log } = testing.simulate(empty);
const answer = (): Response => new Response();
const pool = new multiprocessing.Pool(1);

const sslcontext = new streams.SSLContext("PROTOCOL_TLS_CLIENT");

const REFUSAL = /^Invalid (?:options|only): there is no 'unheardOf', only \w/;

type Call = (options: never) => unknown;

/** Makes a call in a task: what it throws is thrown. */
const inTask =
  (call: Call): Call =>
  (options) =>
    testing.runSync(function* () {
      yield* wasyncio.sleep(0);
      return call(options);
    });

const CALLS: Readonly<Record<string, Call>> = {
  "Pool.applyAsync": (options) => pool.applyAsync(nothing, [], options),
  "Pool.constructor": (options) => new multiprocessing.Pool(1, options),
  "Pool.mapAsync": (options) => pool.mapAsync(nothing, [], 1, options),
  "Pool.starmapAsync": (options) => pool.starmapAsync(nothing, [], 1, options),
  "Process.constructor": (options) => new multiprocessing.Process(nothing, options),
  "Value.constructor": (options) => new multiprocessing.Value("d", 0, options),
  // wasyncio
  "Future.constructor": inTask((options) => new Future(options)),
  "Future.addDoneCallback": (options) => future.addDoneCallback(() => {}, options),
  "Task.constructor": inTask((options) => new Task(waiting(), options)),
  "Task.getStack": (options) => task.getStack(options),
  "Task.printStack": (options) => task.printStack(options),
  "EventLoop.createTask": (options) => loop.createTask(waiting(), options),
  mapConcurrently: (options) => wasyncio.mapConcurrently(waiting, [], options),
  "TaskGroup.createTask": (options) => {
    let error: unknown;
    const body = function* (group: wasyncio.TaskGroup): wasyncio.Coroutine<void> {
      try {
        group.createTask(empty(), options);
      } catch (refusal) {
        error = refusal; // thrown on, it would come in a group of errors
      }
    };
    testing.runSync(() => new TaskGroup().with(body));
    throw error;
  },
  "ContextVar.constructor": (options) => new wasyncio.ContextVar("x", options),
  "PriorityQueue.constructor": (options) => new wasyncio.PriorityQueue(0, options),
  "Runner.constructor": (options) => new wasyncio.Runner(options),
  "Runner.run": (options) => new wasyncio.Runner().run(waiting, options),
  asCompleted: inTask((options) => wasyncio.asCompleted([], options)),
  captureCallGraph: (options) => wasyncio.captureCallGraph(future, options),
  createTask: inTask((options) => wasyncio.createTask(waiting(), options)),
  ensureFuture: (options) => wasyncio.ensureFuture(future, options),
  formatCallGraph: (options) => wasyncio.formatCallGraph(future, options),
  gather: inTask((options) => wasyncio.gather([], options)),
  printCallGraph: (options) => wasyncio.printCallGraph(future, options),
  run: (options) => wasyncio.run(waiting, options),
  wait: (options) => wasyncio.wait([future], options),
  wrapFuture: inTask((options) => wasyncio.wrapFuture(Promise.resolve(), options)),
  // wasyncio/edge
  handler: (options) => edge.handler(answer as never, options),
  background: async (options) => {
    const errors: unknown[] = [];
    const answering = edge.handler<[Request]>(() => edge.background(empty(), options) as never, {
      onError: (error) => void errors.push(error),
    });
    await answering(new Request("http://localhost/"));
    throw errors[0];
  },
  // wasyncio/node-http
  serve: (options) => nodeHttp.serve(answer, options),
  toNodeListener: (options) => nodeHttp.toNodeListener(answer, options),
  // wasyncio/serve
  serveApp: (options) => serving.serveApp({ fetch: answer }, options),
  // wasyncio/streams
  connectAcceptedSocket: inTask((options) => streams.connectAcceptedSocket(nothing as never, {}, options)),
  createConnection: inTask((options) => streams.createConnection(nothing as never, "localhost", 80, options)),
  createServer: inTask((options) => streams.createServer(nothing as never, null, 0, options)),
  createUnixConnection: inTask((options) => streams.createUnixConnection(nothing as never, "/a", options)),
  createUnixServer: inTask((options) => streams.createUnixServer(nothing as never, "/a", options)),
  getaddrinfo: inTask((options) => streams.getaddrinfo("localhost", 80, options)),
  openConnection: inTask((options) => streams.openConnection("localhost", 80, options)),
  openUnixConnection: inTask((options) => streams.openUnixConnection("/a", options)),
  startServer: inTask((options) => streams.startServer(nothing, null, 0, options)),
  startUnixServer: inTask((options) => streams.startUnixServer(nothing, "/a", options)),
  createDatagramEndpoint: inTask((options) => streams.createDatagramEndpoint(nothing as never, options)),
  openStream: inTask((options) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    return streams.openStream(readable, writable, options);
  }),
  sendfile: inTask((options) => streams.sendfile({}, new Blob(), 0, null, options)),
  staggeredRace: (options) => streams.staggeredRace([], null, options),
  startTls: (options) => streams.startTls(null as never, new streams.Protocol(), sslcontext, options),
  "StreamWriter.startTls": (options) => {
    const mixin = new streams.FlowControlMixin(loop);
    return new streams.StreamWriter(new LoggingTransport(), mixin, null, loop).startTls(sslcontext, options);
  },
  // wasyncio/subprocess
  createSubprocessExec: inTask((options) => subprocess.createSubprocessExec("true", [], options)),
  createSubprocessShell: inTask((options) => subprocess.createSubprocessShell("true", options)),
  subprocessExec: inTask((options) => subprocess.subprocessExec(nothing as never, "true", [], options)),
  subprocessShell: inTask((options) => subprocess.subprocessShell(nothing as never, "true", options)),
  // wasyncio/testing
  "History.constructor": (options) => new testing.History(() => ({}), options),
  eventually: inTask((options) => testing.eventually(() => true, options)),
  explore: (options) => testing.explore(empty, options),
  runSync: (options) => testing.runSync(empty, options),
  simulate: (options) => testing.simulate(empty, options),
  simulated: (options) => testing.simulated(empty, options),
  sweep: (options) => testing.sweep(empty, options),
  // wasyncio/timeline
  toTimeline: (options) => timeline.toTimeline(log, options),
  toTimelinePage: (options) => timeline.toTimelinePage(log, options),
  // wasyncio/vitest
  simulatedPromises: (options) => vitest.simulatedPromises(options),
};

/** Calls whose options are not a parameter of that name. */
const OTHERS: Readonly<Record<string, Call>> = {
  "sweep, only": (only) => testing.sweep(empty, { only }),
  "test.simulated": (options) => vitest.test.simulated("never registered", options, empty),
  "test.simulated.each": (options) => vitest.test.simulated.each([1])("never registered", options, empty),
};

/** What the doors let out. */
const exported = new Set(
  [wasyncio, edge, multiprocessing, nodeHttp, serving, streams, subprocess, testing, timeline, vitest].flatMap((door) =>
    Object.keys(door),
  ),
);

/** The functions and methods whose types have a parameter `options`, but for the language's own of errors. */
function takingOptions(): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(resolve(root, "dist"), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".d.ts")) continue;
    let owner = "";
    for (const line of readFileSync(resolve(root, "dist", file), "utf8").split("\n")) {
      const declared = /^export declare (?:abstract )?(?:class|function) (\w+)/.exec(line);
      if (/^\S/.test(line)) owner = declared?.[1] ?? "";
      if (!/\boptions\??: (?!ErrorOptions)/.test(line) || !exported.has(owner)) continue;
      const method = /^ {4}(\w+)[<(]/.exec(line)?.[1];
      found.add(method === undefined ? owner : `${owner}.${method}`);
    }
  }
  return [...found].sort();
}

test("all that takes options is here", () => {
  expect(Object.keys(CALLS).sort()).toEqual(takingOptions());
});

test.each(Object.entries({ ...CALLS, ...OTHERS }))("%s", async (_, call) => {
  vi.spyOn(console, "error").mockReturnValue();
  const calling = (async (): Promise<unknown> => call({ unheardOf: 1 } as never))();
  await expect(calling).rejects.toThrow(TypeError);
  await expect(calling).rejects.toThrow(REFUSAL);
});
