// An app that is served in this process for as long as a test goes on.

import { type Coroutine, type Task, createTask, run, wrapFuture } from "wasyncio";
import { type App, type ServeAppOptions, serveApp } from "wasyncio/serve";

/** A service that runs: where, and the task that runs it. */
interface Served {
  readonly url: string;
  readonly port: number;
  readonly task: Task<void>;
}

/** Serves an app for as long as `body` takes, and then ends it by cancelling it, unless it has ended. */
export function served<Env>(
  app: App<Env>,
  body: (served: Served) => Coroutine<void>,
  options: ServeAppOptions = {},
): Promise<void> {
  return run(function* () {
    const address = new Promise<{ port: number; url: string }>((resolve) => {
      options = { port: 0, signals: [], onListening: resolve, ...options };
    });
    const task = createTask(serveApp(app, options));
    const { port, url } = yield* wrapFuture(Promise.race([address, settled(task)]));
    try {
      yield* body({ task, port, url });
    } finally {
      if (task.cancelling() === 0) task.cancel(); // a second time would not wait
      yield* wrapFuture(settled(task).catch(() => {}));
    }
  });
}

/** A rejection when a task has ended, for whoever waits for something of it. */
const settled = (task: Task<void>): Promise<never> =>
  new Promise((_, reject) =>
    task.addDoneCallback(() => reject(task.cancelled() ? new Error("cancelled") : task.exception())),
  );
