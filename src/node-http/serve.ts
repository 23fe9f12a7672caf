// serve: a fetch handler behind a node:http server of its own.

import { createServer } from "node:http";
import { checkSignal } from "../runtime/abort.ts";
import { type Delay, secondsOf } from "../support/delay.ts";
import { format } from "../support/format.ts";
import { checkNames } from "../support/checks.ts";
import { type FetchFunction, type ListenerOptions, toNodeListener } from "./listener.ts";
import { type HttpServer, Listening } from "./listening.ts";

/** Options of `serve`. */
export interface ServeOptions extends ListenerOptions {
  /** The port to listen on; 0 is any that is free. Default: 0. */
  port?: number;
  /** The address or name to listen on. Default: all addresses of the machine. */
  host?: string;
  /** Closes the server when it is aborted. */
  signal?: AbortSignal;
  /**
   * How long a server that is closed waits for requests in progress before it cuts their connections; null: for ever.
   * Default: null.
   */
  grace?: Delay | null;
}

/** The names of ServeOptions. */
const SERVE_OPTIONS: readonly (keyof ServeOptions)[] = ["port", "host", "signal", "grace", "onError"];

/**
 * Listens on a port, and answers requests with a fetch handler, as `toNodeListener` does. The promise is of the server,
 * once it listens; it rejects with Node's error when it cannot, and with the signal's reason when that is aborted
 * before.
 * @throws TypeError for an argument or an option of the wrong type
 * @throws RangeError for a port that there cannot be
 *
 * @example
 * const server = await serve(handler(main), { port: 8080 });
 * process.once("SIGTERM", () => server.close());
 */
export function serve(fetch: FetchFunction, options: ServeOptions = {}): Promise<HttpServer> {
  const { port = 0, host, signal, grace = null, onError } = checkNames(options, SERVE_OPTIONS);
  checkPort(port);
  if (host !== undefined && typeof host !== "string")
    throw new TypeError(`Invalid host: expected a string, got ${format(host)}`);
  checkSignal(signal);
  const graceSeconds = grace === null ? Infinity : secondsOf(grace, "grace");
  const listening = new Listening(
    createServer(toNodeListener(fetch, onError === undefined ? {} : { onError })),
    host,
    graceSeconds,
  );
  return listening.listen(port, signal);
}

/** Throws TypeError for what is no number, and RangeError for a port that there cannot be. Returns it. */
export function checkPort(port: number): number {
  if (typeof port !== "number") throw new TypeError(`Invalid port: expected a number, got ${format(port)}`);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`Invalid port: ${port}`);
  return port;
}
