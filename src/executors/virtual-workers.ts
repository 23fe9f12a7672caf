// Workers in virtual time: each is a server of jobs on the program's own loop, where a job is a task. So what executors
// do in a simulation has an order, which follows from the program, and which searches choose.
//
// Messages are copied as between threads, and what is told comes in a later iteration. A worker that is stopped has its
// job cancelled: there is nothing that would stop one that does not give way.

import type { WorkerEnd, WorkerEvents, Workers } from "../drivers/workers.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { copying } from "./copying.ts";
import type { Registry } from "./find-function.ts";
import { JobServer } from "./job-server.ts";
import type { Order } from "./messages.ts";

/** The workers of a loop in virtual time. */
export function virtualWorkers(loop: EventLoop, registry: Registry | null): Workers {
  const later = (fn: () => void): void => {
    if (!loop.isClosed()) loop.callSoon(fn);
  };
  const spawn = (events: WorkerEvents): WorkerEnd => {
    let isOver = false;
    const end = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      later(() => events.ended(reason, null));
    };
    const server = new JobServer(
      {
        post: (report, transfer) => {
          const copy =
            "values" in report
              ? { ...report, values: copying.copyWithin(report.values, transfer) }
              : copying.copyWithin(report, transfer);
          later(() => {
            if (!isOver) events.message(copy);
          });
        },
        end: () => end("it was asked to"),
        now: () => 0, // nothing is kept back: a worker has one job at a time
        loop: () => loop,
        later,
        inPlace: true,
      },
      registry,
    );
    return {
      post: (order, transfer) => {
        const copy = copying.copyWithin(order, transfer) as Order;
        later(() => {
          if (!isOver) server.receive(copy);
        });
      },
      stop: () => {
        server.stop();
        end("it was stopped");
      },
    };
  };
  return {
    cores: 1,
    sharesMemory: () => false,
    spawn: (_kind, _name, events) => spawn(events),
    adopt: (_worker, events) => spawn(events),
    parent: () => null,
  };
}
