// The shop that docs/guide.md shows: in virtual time, and served by two processes, with PostgreSQL and a courier.

import { readFileSync } from "node:fs";
import { type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Coroutine, gather, getRunningLoop, run, sleep, wrapFuture } from "wasyncio";
import type { ClientTransport } from "wasyncio/client";
import { createPool } from "wasyncio/postgres";
import { explore, runSync, sweep } from "wasyncio/testing";
import { type Shop, placeOrder } from "../../../examples/service/orders.ts";
import { DatabaseStore, type Store } from "../../../examples/service/store.ts";
import { VirtualStore, withShop } from "../../../examples/service/virtual.ts";
import { isInstalled } from "../../support/installed.ts";
import { POSTGRES, type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { type Running, root, start } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { runExample } from "./support.ts";

const textOf = (name: string): string => readFileSync(join(root, "examples", name), "utf8");

/** What a store has to do, in whatever it keeps its things: there are two teas. */
function* sellsTwoTeas(store: Store): Coroutine<void> {
  const orders = yield* gather([1, 2, 3].map(() => store.take("tea")));
  const sold = orders.filter((order) => order !== null);
  expect([sold.length, new Set(sold).size, yield* store.left("tea")]).toEqual([2, 2, 0]);
  yield* store.giveBack(sold[0]);
  yield* store.giveBack(sold[0]); // which is none any more
  expect(yield* store.left("tea")).toBe(1);
  expect(orders).not.toContain(yield* store.take("tea"));
  expect([yield* store.take("cake"), yield* store.left("cake")]).toEqual([null, 0]);
}

describe("in virtual time", () => {
  /** Statuses of orders at once, in the order in which they came. */
  const statusesOf = (shop: Shop, count: number) =>
    gather(
      Array.from({ length: count }, function* () {
        return (yield* placeOrder(shop, "tea")).status;
      }),
    );

  test("the store in memory sells as the database does", () => {
    runSync(() => sellsTwoTeas(new VirtualStore({ tea: 2 })));
  });

  test("as much is sold as there is, in whatever order things happen", () => {
    const program = function* (): Coroutine<void> {
      const store = new VirtualStore({ tea: 2 });
      const statuses = yield* withShop(store, (shop) => statusesOf(shop, 3));
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 201, 409]);
      expect([store.stock.get("tea"), store.orders.size]).toEqual([0, 2]);
    };
    expect(explore(program, { runs: 30 }).failure).toBeNull();
  });

  test("an order that is stopped at any point leaves nothing behind", () => {
    let store: VirtualStore;
    let isAnswered: boolean;
    const program = function* (): Coroutine<void> {
      isAnswered = false;
      store = new VirtualStore({ tea: 1 });
      yield* withShop(store, function* (shop) {
        yield* placeOrder(shop, "tea");
        isAnswered = true;
      });
    };
    const check = (): void => expect([store.orders.size, store.stock.get("tea")]).toEqual(isAnswered ? [1, 0] : [0, 1]);
    const { points, failures } = sweep(program, {
      cancel: true,
      cancelTwice: true,
      timeout: true,
      target: "main",
      check,
    });
    expect(failures).toEqual([]);
    expect(points).toBeGreaterThan(3);
  });

  test("a client that goes away gives back what it has ordered", () => {
    const { store, left } = runSync(function* () {
      const store = new VirtualStore({ tea: 1 });
      yield* withShop(store, function* (shop) {
        const order = getRunningLoop().createTask(placeOrder(shop, "tea"));
        yield* sleep(0.005); // it is with the courier
        expect(store.orders.size).toBe(1);
        order.cancel();
        yield* gather([order], { returnExceptions: true });
      });
      return { store, left: yield* store.left("tea") };
    });
    expect([left, store.orders.size]).toEqual([1, 0]);
  });

  test("a courier that fails is asked three times; then the order is undone", () => {
    let asked = 0;
    const transport = (failures: number): ClientTransport =>
      function* () {
        yield* sleep(0.01);
        return ++asked <= failures ? { status: 503 } : { body: "tomorrow" };
      };
    const orderWith = (failures: number) =>
      runSync(function* () {
        asked = 0;
        const store = new VirtualStore({ tea: 1 });
        const [status] = yield* withShop(store, (shop) => statusesOf(shop, 1), transport(failures));
        return [status, asked, store.stock.get("tea")];
      });
    expect([0, 2, 3].map(orderWith)).toEqual([
      [201, 1, 0],
      [201, 3, 0],
      [503, 3, 1],
    ]);
  });

  test("the courier is asked fifty times in a second, by however many", () => {
    const seconds = runSync(function* () {
      yield* withShop(new VirtualStore({ tea: 100 }), (shop) =>
        gather(Array.from({ length: 100 }, () => shop.courier.date("tea"))),
      );
      return getRunningLoop().time();
    });
    expect(seconds).toBeCloseTo(1.01, 6); // fifty at once, and the others as there is room
  });

  test("race.ts prints what it says", async () => {
    const [, printed = ""] = textOf("service/race.ts").split("\n// Prints:\n");
    const stdout = printed.replaceAll(/^\/\/ /gm, "");
    expect(await runExample("service/race.ts")).toEqual({ end: 0, stderr: "", stdout });
  });
});

/** A courier who fails twice, and keeps those who ask waiting when it is told to. */
class SlowCourier {
  readonly server: Server;
  readonly waiting: ServerResponse[] = [];
  isSlow = false;
  asked = 0;

  constructor() {
    this.server = createServer((_request, response) => {
      this.asked++;
      if (this.isSlow) this.waiting.push(response);
      else if (this.asked <= 2) response.writeHead(503).end();
      else response.end("tomorrow");
    });
  }

  answer(): void {
    this.isSlow = false;
    for (const response of this.waiting.splice(0)) response.end("tomorrow");
  }
}

const notInstalled = isInstalled(POSTGRES) ? "" : " (PostgreSQL is not installed)";

describe.skipIf(notInstalled !== "")(`served by two processes${notInstalled}`, () => {
  let postgres: PostgresServer;
  let courier: SlowCourier;
  let service: Running;
  let url = "";

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  beforeEach(async () => {
    await postgres.execute("drop table if exists orders, stock");
    await postgres.execute(textOf("service/schema.sql"));
    courier = new SlowCourier();
    await new Promise<void>((resolve) => courier.server.listen(0, "127.0.0.1", resolve));
    const env = {
      PGHOST: "127.0.0.1",
      PGPORT: String(postgres.port),
      PGUSER: "postgres",
      PGDATABASE: "postgres",
      COURIER: `http://127.0.0.1:${(courier.server.address() as AddressInfo).port}`,
    };
    const command = ["dist/cli/main.js", "serve", "examples/service.ts", "--port", "0", "--workers", "2"];
    service = start([process.execPath, "--import", "./scripts/typescript.mjs", ...command], { env });
    let stderr = "";
    service.child.stderr?.on("data", (chunk: string) => (stderr += chunk));
    await service.wrote(/listening on http:\S+/);
    await until(() => /listening on http:\S+/.test(stderr));
    url = /listening on (http:[^\s,]+)/.exec(stderr)?.[1] as string;
  });
  afterEach(async () => {
    service.child.kill("SIGKILL"); // its workers end with it
    await service.ended;
    courier.server.closeAllConnections();
    courier.server.close();
  });

  const order = (item: string, init: RequestInit = {}) =>
    fetch(`${url}/orders?item=${item}`, { method: "POST", ...init });
  const left = async (item: string): Promise<number> =>
    ((await (await fetch(`${url}/stock?item=${item}`)).json()) as { left: number }).left;
  const end = async () => {
    service.child.kill("SIGTERM");
    return await service.ended;
  };

  test("the database sells as the store in memory does", () =>
    run(function* () {
      yield* wrapFuture(postgres.execute("update stock set amount = 2 where item = 'tea'"));
      const place = { host: "127.0.0.1", port: postgres.port, user: "postgres", database: "postgres" };
      yield* createPool(place).with((pool) => sellsTwoTeas(new DatabaseStore(pool)));
    }));

  test("as much is sold as there is, each with a receipt of its own", async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => order("tea")));
    const bodies = (await Promise.all(answers.map((each) => each.json()))) as { receipt?: string }[];
    const receipts = bodies.flatMap(({ receipt }) => receipt ?? []);
    expect(new Set(receipts).size).toBe(20);
    for (const each of receipts) expect(each).toMatch(/^order \d+: tea, tomorrow, [0-9a-f]{16}$/);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    expect([await left("tea"), courier.asked]).toEqual([0, 22]);
    expect((await fetch(`${url}/tea`)).status).toBe(404);
    expect(await end()).toMatchObject({ end: 0, stdout: "" });
  });

  test("a reload loses no order", async () => {
    const statuses: number[] = [];
    let isOn = true;
    const customer = async (): Promise<void> => {
      while (isOn) statuses.push((await order("tea")).status);
    };
    const customers = Array.from({ length: 4 }, customer);
    await until(() => statuses.length > 2);
    service.child.kill("SIGHUP");
    await service.wrote(/ reloaded/);
    const before = statuses.length;
    await until(() => statuses.length > before + 10);
    isOn = false;
    await Promise.all(customers);
    const of = (status: number): number => statuses.filter((each) => each === status).length;
    expect([of(201), of(201) + of(409)]).toEqual([20, statuses.length]);
    expect((await end()).end).toBe(0);
  });

  test("SIGTERM lets an order be answered that waits for its courier", async () => {
    courier.isSlow = true;
    const answer = order("coffee");
    await until(() => courier.waiting.length === 1);
    service.child.kill("SIGTERM");
    await service.wrote(/shutting down/);
    courier.answer();
    expect((await answer).status).toBe(201);
    expect((await service.ended).end).toBe(0);
  });

  test("who goes away while the courier is asked has ordered nothing", async () => {
    courier.isSlow = true;
    const controller = new AbortController();
    const answer = order("coffee", { signal: controller.signal });
    await until(() => courier.waiting.length === 1);
    expect(await left("coffee")).toBe(4);
    controller.abort();
    await expect(answer).rejects.toThrow("aborted");
    while ((await left("coffee")) !== 5);
    expect((await end()).end).toBe(0);
  });
});
