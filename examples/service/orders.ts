// An order: it takes what is ordered first, and gives it back if anything comes between.

import { type Coroutine, shielded } from "wasyncio";
import { ClientError } from "wasyncio/client";
import type { Executor } from "wasyncio/executors";
import type { Courier } from "./courier.ts";
import { receiptOf } from "./receipt.ts";
import type { Store } from "./store.ts";

/** What an order needs. */
export interface Shop {
  readonly store: Store;
  readonly courier: Courier;
  readonly threads: Executor;
}

export function* placeOrder({ store, courier, threads }: Shop, item: string): Coroutine<Response> {
  const order = yield* shielded(() => store.take(item)); // or nobody would know whether it was taken
  if (order === null) return Response.json({ error: "sold out" }, { status: 409 });
  try {
    const date = yield* courier.date(item);
    const receipt = yield* threads.submit(receiptOf, order, item, date);
    return Response.json({ order, receipt }, { status: 201 });
  } catch (error) {
    // a cancellation comes here, too: the client has gone away, or the service ends
    yield* shielded(() => store.giveBack(order));
    if (error instanceof ClientError) return Response.json({ error: "no courier" }, { status: 503 });
    throw error;
  }
}
