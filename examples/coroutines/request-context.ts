// Each task keeps the AsyncLocalStorage that it was made in: each line of the log knows its request.

import { AsyncLocalStorage } from "node:async_hooks";
import { createTask, gather, run, sleep } from "wasyncio";

const requests = new AsyncLocalStorage<string>();

function log(text: string): void {
  console.log(`[${requests.getStore() ?? "no request"}] ${text}`);
}

function* query(seconds: number) {
  log("query begins");
  yield* sleep(seconds);
  log("query ends");
}

function* handle(seconds: number) {
  yield* gather([query(seconds), query(2 * seconds)]);
  log("done");
}

function* main() {
  const first = requests.run("GET /a", () => createTask(handle(0.2)));
  const second = requests.run("GET /b", () => createTask(handle(0.3)));
  yield* gather([first, second]);
  log("all done");
}

await run(main, { hostContext: true }); // Node and Bun need not be asked

// Prints:
// [GET /a] query begins
// [GET /a] query begins
// [GET /b] query begins
// [GET /b] query begins
// [GET /a] query ends
// [GET /b] query ends
// [GET /a] query ends
// [GET /a] done
// [GET /b] query ends
// [GET /b] done
// [no request] all done
