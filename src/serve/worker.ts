// A worker: an app in a process that a supervisor has started, and that tells it how it goes.

import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { sleep } from "../tasks/sleep.ts";
import type { App } from "./app.ts";
import { BEATS, type SupervisorMessage, type WorkerMessage } from "./messages.ts";
import { Service, type ServiceOptions } from "./service.ts";

export interface WorkerOptions {
  /** Seconds after which a worker that does not tell that its loop goes on counts as blocked; 0 for never. */
  readonly timeout: number;
  /** Requests after which it asks to be replaced; 0 for never. */
  readonly maxRequests: number;
}

/** Tells the supervisor. The promise is of its having been told, as far as this process can know. */
export function tellSupervisor(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => void process.send?.(message, () => resolve()));
}

/** Serves until the supervisor says so. */
export function* work<Env>(
  app: App<Env>,
  options: ServiceOptions,
  { timeout, maxRequests }: WorkerOptions,
): Coroutine<void> {
  const loop = getRunningLoop();
  let requests = 0;
  const onRequest = (): void => {
    if (++requests % maxRequests === 0) void tellSupervisor({ wasyncio: "spent" });
  };
  const onListening: ServiceOptions["onListening"] = ({ url }) => void tellSupervisor({ wasyncio: "ready", url });
  const service = new Service(app, { ...options, onListening }, onRequest);
  const listen = (message: Partial<SupervisorMessage> | null): void => {
    const order = message?.wasyncio;
    if (order !== undefined) loop.arrivals.deliver("supervisor", () => service.stop(order === "drain"));
  };
  process.on("message", listen);
  loop.addSignalHandler("SIGTERM", () => service.stop());
  loop.addSignalHandler("SIGINT", () => {}); // Ctrl-C goes to the supervisor, too, which says what follows from it
  const beating = timeout === 0 ? null : loop.createTask(beat(timeout / BEATS));
  try {
    yield* service.run();
  } finally {
    beating?.cancel();
    process.off("message", listen);
  }
}

/** Tells again and again that the loop goes on. */
function* beat(interval: number): Coroutine<never> {
  for (;;) {
    void tellSupervisor({ wasyncio: "beat" });
    yield* sleep(interval);
  }
}
