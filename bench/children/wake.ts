// `wake.mjs DOORS`: how long a task waits for something that has come from outside. A message to oneself settles a
// promise; what that takes without a loop is taken off. Prints microseconds.

import { loadLibrary } from "./library.ts";

export interface WakeUp {
  wakeUp: number;
  message: number;
}

const WARM_UP = 500;
const COUNT = 2000;

const [doors] = process.argv.slice(2) as [string];
const { run, wrapFuture } = await loadLibrary(doors);
const { port1, port2 } = new MessageChannel();
let receive = (): void => {};
port1.onmessage = () => receive();

/** A promise of the next message, which is on its way. */
function message(): Promise<void> {
  const received = new Promise<void>((resolve) => {
    receive = resolve;
  });
  port2.postMessage(null);
  return received;
}

const inMicroseconds = (started: number): number => ((performance.now() - started) / COUNT) * 1000;

let whole = NaN;
await run(function* () {
  for (let i = 0; i < WARM_UP; i++) yield* wrapFuture(message());
  const started = performance.now();
  for (let i = 0; i < COUNT; i++) yield* wrapFuture(message());
  whole = inMicroseconds(started);
});
for (let i = 0; i < WARM_UP; i++) await message();
const started = performance.now();
for (let i = 0; i < COUNT; i++) await message();
const alone = inMicroseconds(started);
port1.close();
console.log(JSON.stringify({ wakeUp: whole - alone, message: alone } satisfies WakeUp));
