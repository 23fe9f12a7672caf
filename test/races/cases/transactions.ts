// Transactions that are none: what they read has changed when they write, or is half written when it is read.

import { type Coroutine, Lock, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "transaction";

export const transactions: readonly RaceCase[] = [
  {
    name: "two doctors go off call, because each sees the other one",
    kind: "write skew",
    racy: ["oncall.count", "oncall.gap", "oncall.leave"],
    *main() {
      const onCall = new Set(["ann", "bob"]);
      function* leave(doctor: string, dressing: number) {
        for (let button = 0; button < dressing; button++) yield* sleep(0);
        if (onCall.size < 2) return; // race: oncall.count
        yield* sleep(0); // race: oncall.gap
        onCall.delete(doctor); // race: oncall.leave
      }
      yield* gather(leave("ann", 0), leave("bob", 3));
      assert(onCall.size > 0, "nobody is on call");
    },
  },
  {
    name: "an audit sums up accounts in the middle of a transfer",
    kind,
    window: 0.004,
    racy: ["audit.read", "audit.credit"],
    *main() {
      const accounts = new Map([
        ["a", 70],
        ["b", 30],
      ]);
      function* transfer(amount: number) {
        accounts.set("a", (accounts.get("a") as number) - amount);
        yield* sleep(0.003); // race: audit.credit
        accounts.set("b", (accounts.get("b") as number) + amount); // race: audit.credit
      }
      function* audit(at: number) {
        yield* sleep(at); // race: audit.read
        let sum = 0;
        for (const balance of accounts.values()) sum += balance; // race: audit.read
        assert(sum === 100, `the books say ${sum}`);
      }
      yield* gather(transfer(20), audit(0.005));
    },
  },
  {
    name: "a report reads two tables, and an order comes in between",
    kind,
    racy: ["report.orders", "report.lines", "report.insert"],
    *main() {
      const orders: number[] = [1];
      const lines = new Map([[1, 3]]);
      function* report() {
        const total = [...lines.values()].reduce((sum, count) => sum + count, 0); // race: report.lines
        yield* sleep(0); // race: report.orders
        return total / orders.length; // race: report.orders
      }
      function* insert(order: number, count: number) {
        for (let field = 0; field < 3; field++) yield* sleep(0); // race: report.insert
        orders.push(order); // race: report.insert
        lines.set(order, count); // race: report.insert
      }
      const [average] = yield* gather(report(), insert(2, 3));
      assert(average === 3, `${average} lines in an order`);
    },
  },
  {
    name: "an optimistic update compares the version too early",
    kind,
    window: 0.003,
    racy: ["version.compare", "version.gap", "version.store"],
    *main() {
      const page = { version: 1, text: "" };
      function* edit(at: number, word: string): Coroutine<void> {
        yield* sleep(at);
        const { version, text } = page;
        yield* sleep(0.002); // the user types
        if (page.version !== version) return yield* edit(0.001, word); // race: version.compare
        yield* sleep(0.001); // race: version.gap
        page.version = version + 1; // race: version.store
        page.text = text + word; // race: version.store
      }
      yield* gather(edit(0.001, "a"), edit(0.0055, "b"));
      assert(page.text === "ab" || page.text === "ba", `the page says ${page.text}`);
    },
  },
  {
    name: "control: doctors ask and leave in one turn",
    kind: "write skew",
    window: 0.01,
    racy: null,
    noLeaks: true,
    *main() {
      const onCall = new Set(["ann", "bob", "eve"]);
      const lock = new Lock();
      function* leave(doctor: string, at: number) {
        yield* sleep(at);
        yield* lock.with(function* () {
          yield* sleep(0.001);
          if (onCall.size < 2) return;
          yield* sleep(0.001);
          onCall.delete(doctor);
        });
      }
      yield* gather(leave("ann", 0), leave("bob", 0.001), leave("eve", 0.002));
      assert(onCall.size === 1, `on call: ${[...onCall].join()}`);
    },
  },
  {
    name: "control: an update is tried again until nobody was faster",
    kind,
    window: 0.01,
    racy: null,
    *main() {
      const page = { version: 1, text: "" };
      function* edit(at: number, word: string) {
        yield* sleep(at);
        for (;;) {
          const { version, text } = page;
          yield* sleep(0.002);
          if (page.version !== version) continue;
          page.version++;
          page.text = text + word;
          return;
        }
      }
      const edits = ["a", "b", "c", "d"].map((word, index) => createTask(edit(0.001 * index, word)));
      yield* gather(edits);
      assert(page.text.split("").toSorted().join("") === "abcd" && page.version === 5, `the page says ${page.text}`);
    },
  },
];
