// A shop: an HTTP API with a database, another service that it asks, and threads, in several processes.
//
// psql -f service/schema.sql
// COURIER=http://127.0.0.1:8081 npx wasyncio serve service.ts --port 8080 --workers 2 --health /healthz
// curl -X POST "http://127.0.0.1:8080/orders?item=tea"; curl "http://127.0.0.1:8080/stock?item=tea"

import process from "node:process";
import { AsyncExitStack, type Coroutine } from "wasyncio";
import { ClientSession } from "wasyncio/client";
import { ThreadPoolExecutor } from "wasyncio/executors";
import { createPool } from "wasyncio/postgres";
import type { App } from "wasyncio/serve";
import { Courier } from "./service/courier.ts";
import { type Shop, placeOrder } from "./service/orders.ts";
import { DatabaseStore } from "./service/store.ts";

interface OpenShop extends Shop {
  /** What is to be closed, last things first. */
  readonly opened: AsyncExitStack;
}

export default {
  *startup(): Coroutine<OpenShop> {
    const opened = new AsyncExitStack();
    const pool = yield* opened.enterAsyncContext(createPool({ max: 10 })); // where PGHOST and its kin say
    const session = new ClientSession({ baseUrl: process.env["COURIER"] ?? "", timeout: { connect: 5, sockRead: 5 } });
    const courier = new Courier(yield* opened.enterAsyncContext(session));
    const threads = yield* opened.enterAsyncContext(new ThreadPoolExecutor({ maxWorkers: 2 }));
    return { store: new DatabaseStore(pool), courier, threads, opened };
  },

  *fetch(request: Request, shop: Shop): Coroutine<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const item = searchParams.get("item") ?? "";
    if (request.method === "POST" && pathname === "/orders") return yield* placeOrder(shop, item);
    if (pathname === "/stock") return Response.json({ item, left: yield* shop.store.left(item) });
    return new Response("no such page\n", { status: 404 });
  },

  *shutdown({ opened }: OpenShop): Coroutine<void> {
    yield* opened.aclose(); // all requests have been answered by now
  },
} satisfies App<OpenShop>;
