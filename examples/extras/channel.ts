// A channel: producers send until they close their ends, and consumers receive until nobody is left who could send.

import { TaskGroup, forEach, run, sleep } from "wasyncio";
import { type ReceiveChannel, type SendChannel, openChannel } from "wasyncio/extras";

function* produce(send: SendChannel<string>, name: string) {
  for (const number of [1, 2]) {
    yield* send.send(`${name}${number}`); // waits while the channel is full
    console.log(`sent ${name}${number}`);
  }
}

function* consume(receive: ReceiveChannel<string>) {
  yield* forEach(receive, function* (item) {
    yield* sleep(1);
    console.log(`received ${item}`);
  });
  console.log("that was all");
}

await run(function* () {
  const [send, receive] = openChannel<string>(1);
  yield* new TaskGroup().with(function* (group) {
    group.createTask(receive.with(consume));
    const [one, other] = [send, send.clone()];
    group.createTask(one.with(() => produce(one, "a")));
    group.createTask(other.with(() => produce(other, "b")));
  });
});

// Prints:
// sent a1
// sent a2
// received a1
// sent b1
// received a2
// sent b2
// received b1
// received b2
// that was all
