// Attempts that start one after the other, until one succeeds: the next starts when one has failed, or takes too long.

import { type Coroutine, run, sleep } from "wasyncio";
import { staggeredRace } from "wasyncio/streams";

function connect(address: string, seconds: number, works: boolean): () => Coroutine<string> {
  return function* () {
    console.log(`trying ${address}`);
    try {
      yield* sleep(seconds);
    } finally {
      console.log(`done with ${address}`);
    }
    if (!works) throw new Error(`${address} refuses`);
    return `connected to ${address}`;
  };
}

function* main(): Coroutine<void> {
  const attempts = [connect("::1", 0.05, false), connect("10.0.0.1", 5, true), connect("10.0.0.2", 0.1, true)];
  const [connection, index, errors] = yield* staggeredRace(attempts, 0.2);
  console.log(connection, index, errors.map(String));
}

await run(main());

// Prints:
// trying ::1
// done with ::1
// trying 10.0.0.1
// trying 10.0.0.2
// done with 10.0.0.2
// done with 10.0.0.1
// connected to 10.0.0.2 2 [ 'Error: ::1 refuses', 'CancelledError', 'null' ]
