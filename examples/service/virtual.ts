// The shop in virtual time: a store in memory, and a courier that is a function.

import { type Awaitable, type Coroutine, sleep } from "wasyncio";
import { ClientSession, type ClientTransport } from "wasyncio/client";
import { ThreadPoolExecutor } from "wasyncio/executors";
import { Courier } from "./courier.ts";
import type { Shop } from "./orders.ts";
import type { Store } from "./store.ts";

/** Each of its calls is a while on its way; `take`, whose answer matters, also on its way back. */
export class VirtualStore implements Store {
  readonly stock: Map<string, number>;
  readonly orders = new Map<number, string>();
  #last = 0;

  constructor(stock: Record<string, number>) {
    this.stock = new Map(Object.entries(stock));
  }

  *left(item: string): Coroutine<number> {
    yield* sleep(0.001);
    return this.stock.get(item) ?? 0;
  }

  *take(item: string): Coroutine<number | null> {
    yield* sleep(0.001);
    const left = this.stock.get(item) ?? 0;
    if (left === 0) return null;
    this.stock.set(item, left - 1);
    const order = ++this.#last;
    this.orders.set(order, item);
    yield* sleep(0.001);
    return order;
  }

  *giveBack(order: number): Coroutine<void> {
    yield* sleep(0.001);
    const item = this.orders.get(order);
    if (item === undefined) return;
    this.orders.delete(order);
    this.stock.set(item, (this.stock.get(item) ?? 0) + 1);
  }
}

const deliverTomorrow: ClientTransport = function* () {
  yield* sleep(0.01);
  return { body: "tomorrow" };
};

/** Calls a program with a shop, as `simulate` and its kin run it. */
export function* withShop<T>(
  store: Store,
  body: (shop: Shop) => Awaitable<T>,
  transport: ClientTransport = deliverTomorrow,
): Coroutine<T> {
  return yield* new ClientSession({ baseUrl: "http://courier", transport }).with((session) =>
    new ThreadPoolExecutor({ maxWorkers: 2 }).with((threads) =>
      body({ store, courier: new Courier(session), threads }),
    ),
  );
}
