// The program of the page: a kitchen with two stoves and five dishes.
//
// A dish is a task, and each may be cancelled at any time: a stove that it has is wiped before the next dish gets it.

import { type Coroutine, Queue, QueueShutDown, Semaphore, TaskGroup, TimeoutError, timeout, wait } from "wasyncio";
import { say, sleep, waitingFor } from "./stage.ts";

interface Dish {
  name: string;
  /** Seconds. */
  chopping: number;
  cooking: number;
}

const MENU: Dish[] = [
  { name: "soup", chopping: 1, cooking: 2.5 },
  { name: "fish", chopping: 0.5, cooking: 2.5 },
  { name: "stew", chopping: 1.5, cooking: 3 },
  { name: "rice", chopping: 0.2, cooking: 3.5 },
  { name: "cake", chopping: 2, cooking: 60 },
];
const TOO_LONG = 4;

export function* kitchen(): Coroutine<void> {
  const stoves = new Semaphore(2);
  const ready = new Queue<string>();
  yield* new TaskGroup().with(function* (group) {
    group.createTask(serve(ready), { name: "waiter" });
    const dishes = MENU.map((dish) => group.createTask(prepare(dish, stoves, ready), { name: dish.name }));
    yield* waitingFor("all dishes", wait(dishes));
    ready.shutdown();
  });
  say("The kitchen is closed.");
}

function* prepare({ name, chopping, cooking }: Dish, stoves: Semaphore, ready: Queue<string>): Coroutine<void> {
  yield* sleep(chopping);
  yield* waitingFor("a stove", stoves.acquire());
  try {
    say(`The ${name} is on a stove.`);
    yield* timeout(TOO_LONG).with(() => sleep(cooking));
    ready.putNowait(name);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    say(`The ${name} is burnt.`);
  } finally {
    yield* sleep(0.8); // also when the task is cancelled: it has the time that it takes
    say(`The stove of the ${name} is wiped.`);
    stoves.release();
  }
}

function* serve(ready: Queue<string>): Coroutine<void> {
  try {
    for (;;) {
      const dish = yield* waitingFor("a dish", ready.get());
      yield* sleep(0.7);
      say(`The ${dish} is served.`);
    }
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error;
  }
}
