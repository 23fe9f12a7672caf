// serveApp: an app in this process, as a coroutine of a program.

import { checkPort } from "../node-http/serve.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { type Delay, secondsFrom0 } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { type AccessLog, gatherLines } from "./access-log.ts";
import { type App, checkApp } from "./app.ts";
import { Service, type ServiceOptions } from "./service.ts";
import { ENDING, onSignals } from "./signals.ts";

/** Options of `serveApp`. */
export interface ServeAppOptions {
  /** The address or name to listen on. Default: "127.0.0.1", which is reached from this machine alone. */
  host?: string;
  /** The port to listen on; 0 is any that is free. Default: 8000. */
  port?: number;
  /**
   * How long what goes on may take when the service ends: requests, their background tasks, WebSockets; then it is
   * cancelled. null: for ever. Default: 30.
   */
  grace?: Delay | null;
  /** How long a connection is kept for a further request; 0: it is not. Default: 5. */
  keepAlive?: Delay;
  /** How long after a ping the next one is sent to the client of a WebSocket; null: none is. Default: 20. */
  wsPingInterval?: Delay | null;
  /** How long a client may take to answer a ping before its WebSocket is closed; null: for ever. Default: 20. */
  wsPingTimeout?: Delay | null;
  /** The path at which 200 is answered, and 503 while the service ends, without the app; null: none. Default: null. */
  health?: string | null;
  /**
   * Whether a line for each request goes to the standard output, or what takes the lines: the common log format, with
   * the seconds that it took. Default: false.
   */
  accessLog?: boolean | ((line: string) => void);
  /**
   * The signals that have the service end in order, and at once when one comes for the second time. Handlers that the
   * loop has for them are replaced. Default: ["SIGINT", "SIGTERM"].
   */
  signals?: readonly string[];
  /** Called when the service listens, with where it can be reached. */
  onListening?: (address: { readonly port: number; readonly url: string }) => void;
}

/** The names of ServeAppOptions. */
const SERVE_APP_OPTIONS: readonly (keyof ServeAppOptions)[] = [
  "host",
  "port",
  "grace",
  "keepAlive",
  "wsPingInterval",
  "wsPingTimeout",
  "health",
  "accessLog",
  "signals",
  "onListening",
];

/**
 * Serves an app over node:http, in the loop of the program that awaits it, and ends in order: by a signal, then it
 * returns; or when it is cancelled. Requests that go on are answered first, and what is left when the grace is over is
 * cancelled; `startup` of the app runs before, and `shutdown` behind. It is uvicorn's place.
 * @throws TypeError at the call, for what is no app, and for an option of the wrong type
 * @throws RangeError at the call, for a port that there cannot be, and for a time below 0
 * @throws what `startup` throws, and Node's error when it cannot listen
 * @throws NotAvailableError when the app has a `websocket`, and the package ws is not installed
 *
 * @example
 * await run(() => serveApp({ *fetch() { return new Response("hello"); } }, { port: 8080 }));
 */
export function serveApp<Env>(app: App<Env>, options: ServeAppOptions = {}): Coroutine<void> {
  const { signals = ENDING } = checkNames(options, SERVE_APP_OPTIONS);
  if (!Array.isArray(signals)) throw new TypeError(`Invalid signals: expected an array, got ${format(signals)}`);
  return operation("serveApp", serveUntil(new Service(checkApp(app), checkService(options)), signals));
}

function* serveUntil<Env>(service: Service<Env>, signals: readonly string[]): Coroutine<void> {
  const stopListening = onSignals(signals, { first: () => service.stop(), second: () => service.cut() });
  try {
    yield* service.run();
  } finally {
    stopListening();
  }
}

/** The options of a service, checked. */
export function checkService(options: ServeAppOptions): ServiceOptions {
  const { host = "127.0.0.1", port = 8000, grace = 30, keepAlive = 5, health = null, accessLog = false } = options;
  const { wsPingInterval = 20, wsPingTimeout = 20, onListening } = options;
  if (typeof host !== "string") throw new TypeError(`Invalid host: expected a string, got ${format(host)}`);
  if (health !== null && !(typeof health === "string" && health.startsWith("/")))
    throw new TypeError(`Invalid health: expected a path that begins with "/", got ${format(health)}`);
  if (typeof accessLog !== "function" && typeof accessLog !== "boolean")
    throw new TypeError(`Invalid accessLog: expected a boolean or a function, got ${format(accessLog)}`);
  return {
    host,
    port: checkPort(port),
    grace: grace === null ? null : secondsFrom0(grace, "grace"),
    keepAlive: secondsFrom0(keepAlive, "keepAlive"),
    pings: {
      interval: timeOrNone(wsPingInterval, "wsPingInterval"),
      timeout: timeOrNone(wsPingTimeout, "wsPingTimeout"),
    },
    health,
    log: typeof accessLog === "function" ? logBy(accessLog) : accessLog ? logOfProcess() : null,
    onListening: onListening === undefined ? () => {} : checkFunction(onListening, "onListening"),
  };
}

/** Seconds. Throws TypeError for what is no time, RangeError for one that is not above 0. */
function timeOrNone(delay: Delay | null, what: string): number | null {
  const seconds = delay === null ? null : secondsFrom0(delay, what);
  if (seconds === 0) throw new RangeError(`Invalid ${what}: expected a time above 0, or null`);
  return seconds;
}

/** A function of the program's: what it throws is for nobody who serves. */
const logBy = (take: (line: string) => void): AccessLog => ({
  write(line) {
    try {
      take(line);
    } catch (error) {
      console.error("Unhandled error in accessLog:", error);
    }
  },
  flush() {},
});

/** The standard output, a turn's lines at once. */
const logOfProcess = (): AccessLog => gatherLines((text) => void process.stdout.write(text));
