// Every public name of CPython 3.14's asyncio: it is here, with the right kind and number of parameters, or it stands
// in one of the two lists below with the reason why not. A name that is built must leave its list, so the lists can
// only shrink.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as wasyncio from "wasyncio";
import * as streams from "wasyncio/streams";
import * as subprocess from "wasyncio/subprocess";

interface Row {
  python: string;
  ts: string;
  kind: string;
  group: string;
  applicability: "core" | "node-like" | "adapted" | "n/a";
  tsParams?: string;
}

const { entries } = JSON.parse(readFileSync(new URL("data/asyncio-3.14-api.json", import.meta.url), "utf8")) as {
  entries: Row[];
};

const groupsNotBuilt: Record<string, string> = {
  "loop-executor": "functions of wasyncio/executors, and runCoroutineThreadsafe of wasyncio/multiprocessing",
  "loop-network": "functions of wasyncio/streams; what needs descriptors is not there",
  "loop-pipes": "functions of wasyncio/streams",
  "loop-subprocess": "functions of wasyncio/subprocess",
  policies: "deprecated in 3.14, removed in 3.16; loopFactory is what remains",
};

const ONE_LOOP = "there is one loop class, EventLoop; a Host stands where the selector was";
const INTERNAL = "internal to CPython: the core keeps this";
const FINALIZER = "JavaScript has no finalizers: ExceptionReports watches instead";
const INTERPRETER = "the CPython interpreter's";
const SOCKETS = "src/net keeps it to itself, or the host";
const namesNotBuilt: Record<string, string> = {
  AbstractEventLoop: ONE_LOOP,
  BaseEventLoop: ONE_LOOP,
  SelectorEventLoop: ONE_LOOP,
  "BaseEventLoop._runForeverSetup": ONE_LOOP,
  "BaseEventLoop._runForeverCleanup": ONE_LOOP,
  _setRunningLoop: INTERNAL,
  _getRunningLoop: INTERNAL,
  _registerTask: INTERNAL,
  _unregisterTask: INTERNAL,
  _enterTask: INTERNAL,
  _leaveTask: INTERNAL,
  _MIN_SCHEDULED_TIMER_HANDLES: INTERNAL,
  _MIN_CANCELLED_TIMER_HANDLES_FRACTION: INTERNAL,
  MAXIMUM_SELECT_TIMEOUT: "the host caps its timer",
  DEBUG_STACK_DEPTH: "debug mode keeps 10 lines of the engine's stack",
  "Future._logTraceback": INTERNAL,
  "Future._asyncioAwaitedBy": "read with captureCallGraph",
  "Future._sourceTraceback": "shown by toString and exception contexts in debug mode",
  "Task._logDestroyPending": "tasks are held until they are done, so none is destroyed",
  "Queue._init": "in JavaScript it would run before a subclass has its fields; _put, _get and qsize are there",
  "BaseEventLoop.(FinalizationRegistry hook)": FINALIZER,
  "Future.(FinalizationRegistry hook)": FINALIZER,
  "Task.(FinalizationRegistry hook)": FINALIZER,
  "Runner.enter": "Symbol.asyncDispose: `await using`",
  "Runner.exit": "Symbol.asyncDispose: `await using`",
  logger: "the Host's report",
  PYTHONASYNCIODEBUG: "WASYNCIO_DEBUG",
  "-X dev": INTERPRETER,
  "python -m asyncio": INTERPRETER,
  "python -m asyncio ps PID": INTERPRETER,
  "python -m asyncio pstree PID": INTERPRETER,
  SendfileNotAvailableError: "no host sends files by itself, so that sendfile throws RuntimeError",
  ACCEPT_RETRY_DELAY: SOCKETS,
  FLOW_CONTROL_HIGH_WATER_SSL_READ: SOCKETS,
  FLOW_CONTROL_HIGH_WATER_SSL_WRITE: SOCKETS,
  LOG_THRESHOLD_FOR_CONNLOST_WRITES: SOCKETS,
  SENDFILE_FALLBACK_READBUFFER_SIZE: SOCKETS,
  SSL_HANDSHAKE_TIMEOUT: SOCKETS,
  SSL_SHUTDOWN_TIMEOUT: SOCKETS,
  THREAD_JOIN_TIMEOUT: "`run` waits as long as jobs take",
  _DEFAULT_LIMIT: "what the limit of a StreamReader is without one",
  "StreamWriter.(FinalizationRegistry hook)":
    "the garbage collector decides nothing: a writer stays open until it is closed",
  "StreamReaderProtocol.(FinalizationRegistry hook)": "its error counts as looked at when the connection is lost",
  ...listed("TransportSocket", "leaves as a type: no program makes one", [
    "",
    "toString",
    "getpeername",
    "getsockname",
  ]),
  ...listed("TransportSocket", "no host lets it be asked or set", ["family", "gettimeout", "proto", "setblocking"]),
  ...listed("TransportSocket", "no host lets it be asked or set", ["setsockopt", "settimeout", "shutdown", "type"]),
  ...listed("_SSLProtocolTransport", "hosts decrypt, and keep nothing above what is read", [
    "setReadBufferLimits",
    "getReadBufferLimits",
    "getReadBufferSize",
  ]),
};

/** The reason for members of a class, "" for the class itself. */
function listed(type: string, reason: string, members: readonly string[]): Record<string, string> {
  return Object.fromEntries(members.map((member) => [member === "" ? type : `${type}.${member}`, reason]));
}

/**
 * Where a row's name leads to in the package: the owner of the member and its key, or null when there is no such owner.
 */
function locate(row: Row): { owner: object; key: string } | null {
  const exports: Record<string, unknown> = { ...wasyncio, ...streams, ...subprocess };
  const [first, ...rest] = row.ts.replace(" (used by `yield*`)", "").split(".") as [string, ...string[]];
  if (rest.length === 0) return { owner: exports, key: first };
  const type = exports[first === "BaseEventLoop" ? "EventLoop" : first];
  return typeof type === "function" ? { owner: type.prototype as object, key: rest.join(".") } : null;
}

function lookUp(row: Row): { found: boolean; value: unknown } {
  const place = locate(row);
  if (place === null) return { found: false, value: undefined };
  if (place.key === "[Symbol.iterator]") return { found: Symbol.iterator in place.owner, value: undefined };
  if (place.key === "[Symbol.asyncIterator]") return { found: Symbol.asyncIterator in place.owner, value: undefined };
  const accessor = Object.getOwnPropertyDescriptor(place.owner, place.key)?.get;
  if (accessor !== undefined) return { found: true, value: undefined };
  return { found: place.key in place.owner, value: (place.owner as Record<string, unknown>)[place.key] };
}

/** Fields belong to instances: there is one instance of each class that has some. */
const instances: Record<string, () => object> = {
  "FutureCallGraph.future": callGraph,
  "FutureCallGraph.callStack": callGraph,
  "FutureCallGraph.awaitedBy": callGraph,
  "FrameCallGraphEntry.frame": () => callGraph().callStack[0],
  "BaseEventLoop.slowCallbackDuration": () => closed(new wasyncio.EventLoop()),
  "Future._asyncioFutureBlocking": () => new wasyncio.Future({ loop: closed(new wasyncio.EventLoop()) }),
  "IncompleteReadError.partial": () => new wasyncio.IncompleteReadError(new Uint8Array(), 1),
  "IncompleteReadError.expected": () => new wasyncio.IncompleteReadError(new Uint8Array(), 1),
  "LimitOverrunError.consumed": () => new wasyncio.LimitOverrunError("", 1),
};

function closed(loop: wasyncio.EventLoop): wasyncio.EventLoop {
  loop.close();
  return loop;
}

let graph: wasyncio.FutureCallGraph | null = null;
function callGraph(): wasyncio.FutureCallGraph {
  return graph as wasyncio.FutureCallGraph;
}
await wasyncio.run(function* () {
  yield* wasyncio.sleep(0);
  graph = wasyncio.captureCallGraph();
});

function reasonAgainst(row: Row): string | undefined {
  return row.applicability === "n/a" ? "not portable" : (namesNotBuilt[row.ts] ?? groupsNotBuilt[row.group]);
}

/**
 * Least and most positional parameters by the table, or null where it does not say. The options object counts as one.
 */
function arityOf(row: Row): [least: number, most: number] | null {
  if (row.tsParams === undefined) return null;
  const params = row.tsParams
    .slice(1, -1)
    .replace(/\{.*?\}\??/g, "options?")
    .split(", ")
    .filter((param) => param !== "");
  const least = params.filter((param) => !param.endsWith("?") && !param.startsWith("...")).length;
  return [least, params.some((param) => param.startsWith("...")) ? Infinity : params.length];
}

const CONSTRUCTED_BY_LOOP = new Set(["Handle", "TimerHandle", "FutureCallGraph", "FrameCallGraphEntry"]);

describe("names of asyncio 3.14", () => {
  const built = entries.filter((row) => reasonAgainst(row) === undefined);

  it.each(built.map((row) => [row.python, row] as const))("%s is there", (_, row) => {
    const instance = instances[row.ts]?.();
    if (instance !== undefined) {
      expect(instance).toHaveProperty((row.ts.split(".") as [string, string])[1]);
      return;
    }
    const { found, value } = lookUp(row);
    expect(found, `${row.ts} is missing: build it, or say why not in this file`).toBe(true);
    if (/method|function|class|exception/.test(row.kind) && value !== undefined) expect(value).toBeTypeOf("function");
    const arity = arityOf(row);
    if (arity === null || typeof value !== "function" || CONSTRUCTED_BY_LOOP.has(row.ts)) return;
    // An adapted name may need less: aexit takes the error where Python takes its class, itself and a traceback.
    const least = row.applicability === "core" ? arity[0] : 0;
    expect(value.length, `parameters of ${row.ts}${row.tsParams}`).toBeGreaterThanOrEqual(least);
    expect(value.length, `parameters of ${row.ts}${row.tsParams}`).toBeLessThanOrEqual(arity[1]);
  });

  it("has no name in a list that is built", () => {
    const listed = entries.filter((row) => row.applicability !== "n/a" && row.ts in namesNotBuilt);
    const stale = listed.filter((row) => lookUp(row).found && !row.ts.startsWith("Runner.")).map((row) => row.ts);
    expect(stale).toEqual([]);
  });

  it("has no reason for a name that the table does not know", () => {
    const known = new Set(entries.map((row) => row.ts));
    expect(Object.keys(namesNotBuilt).filter((name) => !known.has(name))).toEqual([]);
    const groups = new Set(entries.map((row) => row.group));
    expect(Object.keys(groupsNotBuilt).filter((group) => !groups.has(group))).toEqual([]);
  });
});
