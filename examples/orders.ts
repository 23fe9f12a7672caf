// An HTTP API whose work goes on behind its answers: orders wait in a queue for two cooks.
//
// npx wasyncio serve orders.ts --port 8080 --health /healthz
// curl -X POST "http://127.0.0.1:8080/orders?item=tea"; curl http://127.0.0.1:8080/orders/1
//
// What the service needs is made by `startup` and passed to `fetch`, so a test makes one of its own, and calls both in
// virtual time. `shutdown` lets the cooks finish what was accepted, for a while.

import { type Coroutine, Queue, type Task, createTask, moveOnAfter, sleep } from "wasyncio";
import type { App } from "wasyncio/serve";

const COOKS = 2;
const ROOM = 8;

interface Order {
  readonly id: number;
  readonly item: string;
  state: "waiting" | "in work" | "done";
}

interface Kitchen {
  readonly orders: Order[];
  readonly waiting: Queue<Order>;
  readonly cooks: readonly Task<void>[];
}

function* cook(waiting: Queue<Order>): Coroutine<void> {
  for (;;) {
    const order = yield* waiting.get();
    order.state = "in work";
    yield* sleep(3); // or: a query, a call of another service
    order.state = "done";
    waiting.taskDone();
  }
}

function takeOrder({ orders, waiting }: Kitchen, item: string | null): Response {
  if (item === null) return Response.json({ error: "which item?" }, { status: 400 });
  if (waiting.full()) return Response.json({ error: "too many orders" }, { status: 503 });
  const order: Order = { id: orders.length + 1, item, state: "waiting" };
  orders.push(order);
  waiting.putNowait(order);
  return Response.json(order, { status: 202, headers: { location: `/orders/${order.id}` } });
}

export default {
  *startup(): Coroutine<Kitchen> {
    const waiting = new Queue<Order>(ROOM);
    const cooks = Array.from({ length: COOKS }, (_, i) => createTask(cook(waiting), { name: `cook ${i + 1}` }));
    return { orders: [], waiting, cooks };
  },

  *fetch(request: Request, kitchen: Kitchen): Coroutine<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "POST" && pathname === "/orders") return takeOrder(kitchen, searchParams.get("item"));
    const id = Number(/^\/orders\/(\d+)$/.exec(pathname)?.[1] ?? 0);
    const order = kitchen.orders[id - 1];
    return order === undefined ? new Response("no such page\n", { status: 404 }) : Response.json(order);
  },

  *shutdown({ orders, waiting, cooks }: Kitchen): Coroutine<void> {
    yield* moveOnAfter(20).with(() => waiting.join());
    for (const each of cooks) each.cancel();
    const left = orders.filter(({ state }) => state !== "done");
    if (left.length > 0) console.error(`not done: ${left.map(({ id }) => id).join(", ")}`);
  },
} satisfies App<Kitchen>;
