// Lost updates: a value is read, something is awaited, and what is written back knows nothing of what others wrote
// meanwhile.

import { Lock, type Task, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "lost update";

export const lostUpdates: readonly RaceCase[] = [
  {
    name: "two tellers pay into one account",
    kind,
    window: 0.01,
    racy: ["deposit.read", "deposit.write"],
    *main() {
      const ledger = { balance: 100 };
      function* read() {
        yield* sleep(0.002);
        return ledger.balance;
      }
      function* write(balance: number) {
        yield* sleep(0.002);
        ledger.balance = balance;
      }
      function* teller(opensAt: number, amount: number) {
        yield* sleep(opensAt);
        const balance = yield* read(); // race: deposit.read
        yield* write(balance + amount); // race: deposit.write
      }
      yield* gather(teller(0.001, 50), teller(0.01, 25));
      assert(ledger.balance === 175, `a deposit is lost: ${ledger.balance}`);
    },
  },
  {
    name: "page views are counted across a yield",
    kind,
    racy: ["views.read", "views.gap", "views.write"],
    *main() {
      const views = new Map<string, number>();
      function* record(page: string) {
        const count = views.get(page) ?? 0; // race: views.read
        yield* sleep(0); // race: views.gap
        views.set(page, count + 1); // race: views.write
      }
      function* visit(page: string, redirects: number) {
        for (let hop = 0; hop < redirects; hop++) yield* sleep(0);
        yield* record(page);
      }
      yield* gather(visit("/", 0), visit("/", 2), visit("/", 4));
      assert(views.get("/") === 3, `${views.get("/")} of 3 views counted`);
    },
  },
  {
    name: "invoices take their number before they are archived",
    kind,
    window: 0.003,
    racy: ["invoice.read", "invoice.gap", "invoice.write"],
    *main() {
      const series = { last: 0 };
      const issued: number[] = [];
      function* issue() {
        const number = series.last + 1; // race: invoice.read
        yield* sleep(0.004); // race: invoice.gap
        series.last = number; // race: invoice.write
        issued.push(number);
      }
      const orders: Task<void>[] = [];
      for (let order = 0; order < 3; order++) {
        orders.push(createTask(issue(), { name: `order ${order}` }));
        yield* sleep(0.006);
      }
      yield* gather(orders);
      assert(new Set(issued).size === 3, `numbers ${issued.join()}`);
    },
  },
  {
    name: "two editors save a whole profile",
    kind,
    racy: ["profile.load", "profile.save"],
    *main() {
      let stored = { name: "Ann", city: "Bonn" };
      function* load() {
        yield* sleep(0);
        return { ...stored };
      }
      function* save(profile: typeof stored) {
        yield* sleep(0);
        stored = profile;
      }
      function* edit(typing: number, change: Partial<typeof stored>) {
        for (let key = 0; key < typing; key++) yield* sleep(0);
        const profile = yield* load(); // race: profile.load
        yield* save({ ...profile, ...change }); // race: profile.save
      }
      yield* gather(edit(0, { name: "Anna" }), edit(3, { city: "Berlin" }));
      assert(stored.name === "Anna" && stored.city === "Berlin", `saved ${stored.name}, ${stored.city}`);
    },
  },
  {
    name: "a sum is taken before its next part is awaited",
    kind,
    window: 0.005,
    racy: ["bytes.add"],
    *main() {
      const report = { bytes: 0 };
      function* download(bytes: number) {
        yield* sleep(bytes / 100_000);
        return bytes;
      }
      function* fetchPart(startsAt: number, bytes: number) {
        yield* sleep(startsAt);
        report.bytes += yield* download(bytes); // race: bytes.add
      }
      yield* gather(fetchPart(0.001, 700), fetchPart(0.01, 300), fetchPart(0.015, 500));
      assert(report.bytes === 1500, `${report.bytes} of 1500 bytes`);
    },
  },
  {
    name: "control: tellers take a lock around reading and writing",
    kind,
    window: 0.01,
    racy: null,
    *main() {
      const ledger = { balance: 100 };
      const lock = new Lock();
      function* teller(opensAt: number, amount: number) {
        yield* sleep(opensAt);
        yield* lock.with(function* () {
          const balance = ledger.balance;
          yield* sleep(0.004);
          ledger.balance = balance + amount;
        });
      }
      yield* gather(teller(0, 50), teller(0.003, 25), teller(0.003, 10), teller(0.005, 5), teller(0.01, 1));
      assert(ledger.balance === 191, `a deposit is lost: ${ledger.balance}`);
    },
  },
  {
    name: "control: views are counted again when somebody was faster",
    kind,
    racy: null,
    *main() {
      let views = { count: 0 };
      function* record() {
        for (;;) {
          const seen = views;
          yield* sleep(0);
          if (views !== seen) continue; // somebody else counted
          views = { count: seen.count + 1 };
          return;
        }
      }
      yield* gather(record(), record(), record(), record());
      assert(views.count === 4, `${views.count} of 4 views counted`);
    },
  },
];
