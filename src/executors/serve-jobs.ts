// Serves jobs in a worker: what its script calls, the package's own or a program's.

import { RuntimeError } from "../errors/base.ts";
import { format } from "../support/format.ts";
import { EventLoop } from "../runtime/event-loop.ts";
import { copying } from "./copying.ts";
import type { Registry } from "./find-function.ts";
import { hostWorkers } from "./host-workers.ts";
import { JobServer } from "./job-server.ts";
import { sideChannel } from "./side-channel.ts";
import type { Order } from "./messages.ts";

/**
 * Has a worker that the program starts itself serve the jobs of an executor, which gets the worker by its option
 * `worker`: for bundles, in which a worker finds no module by its name.
 * @param registry the functions that it serves by name: the names of a module, mostly. Default: it loads modules, and
 *   takes functions as text
 * @throws RuntimeError in what is no worker; TypeError for what is no registry
 *
 * @example
 * // jobs.worker.ts
 * import * as jobs from "./jobs.ts";
 * serveJobs(jobs);
 */
export function serveJobs(registry?: Readonly<Record<string, unknown>>): void {
  if (registry !== undefined && (typeof registry !== "object" || registry === null))
    throw new TypeError(`Invalid registry: expected an object of functions, got ${format(registry)}`);
  serve(registry ?? null);
}

function serve(registry: Registry | null): void {
  const parent = hostWorkers().parent();
  if (parent === null) throw new RuntimeError("Cannot serve jobs: this is no worker");
  let loop: EventLoop | null = null;
  const startLoop = (): EventLoop => {
    const started = new EventLoop();
    void started.runForever();
    return started;
  };
  const server: JobServer = new JobServer(
    {
      post: (report, transfer) => copying.send(server.sharesMemory, () => parent.post(report, transfer)),
      end: () => parent.exit(),
      now: () => performance.now(),
      loop: () => (loop ??= startLoop()),
      later: (fn) => queueMicrotask(fn),
      inPlace: false,
    },
    registry,
  );
  sideChannel.ask = (asked, transfer) => copying.send(server.sharesMemory, () => parent.post({ asked }, transfer));
  parent.start((order) => server.receive(order as Order));
}
