// What every project runs: something through each door of the package.

import {
  CancelledError,
  type Coroutine,
  Queue,
  TaskGroup,
  TimeoutError,
  createTask,
  gather,
  run,
  sleep,
  timeout,
  wrapFuture,
} from "wasyncio";
import { handler, streamOf } from "wasyncio/edge";
import { once } from "wasyncio/extras";
import { ResourcePool } from "wasyncio/pool";
import { StreamReader } from "wasyncio/streams";
import { createSubprocessExec } from "wasyncio/subprocess";
import { VirtualEventLoop } from "wasyncio/testing";
import { host } from "./watch.ts";

type Print = (line: string) => void;

/** On Deno and Bun most turns come by microtasks, which cannot be watched, and one of sixteen as they do on Node. */
function* manyTurns(): Coroutine<void> {
  for (let turn = 0; turn < 20; turn++) yield* wrapFuture(Promise.resolve());
}

/** Runs everything, and gives what it printed. */
export async function program(): Promise<string[]> {
  const lines: string[] = [];
  const print: Print = (line) => lines.push(line);
  print(`run gives ${await run(() => main(print))}`);
  await onTheEdge(print);
  inVirtualTime(print);
  await run(manyTurns);
  print(host());
  return lines;
}

function* main(print: Print): Coroutine<string> {
  const [words, total] = yield* gather(inTurn(print), once(() => lent(add(20, 22)))());
  yield* workers(print);
  yield* cancelled(print);
  yield* late(print);
  yield* stream(print);
  return `${words.join(" ")} ${total.toFixed(0)}`;
}

/** Gives what a pool lends that has it made. */
function* lent<T>(making: Coroutine<T>): Coroutine<T> {
  return yield* new ResourcePool({ create: () => making }).with((pool) =>
    pool.acquire().with(function* (resource) {
      return resource;
    }),
  );
}

function* inTurn(print: Print): Coroutine<string[]> {
  const say = function* (word: string): Coroutine<string> {
    for (const time of ["once", "twice"]) {
      print(`${word} ${time}`);
      yield* sleep(0);
    }
    return word;
  };
  const tasks = ["ping", "pong"].map((word) => createTask(say(word), { name: word }));
  return yield* gather(tasks);
}

function* add(left: number, right: number): Coroutine<number> {
  yield* sleep({ milliseconds: 5 });
  return left + right;
}

function* workers(print: Print): Coroutine<void> {
  const queue = new Queue<number>(2);
  const work = function* (name: string): Coroutine<void> {
    for (;;) {
      const item = yield* queue.get();
      print(`${name} has ${item}`);
      yield* sleep(0);
      queue.taskDone();
    }
  };
  yield* new TaskGroup().with(function* (group) {
    const tasks = ["left", "right"].map((name) => group.createTask(work(name)));
    for (let item = 1; item <= 5; item++) yield* queue.put(item);
    yield* queue.join();
    for (const task of tasks) task.cancel();
  });
}

function* cancelled(print: Print): Coroutine<void> {
  const task = createTask(holdOn(print, "task"));
  yield* sleep(0);
  task.cancel("enough");
  try {
    yield* task;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    print(`${error.name}: ${error.message}, cancelled: ${task.cancelled()}`);
  }
}

function* late(print: Print): Coroutine<void> {
  try {
    yield* timeout(0.01).with(() => holdOn(print, "block"));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    print(String(error));
  }
}

/** Waits for a minute, and cleans up when it may not. */
function* holdOn(print: Print, what: string): Coroutine<void> {
  try {
    yield* sleep({ minutes: 1 });
  } finally {
    yield* sleep(0.001);
    print(`${what} has cleaned up`);
  }
}

function* stream(print: Print): Coroutine<void> {
  const reader = new StreamReader();
  for (const piece of ["one li", "ne\nanother", " line"]) reader.feedData(new TextEncoder().encode(piece));
  reader.feedEof();
  print(new TextDecoder().decode(yield* reader.readline()).trim());
  print(new TextDecoder().decode(yield* reader.read()));
  print(`createSubprocessExec: ${typeof createSubprocessExec}`); // it is there where no processes are, too
}

async function onTheEdge(print: Print): Promise<void> {
  const fetch = handler(function* (request: Request) {
    yield* sleep(0.001);
    const { pathname } = new URL(request.url);
    return new Response(
      streamOf(function* (write) {
        yield* write("the body of ");
        yield* sleep(0.001);
        yield* write(pathname);
      }),
    );
  });
  const response = await fetch(new Request("http://localhost/path"));
  print(`${response.status}: ${await response.text()}`);
}

function inVirtualTime(print: Print): void {
  const loop = new VirtualEventLoop();
  const wait = function* (days: number): Coroutine<number> {
    yield* sleep({ hours: 24 * days });
    return loop.time();
  };
  const times = loop.runUntilCompleteSync(
    (function* () {
      return yield* gather(wait(2), wait(1));
    })(),
  );
  print(`virtual time ${times.join(" ")}, digest ${loop.digest()}`);
  loop.close();
}
