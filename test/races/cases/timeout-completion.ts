// Timeouts that come together with what they wait for: both happen, and the program has thought of either.

import {
  type Future,
  Semaphore,
  TimeoutError,
  createTask,
  gather,
  getRunningLoop,
  sleep,
  wait,
  waitFor,
} from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "timeout against completion";

export const timeoutsAgainstCompletions: readonly RaceCase[] = [
  {
    name: "a payment is repeated because its answer was late",
    kind: "retry duplicates",
    window: 0.02,
    orders: "asyncio",
    racy: ["payment.charge", "payment.timeout"],
    *main() {
      const charges: string[] = [];
      function* charge(order: string) {
        yield* sleep(0.02); // race: payment.charge
        charges.push(order); // race: payment.charge
        yield* sleep(0.02); // race: payment.charge
        return "receipt";
      }
      function* pay(order: string) {
        for (let attempt = 1; ; attempt++) {
          try {
            return yield* waitFor(charge(order), 0.05); // race: payment.timeout
          } catch (error) {
            if (!(error instanceof TimeoutError) || attempt === 3) throw error;
          }
        }
      }
      yield* pay("order 7");
      assert(charges.length === 1, `charged ${charges.length} times`);
    },
  },
  {
    name: "a page and a 504 are sent for one request",
    kind,
    window: 0.01,
    orders: "asyncio",
    racy: ["gateway.timeout", "gateway.render", "gateway.send"],
    *main() {
      const loop = getRunningLoop();
      const sent: string[] = [];
      function* render() {
        yield* sleep(0.042);
        return "<p>";
      }
      function* handle() {
        const timer = loop.callLater(0.05, () => sent.push("504 Gateway Timeout")); // race: gateway.timeout
        const page = yield* render(); // race: gateway.render
        timer.cancel();
        sent.push(`200 ${page}`); // race: gateway.send
      }
      yield* handle();
      assert(sent.length === 1, `sent ${sent.join(" and ")}`);
    },
  },
  {
    name: "a response settles a call that has timed out",
    kind,
    window: 0.006,
    orders: "asyncio",
    racy: ["rpc.timeout", "rpc.response"],
    *main() {
      const loop = getRunningLoop();
      const calls = new Map<number, Future<string>>();
      function* call(id: number) {
        const response: Future<string> = loop.createFuture();
        calls.set(id, response);
        const timer = loop.callLater(0.02, () => response.setException(new TimeoutError())); // race: rpc.timeout
        try {
          return yield* response; // race: rpc.response
        } catch (error) {
          if (error instanceof TimeoutError) return "no answer";
          throw error;
        } finally {
          timer.cancel();
        }
      }
      function* reader() {
        for (const id of [1, 2]) {
          yield* sleep(0.008); // race: rpc.response
          calls.get(id)?.setResult(`answer ${id}`); // race: rpc.response
        }
      }
      yield* gather(call(1), call(2), reader());
    },
  },
  {
    name: "a connection arrives in the moment in which its client gives up",
    kind,
    window: 0.01,
    racy: ["late.acquire", "late.timeout"],
    *main() {
      const pool = new Semaphore(1);
      function* connect() {
        yield* pool.acquire(); // race: late.acquire
        yield* sleep(0); // race: late.acquire
        return "connection";
      }
      function* client(patience: number) {
        try {
          const connecting = createTask(connect());
          yield* waitFor(connecting, patience); // race: late.timeout
        } catch (error) {
          if (error instanceof TimeoutError) return; // nothing to give back
          throw error;
        }
        yield* sleep(0.002);
        pool.release();
      }
      yield* pool.acquire();
      const clients = [createTask(client(0.025)), createTask(client(1))];
      yield* sleep(0.02);
      pool.release();
      yield* gather(clients);
      assert(!pool.locked(), "the connection is lost");
    },
  },
  {
    name: "the first answer counts, and the second is not cancelled in time",
    kind,
    window: 0.006,
    racy: ["hedge.wait", "hedge.write"],
    *main() {
      const stored: string[] = [];
      function* upload(region: string, seconds: number) {
        yield* sleep(seconds); // race: hedge.write
        stored.push(region); // race: hedge.write
      }
      const first = createTask(upload("east", 0.02));
      const [done] = yield* wait([first], { timeout: 0.025 }); // race: hedge.wait
      if (done.size === 0) {
        const second = createTask(upload("west", 0.01));
        yield* gather(first, second);
      }
      assert(stored.length === 1, `stored in ${stored.join(" and ")}`);
    },
  },
  {
    name: "control: a payment carries a key, and is made once however often it is tried",
    kind: "retry duplicates",
    window: 0.03,
    racy: null,
    noLeaks: true,
    *main() {
      const receipts = new Set<string>();
      let charged = 0;
      function* charge(key: string) {
        yield* sleep(0.02);
        if (!receipts.has(key)) charged += 100;
        receipts.add(key);
        yield* sleep(0.02);
      }
      function* pay(key: string) {
        for (let attempt = 0; attempt < 3; attempt++) {
          try {
            yield* waitFor(charge(key), 0.05);
            return;
          } catch (error) {
            if (!(error instanceof TimeoutError)) throw error;
          }
        }
      }
      yield* gather(pay("order 7"), pay("order 8"), pay("order 9"));
      assert(charged === 100 * receipts.size, `charged ${charged} for ${receipts.size} orders`);
    },
  },
  {
    name: "control: who comes first settles the call, and takes it off the list",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const loop = getRunningLoop();
      const calls = new Map<number, Future<string>>();
      function settle(id: number, text: string) {
        const response = calls.get(id);
        if (response === undefined || response.done()) return;
        calls.delete(id);
        response.setResult(text);
      }
      function* call(id: number) {
        const response: Future<string> = loop.createFuture();
        calls.set(id, response);
        const timer = loop.callLater(0.02, settle, id, "no answer");
        const text = yield* response;
        timer.cancel();
        return text;
      }
      function* reader() {
        for (const id of [1, 2, 3]) {
          yield* sleep(0.008);
          settle(id, `answer ${id}`);
        }
      }
      const texts = yield* gather(call(1), call(2), call(3), reader());
      for (const id of [1, 2, 3])
        assert(["no answer", `answer ${id}`].includes(texts[id - 1] as string), "wrong answer");
      assert(calls.size === 0, `${calls.size} calls are left`);
    },
  },
  {
    name: "control: a semaphore under impatient clients loses no permit",
    kind,
    window: 0.02,
    racy: null,
    noLeaks: true,
    *main() {
      const pool = new Semaphore(2);
      let served = 0;
      let refused = 0;
      function* client(at: number, patience: number) {
        yield* sleep(at);
        try {
          yield* waitFor(pool.acquire(), patience);
        } catch (error) {
          if (!(error instanceof TimeoutError)) throw error;
          refused++;
          return;
        }
        try {
          yield* sleep(0.004);
          served++;
        } finally {
          pool.release();
        }
      }
      const clients = [0, 0.001, 0.002, 0.003, 0.004].map((at) => client(at, 0.006 - at));
      yield* gather(clients);
      assert(served + refused === 5, `${served} served, ${refused} refused`);
      for (let permit = 0; permit < 2; permit++) yield* pool.acquire();
      for (let permit = 0; permit < 2; permit++) pool.release();
    },
  },
];
