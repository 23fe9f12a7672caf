// The doors: every name that is promised is there, is what it should be, and leaves by one door only. Types are listed
// in test/package/types/exports.test-d.ts.

import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import * as wasyncio from "wasyncio";
import * as forAsync from "wasyncio/async";
import * as client from "wasyncio/client";
import * as edge from "wasyncio/edge";
import * as forESLint from "wasyncio/eslint";
import * as bullmq from "wasyncio/bullmq";
import * as executors from "wasyncio/executors";
import * as extras from "wasyncio/extras";
import * as multiprocessing from "wasyncio/multiprocessing";
import * as lowered from "wasyncio/lowered";
import * as loweredTimers from "wasyncio/lowered-timers";
import * as nodeHttp from "wasyncio/node-http";
import * as pool from "wasyncio/pool";
import * as postgres from "wasyncio/postgres";
import * as serve from "wasyncio/serve";
import * as streams from "wasyncio/streams";
import * as subprocess from "wasyncio/subprocess";
import * as testing from "wasyncio/testing";
import * as timeline from "wasyncio/timeline";
import * as transform from "wasyncio/transform";
import * as forVitest from "wasyncio/vitest";
import { aliases, bareDoors, doors } from "../../scripts/doors.mjs";
import { root } from "../../scripts/exec.mjs";
import { esbuildPlugin } from "../../scripts/wasm-plugins.mjs";
import { readSources } from "../support/imports.ts";
import { runInNode } from "../support/processes.ts";

const FUNCTIONS = [
  // running
  "run",
  "getRunningLoop",
  "getEventLoop",
  "setEventLoop",
  "newEventLoop",
  // tasks
  "createTask",
  "ensureFuture",
  "sleep",
  "currentTask",
  "allTasks",
  "gather",
  "wait",
  "waitFor",
  "shield",
  "shielded",
  "mapConcurrently",
  "race",
  "asCompleted",
  "timeout",
  "timeoutAt",
  "moveOnAfter",
  "moveOnAt",
  "eagerTaskFactory",
  "createEagerTaskFactory",
  "isCoroutine",
  "isCoroutineFunction",
  "isFuture",
  "wrapFuture",
  // context
  "copyContext",
  // introspection
  "captureCallGraph",
  "dumpTasks",
  "formatCallGraph",
  "printCallGraph",
  "futureAddToAwaitedBy",
  "futureDiscardFromAwaitedBy",
  // bridges
  "abortable",
  "withAsync",
  "forEach",
  "aclosing",
  "nullContext",
];

const CLASSES = [
  "Runner",
  "EventLoop",
  "Handle",
  "TimerHandle",
  "Future",
  "Task",
  "Timeout",
  "TaskGroup",
  "AsyncExitStack",
  "Lock",
  "Event",
  "Condition",
  "Semaphore",
  "BoundedSemaphore",
  "Barrier",
  "Hold",
  "Queue",
  "LifoQueue",
  "PriorityQueue",
  "ContextVar",
  "Context",
  "Token",
  "FutureCallGraph",
  "TaskDump",
  "FrameCallGraphEntry",
];

/** Error classes, with the class of JavaScript's or ours that each extends. */
const ERRORS: Record<string, string> = {
  CancelledError: "Error",
  TimeoutError: "OSError",
  InvalidStateError: "Error",
  QueueEmpty: "Error",
  QueueFull: "Error",
  QueueShutDown: "Error",
  BrokenBarrierError: "RuntimeError",
  IncompleteReadError: "Error",
  LimitOverrunError: "Error",
  RuntimeError: "Error",
  MemoryError: "RuntimeError",
  NotAvailableError: "RuntimeError",
  DeadlockError: "RuntimeError",
  InternalError: "Error",
  KeyboardInterrupt: "Error",
  ExceptionGroup: "AggregateError",
};

const CONSTANTS = ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"];

const main: Record<string, unknown> = { ...wasyncio };

/** The doors that need nothing but a host: those of a peer can be gone through only where that runs. */
const LOADABLE = doors.filter(({ peers }) => peers.length === 0);
const load = async (name: string): Promise<Record<string, unknown>> => ({
  ...((await import(/* @vite-ignore */ name)) as object),
});
const loaded = await Promise.all(LOADABLE.map(({ name }) => load(name)));

/** Whether a value is a class: it cannot be called without `new`. */
const isClass = (value: unknown): boolean =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

describe("wasyncio", () => {
  test("exports these names and no other", () => {
    expect(Object.keys(main).sort()).toEqual([...FUNCTIONS, ...CLASSES, ...Object.keys(ERRORS), ...CONSTANTS].sort());
  });

  test.each(FUNCTIONS)("%s is a function of that name", (name) => {
    const value = main[name] as Function;
    expect(typeof value).toBe("function");
    expect(isClass(value)).toBe(false);
    expect(value.name).toBe(name);
  });

  test.each(CLASSES)("%s is a class of that name", (name) => {
    const value = main[name] as Function;
    expect(isClass(value)).toBe(true);
    expect(value.name).toBe(name);
  });

  test.each(Object.entries(ERRORS))("%s is an error that extends %s", (name, base) => {
    const value = main[name] as ErrorConstructor;
    expect(value.prototype).toBeInstanceOf(Error);
    expect(value.prototype.name).toBe(name);
    expect((Object.getPrototypeOf(value) as Function).name).toBe(base);
  });

  test.each(CONSTANTS)("%s is the string of that name", (name) => expect(main[name]).toBe(name));
});

describe.each([
  ["wasyncio/edge", edge, ["background", "co", "eventStream", "handler", "streamOf"]],
  ["wasyncio/node-http", nodeHttp, ["serve", "toNodeListener"]],
  ["wasyncio/timeline", timeline, ["toTimeline", "toTimelinePage"]],
  [
    "wasyncio/transform",
    transform,
    [
      "bunPlugin",
      "default",
      "esbuildPlugin",
      "lowerAsync",
      "rolldownPlugin",
      "rollupPlugin",
      "rspackPlugin",
      "vitePlugin",
      "webpackPlugin",
    ],
  ],
])("%s", (_, door: Record<string, unknown>, names) => {
  test("exports these functions and no other name", () => {
    expect(Object.keys(door).sort()).toEqual(names);
    expect(Object.values(door).map((value) => [typeof value, isClass(value)])).toEqual(
      names.map(() => ["function", false]),
    );
  });
});

describe("wasyncio/streams", () => {
  const {
    connectAcceptedSocket,
    connectReadPipe,
    connectWritePipe,
    createConnection,
    createDatagramEndpoint,
    createDefaultContext,
    createServer,
    createUnixConnection,
    createUnixServer,
    getaddrinfo,
    getnameinfo,
    openConnection,
    openStream,
    openUnixConnection,
    sendfile,
    staggeredRace,
    startServer,
    startTls,
    startUnixServer,
    ...classes
  } = streams;
  const connecting = [
    connectAcceptedSocket,
    createConnection,
    createUnixConnection,
    openConnection,
    openUnixConnection,
  ];
  const serving = [createServer, createUnixServer, startServer, startUnixServer];
  const others = [connectReadPipe, connectWritePipe, createDatagramEndpoint, openStream, sendfile, staggeredRace];
  const names = [getaddrinfo, getnameinfo];
  const tls = [createDefaultContext, startTls];

  test("exports these names and no other", () => {
    expect(Object.keys(classes).sort()).toEqual([
      "AssertionError",
      "BaseProtocol",
      "BaseTransport",
      "BrokenPipeError",
      "BufferedProtocol",
      "ConnectionAbortedError",
      "ConnectionError",
      "ConnectionRefusedError",
      "ConnectionResetError",
      "DatagramProtocol",
      "DatagramTransport",
      "FileExistsError",
      "FileNotFoundError",
      "FlowControlMixin",
      "GaiError",
      "NotImplementedError",
      "OSError",
      "PermissionError",
      "ProcessLookupError",
      "Protocol",
      "ReadTransport",
      "SSLCertVerificationError",
      "SSLContext",
      "SSLError",
      "StreamReader",
      "StreamReaderProtocol",
      "StreamWriter",
      "Transport",
      "WriteTransport",
    ]);
    for (const each of [...connecting, ...serving, ...others, ...names, ...tls])
      expect([typeof each, isClass(each)]).toEqual(["function", false]);
  });

  test.each(Object.entries(classes))("%s is a class of that name", (name, value) => {
    expect([isClass(value), value.name]).toEqual([true, name]);
  });

  test.each([
    ["AssertionError", "Error"],
    ["OSError", "Error"],
    ["ConnectionResetError", "ConnectionError"],
    ["NotImplementedError", "RuntimeError"],
  ] as const)("%s is an error that extends %s", (name, base) => {
    expect(classes[name].prototype.name).toBe(name);
    expect((Object.getPrototypeOf(classes[name]) as Function).name).toBe(base);
  });
});

describe("wasyncio/subprocess", () => {
  const {
    DEVNULL,
    PIPE,
    STDOUT,
    Process,
    SubprocessProtocol,
    SubprocessStreamProtocol,
    SubprocessTransport,
    ...functions
  } = subprocess;

  test("exports these names and no other", () => {
    expect(Object.keys(functions).sort()).toEqual([
      "createSubprocessExec",
      "createSubprocessShell",
      "subprocessExec",
      "subprocessShell",
    ]);
    for (const each of Object.values(functions)) expect([typeof each, isClass(each)]).toEqual(["function", false]);
    expect([PIPE, STDOUT, DEVNULL]).toEqual([-1, -2, -3]);
  });

  test.each(Object.entries({ Process, SubprocessProtocol, SubprocessStreamProtocol, SubprocessTransport }))(
    "%s is a class of that name",
    (name, value) => expect([isClass(value), value.name]).toEqual([true, name]),
  );
});

/** Doors of functions, classes and errors, with the class that each error extends. */
const DOORS: Record<string, { door: object; functions: string[]; classes: string[]; errors: Record<string, string> }> =
  {
    "wasyncio/bullmq": {
      door: bullmq,
      functions: ["serveQueue"],
      classes: ["BullMQExecutor"],
      errors: { JobNotFoundError: "RuntimeError" },
    },
    "wasyncio/client": {
      door: client,
      functions: ["handlerFetch"],
      classes: ["BasicAuth", "ClientResponse", "ClientSession", "ClientWebSocket", "ContentReader", "CookieJar"],
      errors: {
        ClientConnectionError: "ClientError",
        ClientConnectorCertificateError: "ClientConnectorSSLError",
        ClientConnectorDNSError: "ClientConnectorError",
        ClientConnectorError: "ClientOSError",
        ClientConnectorSSLError: "ClientConnectorError",
        ClientError: "Error",
        ClientHttpProxyError: "ClientResponseError",
        ClientOSError: "OSError",
        ClientPayloadError: "ClientError",
        ClientProxyConnectionError: "ClientConnectorError",
        ClientResponseError: "ClientError",
        ConnectionTimeoutError: "ServerTimeoutError",
        ContentTypeError: "ClientResponseError",
        InvalidURL: "ClientError",
        InvalidUrlRedirectClientError: "InvalidURL",
        NonHttpUrlClientError: "InvalidURL",
        NonHttpUrlRedirectClientError: "InvalidUrlRedirectClientError",
        ServerConnectionError: "ClientConnectionError",
        ServerDisconnectedError: "ServerConnectionError",
        ServerTimeoutError: "TimeoutError",
        SocketTimeoutError: "ServerTimeoutError",
        TooManyRedirects: "ClientResponseError",
        WSMessageTypeError: "TypeError",
        WSServerHandshakeError: "ClientResponseError",
      },
    },
    "wasyncio/executors": {
      door: executors,
      functions: [
        "currentJob",
        "job",
        "runInExecutor",
        "serveJobs",
        "setDefaultExecutor",
        "shutdownDefaultExecutor",
        "toThread",
        "transfer",
      ],
      classes: ["Executor", "InterpreterPoolExecutor", "ProcessPoolExecutor", "ThreadPoolExecutor"],
      errors: {
        BrokenExecutor: "RuntimeError",
        BrokenProcessPool: "BrokenExecutor",
        BrokenThreadPool: "BrokenExecutor",
        RemoteTraceback: "Error",
      },
    },
    "wasyncio/extras": {
      door: extras,
      functions: ["every", "mapConcurrently", "memoize", "once", "openChannel", "retry"],
      classes: ["Broadcast", "RateLimiter", "ReceiveChannel", "SendChannel", "Subscription"],
      errors: {
        BrokenResourceError: "RuntimeError",
        ClosedResourceError: "RuntimeError",
        EndOfStream: "Error",
        WouldBlock: "Error",
      },
    },
    "wasyncio/multiprocessing": {
      door: multiprocessing,
      functions: [
        "activeChildren",
        "cpuCount",
        "currentProcess",
        "loopHandle",
        "runCoroutineThreadsafe",
        "serveProcesses",
      ],
      classes: [
        "Array",
        "Barrier",
        "BoundedSemaphore",
        "Condition",
        "Event",
        "Lock",
        "LoopHandle",
        "Manager",
        "Pool",
        "Process",
        "Queue",
        "RLock",
        "Semaphore",
        "Value",
      ],
      errors: {},
    },
    "wasyncio/pool": { door: pool, functions: [], classes: ["ResourcePool"], errors: {} },
    "wasyncio/postgres": {
      door: postgres,
      functions: ["connect", "createPool"],
      classes: ["Connection", "Cursor", "Notifications", "Pool", "PreparedStatement", "Transaction"],
      errors: {
        CheckViolationError: "IntegrityConstraintViolationError",
        DataError: "PostgresError",
        DeadlockDetectedError: "TransactionRollbackError",
        ForeignKeyViolationError: "IntegrityConstraintViolationError",
        InFailedSQLTransactionError: "PostgresError",
        IntegrityConstraintViolationError: "PostgresError",
        InterfaceError: "RuntimeError",
        InvalidAuthorizationSpecificationError: "PostgresError",
        NotNullViolationError: "IntegrityConstraintViolationError",
        PostgresConnectionError: "PostgresError",
        PostgresError: "Error",
        QueryCanceledError: "PostgresError",
        SerializationError: "TransactionRollbackError",
        SyntaxOrAccessError: "PostgresError",
        TransactionRollbackError: "PostgresError",
        UndefinedTableError: "SyntaxOrAccessError",
        UniqueViolationError: "IntegrityConstraintViolationError",
      },
    },
    "wasyncio/serve": {
      door: serve,
      functions: ["serveApp"],
      classes: [],
      errors: { WebSocketDisconnect: "RuntimeError" },
    },
  };

describe.each(Object.entries(DOORS))("%s", (_, { door, functions, classes, errors }) => {
  const values = door as Record<string, Function>;

  test("exports these names and no other, each of its kind", () => {
    expect(Object.keys(values).sort()).toEqual([...functions, ...classes, ...Object.keys(errors)].sort());
    for (const name of functions) expect([isClass(values[name]), values[name]?.name]).toEqual([false, name]);
    for (const name of classes) expect([isClass(values[name]), values[name]?.name]).toEqual([true, name]);
    for (const [name, base] of Object.entries(errors)) {
      const value = values[name] as ErrorConstructor;
      expect([value.prototype.name, (Object.getPrototypeOf(value) as Function).name]).toEqual([name, base]);
    }
  });
});

describe("wasyncio/testing", () => {
  /** Error classes, with the class that each extends. */
  const errors: Record<string, Function> = {
    LeakError: wasyncio.RuntimeError,
    LinearizabilityError: wasyncio.RuntimeError,
    NondeterminismError: wasyncio.RuntimeError,
    OutsideError: wasyncio.RuntimeError,
    SweepFault: Error,
    TokenError: wasyncio.RuntimeError,
  };
  const functions = ["eventually", "explore", "runSync", "simulate", "simulated", "sweep"];
  const door: Record<string, unknown> = { ...testing };

  test("exports these names and no other", () => {
    const names = ["History", ...Object.keys(errors), "VirtualEventLoop", ...functions];
    expect(Object.keys(door).sort()).toEqual(names);
    expect(isClass(testing.History)).toBe(true);
    expect(isClass(testing.VirtualEventLoop)).toBe(true);
    expect(testing.VirtualEventLoop.prototype).toBeInstanceOf(wasyncio.EventLoop);
  });

  test.each(functions)("%s is a function of that name", (name) => {
    const value = door[name] as Function;
    expect([typeof value, isClass(value), value.name]).toEqual(["function", false, name]);
  });

  test.each(Object.entries(errors))("%s is an error of that name, and one of its class", (name, base) => {
    const value = door[name] as ErrorConstructor;
    expect(Object.getPrototypeOf(value)).toBe(base);
    expect(value.prototype.name).toBe(name);
  });
});

describe("wasyncio/eslint", () => {
  test("exports a plugin, and no other name", () => {
    expect(Object.keys(forESLint)).toEqual(["default"]);
    const { rules, configs } = forESLint.default;
    expect(Object.keys(rules).sort()).toEqual([
      "no-floating-coroutine",
      "no-open-block",
      "no-plain-yield",
      "no-swallowed-cancellation",
    ]);
    expect(Object.keys(configs).sort()).toEqual(["recommended", "typescript"]);
  });
});

describe("wasyncio/vitest", () => {
  test("exports vitest's test with simulated ones, a plugin for its configuration, and no other name", () => {
    expect(Object.keys(forVitest).sort()).toEqual(["simulatedPromises", "test"]);
    expect(typeof forVitest.test.simulated).toBe("function");
    expect(Object.keys(forVitest.test.simulated).sort()).toEqual(["each", "fails", "only", "skip", "todo"]);
    expect(forVitest.test.only).toBeTypeOf("function");
  });
});

describe("wasyncio/lowered", () => {
  test("exports what lowered modules import, and no other name", () => {
    expect(Object.keys(lowered).sort()).toEqual([
      "Promise",
      "agen",
      "aiter",
      "await_",
      "call",
      "calling",
      "d",
      "fetch",
      "named",
      "nextTick",
      "pass",
      "queueMicrotask",
      "run",
      "runAs",
      "stack",
      "superOf",
      "timer",
      "yieldStar",
      "yield_",
    ]);
  });
});

describe("wasyncio/lowered-timers", () => {
  test("exports the names of Node's module", async () => {
    const ofNode = Object.keys(await import("node:timers/promises"));
    expect(Object.keys(loweredTimers).sort()).toEqual(ofNode.filter((name) => name !== "module.exports").sort());
    expect(Object.keys(loweredTimers.default).sort()).toEqual(
      Object.keys(loweredTimers)
        .filter((name) => name !== "default")
        .sort(),
    );
  });
});

describe("wasyncio/async", () => {
  test("exports names of wasyncio, each of its kind", () => {
    const door: Record<string, unknown> = { ...forAsync };
    expect(Object.keys(door).sort()).toEqual([
      "Barrier",
      "BoundedSemaphore",
      "Condition",
      "Event",
      "LifoQueue",
      "Lock",
      "PriorityQueue",
      "Queue",
      "Semaphore",
      "TaskGroup",
      "abortable",
      "asCompleted",
      "createTask",
      "gather",
      "mapConcurrently",
      "moveOnAfter",
      "moveOnAt",
      "race",
      "run",
      "shield",
      "shielded",
      "sleep",
      "timeout",
      "timeoutAt",
      "wait",
      "waitFor",
    ]);
    for (const [name, value] of Object.entries(door)) {
      expect([name, isClass(value)]).toEqual([(value as Function).name, isClass(main[name])]);
      if (isClass(value)) expect(Object.getPrototypeOf(value)).toBe(main[name]);
    }
  });
});

/** Doors with names that others have, too: for async functions that are lowered, and multiprocessing's own. */
const NAMED_AS_OTHERS = ["wasyncio/async", "wasyncio/lowered", "wasyncio/lowered-timers", "wasyncio/multiprocessing"];

/** Names that leave by a second door, too: the helpers are looked for in one place. */
const LEAVE_TWICE = ["mapConcurrently", "MapConcurrentlyOptions"];

describe("the doors", () => {
  /** Names in the export lists of a file, types included. */
  const exportsOf = (file: string): string[] => {
    const source = (readSources("src").get(file) as string).replace(/\/\/.*/g, "");
    const names = [...source.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap(([, list = ""]) => list.split(","));
    return names.map((name) => name.replace(/\btype\b/, "").trim()).filter((name) => name !== "");
  };

  test("let no symbol out twice, types included", () => {
    const all = doors.flatMap(({ name, source }) => (NAMED_AS_OTHERS.includes(name) ? [] : exportsOf(source)));
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual(LEAVE_TWICE);
    const own = LOADABLE.flatMap(({ name }, index) => (NAMED_AS_OTHERS.includes(name) ? [] : [loaded[index]]));
    expect(all).toEqual(expect.arrayContaining(own.flatMap((door) => Object.keys(door as object))));
  });

  test("hold names only, no logic", () => {
    for (const { source } of doors) {
      const text = readSources("src").get(source) as string;
      const statements = text.replace(/\/\/.*/g, "").split(";");
      const others = statements.filter(
        (text) => !/^\s*(export\s+(type\s+)?\{[^}]*\}\s+from\s+"[^"]+")?\s*$/.test(text),
      );
      expect(others).toEqual([]);
    }
  });

  test.each(Object.entries(aliases))("%s is another name of a door, and the same module", async (alias, { name }) => {
    expect(await import(/* @vite-ignore */ alias)).toBe(await import(/* @vite-ignore */ name));
    const program = `console.log((await import("${alias}")) === (await import("${name}")));`;
    expect((await runInNode(program)).stdout).toBe("true\n");
  });
});

describe("a minified bundle", () => {
  test("keeps the name of each class, which messages show", async () => {
    const { outputFiles } = await build({
      absWorkingDir: root,
      stdin: {
        contents: LOADABLE.map(({ source }, index) => `export * as door${index} from "./${source}";`).join("\n"),
        resolveDir: root,
      },
      write: false,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      conditions: ["node"],
      external: ["node:*"],
      target: "es2022",
      plugins: [esbuildPlugin],
    });
    const bundle = Buffer.from((outputFiles[0] as { contents: Uint8Array }).contents).toString("base64");
    const all = (await import(/* @vite-ignore */ `data:text/javascript;base64,${bundle}`)) as Record<
      string,
      Record<string, unknown>
    >;
    const classes = Object.values(all)
      .flatMap((door) => Object.entries(door))
      .filter(([, value]) => isClass(value)) as [string, Function][];
    expect(classes.length).toBeGreaterThan(CLASSES.length + Object.keys(ERRORS).length);
    for (const [name, { name: own, prototype }] of classes)
      expect(prototype instanceof Error ? prototype.name : own).toBe(name);
  });
});

describe("the built package", () => {
  /** Counts what a program must not do by importing. */
  const counting = `
    const counts = {};
    const count = (owner, name) => {
      counts[name] = 0;
      owner[name] = new Proxy(owner[name], {
        apply: (target, self, args) => (counts[name]++, Reflect.apply(target, self, args)),
        construct: (target, args) => (counts[name]++, Reflect.construct(target, args)),
      });
    };
    for (const name of ["Module", "Instance", "compile", "instantiate"]) count(WebAssembly, name);
    for (const name of ["setTimeout", "setInterval", "setImmediate", "MessageChannel", "FinalizationRegistry"]) count(globalThis, name);
    count(Math, "random");
    count(Date, "now");
    count(performance, "now");
    const listeners = () => process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const before = JSON.stringify(listeners());`;
  const started = `
    const busy = Object.entries(counts).filter(([, times]) => times > 0);
    if (JSON.stringify(listeners()) !== before) busy.push(["listeners", listeners()]);
    console.log(JSON.stringify(busy));`;

  test("starts nothing when it is imported: no wasm, no timer, no clock, no random number, no listener", async () => {
    const program = `${counting}
      const { run } = await import("wasyncio");
      for (const door of ${JSON.stringify(bareDoors.map(({ name }) => name))}) await import(door);
      ${started}
      await run(function* () {});
      console.log(counts.Module, counts.Instance);`;
    const { end, stdout, stderr } = await runInNode(program);
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual(["[]", "1 1", ""]);
    expect(end).toBe(0);
  });

  test("compiles its wasm once for many loops, and makes no core where one is idle", async () => {
    const program = `${counting}
      const { newEventLoop } = await import("wasyncio");
      const loops = [newEventLoop(), newEventLoop(), newEventLoop()];
      for (const loop of loops) loop.close();
      for (let i = 0; i < 9; i++) newEventLoop().close();
      console.log(counts.Module, counts.Instance);`;
    expect((await runInNode(program)).stdout).toBe("1 3\n");
  });

  test("works from require(), and is the same package as by import", async () => {
    const program = `
      const wasyncio = require("wasyncio");
      const { VirtualEventLoop } = require("wasyncio/testing");
      const { NotImplementedError, StreamReader } = require("wasyncio/streams");
      const loop = new VirtualEventLoop();
      new StreamReader(1, loop);
      console.log(loop.runUntilCompleteSync(wasyncio.sleep(3600, "from require")));
      const same = new NotImplementedError() instanceof wasyncio.RuntimeError;
      import("wasyncio").then((imported) => console.log(imported.run === wasyncio.run, loop instanceof imported.EventLoop, same));`;
    const { end, stdout } = await runInNode(program, { type: "commonjs" });
    expect([end, stdout]).toEqual([0, "from require\ntrue true true\n"]);
  });

  test("has the same names as the source, and keeps those of classes and functions", async () => {
    // Of two functions that are named alike, the bundler names one anew.
    const program = `
      const doors = await Promise.all(${JSON.stringify(LOADABLE.map(({ name }) => name))}.map((door) => import(door)));
      const functions = doors.flatMap(Object.entries).filter(([, value]) => typeof value === "function");
      const renamed = functions.filter(([name, value]) => !value.name.startsWith(name));
      console.log(JSON.stringify([doors.map((door) => Object.keys(door).sort()), renamed]));`;
    const [names, renamed] = JSON.parse((await runInNode(program)).stdout) as [string[][], unknown[]];
    expect(names).toEqual(loaded.map((door) => Object.keys(door).sort()));
    expect(renamed).toEqual([]);
  });
});
