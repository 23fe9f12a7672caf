// Several pages at once, one of which is not there: results with errors, results as they come, and the first error.

import {
  type Coroutine,
  FIRST_EXCEPTION,
  asCompleted,
  createTask,
  forEach,
  gather,
  run,
  wait,
  wrapFuture,
} from "wasyncio";
import { ClientResponseError, ClientSession } from "wasyncio/client";
import { serve } from "wasyncio/node-http";

// a site of our own, whose pages take as long as their names say
const site = await serve(async (request) => {
  const name = new URL(request.url).pathname.slice(1);
  await new Promise((resolve) => setTimeout(resolve, Number(name) || 0));
  return new Response(name, { status: name === "missing" ? 404 : 200 });
});

await run(function* () {
  const baseUrl = site.url.replace("localhost", "127.0.0.1");
  yield* new ClientSession({ baseUrl, raiseForStatus: true }).with(function* (session) {
    const load = (name: string): Coroutine<string> => session.get(`/${name}`).with((response) => response.text());

    const results = yield* gather(["10", "missing", "20"].map(load), { returnExceptions: true });
    console.log(results.map((each) => (each instanceof ClientResponseError ? each.status : each)).join(", "));

    const names: string[] = [];
    yield* forEach(asCompleted(["400", "1", "200"].map(load)), function* (page) {
      names.push(yield* page);
    });
    console.log(names.join(", "));

    const tasks = ["60000", "missing", "60000"].map((name) => createTask(load(name)));
    const [done, pending] = yield* wait(tasks, { returnWhen: FIRST_EXCEPTION });
    for (const task of pending) task.cancel(); // and their connections are closed
    console.log(`${done.size} has failed, ${pending.size} were given up`);
  });
  yield* wrapFuture(site.close());
});

// Prints:
// 10, 404, 20
// 1, 200, 400
// 1 has failed, 2 were given up
