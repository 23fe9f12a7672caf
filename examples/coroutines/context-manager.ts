// An asynchronous context manager: opening and closing take time, and closing happens whatever the block does.

import { type Coroutine, run, sleep, withAsync } from "wasyncio";

class Connection {
  *aenter(): Coroutine<this> {
    console.log("connecting");
    yield* sleep(0.1);
    return this;
  }

  *aexit(): Coroutine<void> {
    console.log("hanging up");
    yield* sleep(0.1);
  }

  *ask(question: string): Coroutine<string> {
    yield* sleep(0.1);
    if (question === "") throw new TypeError("nothing was asked");
    return `no idea, ${question}`;
  }
}

function* main(): Coroutine<void> {
  const answer = yield* withAsync(new Connection(), (connection) => connection.ask("what now?"));
  console.log(answer);
  try {
    yield* withAsync(new Connection(), (connection) => connection.ask(""));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.log(String(error));
  }
}

await run(main());

// Prints:
// connecting
// hanging up
// no idea, what now?
// connecting
// hanging up
// TypeError: nothing was asked
