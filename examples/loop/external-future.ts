// A future that something outside of the loop settles, here a listener of Node's: no deadlock.

import { EventEmitter } from "node:events";
import { type Coroutine, getRunningLoop, run } from "wasyncio";

const door = new EventEmitter();

function* main(): Coroutine<void> {
  const opened = getRunningLoop().createExternalFuture<string>();
  door.once("open", (who: string) => opened.setResult(who));
  console.log(`opened by ${yield* opened}`);
}

setTimeout(() => door.emit("open", "the postman"), 100);
await run(main());

// Prints:
// opened by the postman
