// `wasyncio serve APP`: an app over HTTP.
//
// With workers, each of them is this same command in a process that the first one has started.

import { constants } from "node:os";
import { parseArgs } from "node:util";
import { isWorker, workersOf } from "#cluster";
import { run } from "../runners/runner.ts";
import { KeyboardInterrupt, NotAvailableError } from "../errors/base.ts";
import { wrapFuture } from "../runtime/wrap-future.ts";
import { AppError, loadApp } from "../serve/load-app.ts";
import { type ServeAppOptions, checkService, serveApp } from "../serve/serve-app.ts";
import { ENDING } from "../serve/signals.ts";
import { supervise } from "../serve/supervisor.ts";
import { tellSupervisor, work } from "../serve/worker.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `usage: wasyncio serve APP [options]

APP is a module whose default export is { fetch, startup, shutdown, websocket }; all but fetch may be left out.

  --host ADDRESS        the address to listen on; default: 127.0.0.1
  --port PORT           the port, 0 for any that is free; default: 8000
  --workers N           processes that serve, under a supervisor; default: 0, this process alone
  --grace SECONDS       how long what goes on may take when a process ends; default: 30
  --keep-alive SECONDS  how long a connection is kept for a further request, 0: it is not; default: 5
  --ws-ping-interval SECONDS
                        how long after a ping the next one is sent to a WebSocket; default: 20, never: 0
  --ws-ping-timeout SECONDS
                        a WebSocket is closed that does not answer one for so long; default: 20, never: 0
  --health PATH         where 200 is answered, and 503 while a process ends, such as /healthz
  --access-log          a line for each request on the standard output

With workers:
  --timeout SECONDS     a worker whose loop is blocked for so long is replaced; default: 1, never: 0
  --max-requests N      a worker is replaced after so many requests; default: 0, never
  --reload-on SIGNAL    replaces all workers, one after the other; default: SIGHUP

SIGTERM and SIGINT end it in order, a second one at once. The exit code is 1 when it cannot start or fails at its
end, 2 for bad usage.
`;

const OPTIONS = {
  host: { type: "string", default: "127.0.0.1" },
  port: { type: "string", default: "8000" },
  workers: { type: "string", default: "0" },
  grace: { type: "string", default: "30" },
  "keep-alive": { type: "string", default: "5" },
  "ws-ping-interval": { type: "string", default: "20" },
  "ws-ping-timeout": { type: "string", default: "20" },
  health: { type: "string" },
  "access-log": { type: "boolean", default: false },
  timeout: { type: "string" },
  "max-requests": { type: "string" },
  "reload-on": { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/** Options that a supervisor alone can follow. */
const FOR_WORKERS = ["timeout", "max-requests", "reload-on"] as const;

/** Signals that mean the end already, or that no process hears. */
const NOT_FOR_RELOADS: readonly string[] = [...ENDING, "SIGKILL", "SIGSTOP"];

/** Milliseconds that a process may go on when its app has ended. */
const LEAVE = 1000;

/** What the command line asks for. */
interface Settings {
  readonly file: string;
  readonly service: ServeAppOptions;
  readonly grace: number;
  readonly workers: number;
  readonly timeout: number;
  readonly maxRequests: number;
  readonly reloadOn: string;
}

/** Runs the command. Returns the exit code. */
export async function main(args: string[]): Promise<number> {
  // Who reads the lines may go, as `head` does: that is no reason to end the service.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const settings = settingsOf(args);
  if (settings === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (isWorker) return serveAsWorker(settings);
  try {
    return await (settings.workers === 0 ? serveAlone(settings) : serveByWorkers(settings));
  } catch (error) {
    if (error instanceof KeyboardInterrupt) return 130; // before there was anything to end in order
    report(describeFailure(error, settings));
    return 1;
  } finally {
    setTimeout(() => process.exit(), LEAVE).unref(); // what the app has left open does not keep the process
  }
}

/** What arguments ask for; null for help. Throws UsageError. */
function settingsOf(args: string[]): Settings | null {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) return null;
  if (positionals.length !== 1) throw new UsageError("expected one APP");
  const workers = numberOf(values.workers, "workers", true);
  for (const name of FOR_WORKERS)
    if (workers === 0 && values[name] !== undefined) throw new UsageError(`--${name} needs --workers`);
  const { health, "reload-on": reloadOn = "SIGHUP" } = values;
  if (!Object.hasOwn(constants.signals, reloadOn)) throw new UsageError(`--reload-on: there is no signal ${reloadOn}`);
  if (NOT_FOR_RELOADS.includes(reloadOn)) throw new UsageError(`--reload-on: ${reloadOn} ends the process`);
  if (health !== undefined && !health.startsWith("/"))
    throw new UsageError("--health: expected a path such as /healthz");
  const port = numberOf(values.port, "port", true);
  const grace = numberOf(values.grace, "grace");
  if (port > 65535) throw new UsageError(`--port: expected a number up to 65535, got ${port}`);
  return {
    file: positionals[0],
    service: {
      host: values.host,
      port,
      grace,
      keepAlive: numberOf(values["keep-alive"], "keep-alive"),
      wsPingInterval: numberOf(values["ws-ping-interval"], "ws-ping-interval") || null,
      wsPingTimeout: numberOf(values["ws-ping-timeout"], "ws-ping-timeout") || null,
      health: health ?? null,
      accessLog: values["access-log"],
    },
    grace,
    workers,
    timeout: numberOf(values.timeout ?? "1", "timeout"),
    maxRequests: numberOf(values["max-requests"] ?? "0", "max-requests", true),
    reloadOn,
  };
}

function numberOf(text: string, name: string, isWhole = false): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0 && number < Infinity && (!isWhole || Number.isInteger(number))) return number;
  throw new UsageError(`--${name}: expected a ${isWhole ? "whole " : ""}number from 0, got ${text}`);
}

async function serveAlone({ file, service }: Settings): Promise<number> {
  await run(function* () {
    const app = yield* wrapFuture(loadApp(file));
    yield* serveApp(app, { ...service, onListening: ({ url }) => report(`listening on ${url}`) });
  });
  return 0;
}

function serveByWorkers({ grace, workers, timeout, reloadOn }: Settings): Promise<number> {
  return run(() => supervise(workersOf(), { workers, grace, timeout, reloadOn, report }));
}

async function serveAsWorker(settings: Settings): Promise<number> {
  const { file, service, timeout, maxRequests } = settings;
  try {
    await run(function* () {
      const app = yield* wrapFuture(loadApp(file));
      yield* work(app, checkService(service), { timeout, maxRequests });
    });
  } catch (error) {
    await tellSupervisor({ wasyncio: "failed", text: describeFailure(error, settings) });
  }
  process.disconnect(); // it would keep the process
  return 0;
}

/** For the operator: the standard output is the access log's. */
function report(text: string): void {
  process.stderr.write(`wasyncio serve: ${text}\n`);
}

/** What is wrong, in a line where that says all. */
function describeFailure(error: unknown, { service: { host, port } }: Settings): string {
  if (error instanceof AppError || error instanceof NotAvailableError) return error.message;
  const { code, syscall, stack } = Object(error) as Partial<NodeJS.ErrnoException>; // it may be anything, null too
  if (syscall === "listen" || syscall === "bind" || syscall === "getaddrinfo") {
    const reason = { EADDRINUSE: "the port is in use", EACCES: "it is not permitted" }[code ?? ""] ?? code;
    return `Cannot listen on ${host}:${port}: ${reason}`;
  }
  return stack ?? String(error);
}
