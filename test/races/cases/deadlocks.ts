// Deadlocks: everybody holds what somebody else waits for.

import { Event, Lock, Queue, Semaphore, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "deadlock";

export const deadlocks: readonly RaceCase[] = [
  {
    name: "two transfers lock their accounts in opposite orders",
    kind,
    racy: ["transfer.from", "transfer.to"],
    *main() {
      const accounts = [50, 50].map((balance) => ({ balance, lock: new Lock() }));
      function* transfer(signing: number, from: number, to: number, amount: number) {
        for (let page = 0; page < signing; page++) yield* sleep(0);
        const [source, target] = [accounts[from], accounts[to]] as [(typeof accounts)[0], (typeof accounts)[0]];
        yield* source.lock.acquire(); // race: transfer.from
        yield* sleep(0); // race: transfer.from
        yield* target.lock.acquire(); // race: transfer.to
        source.balance -= amount;
        target.balance += amount;
        target.lock.release();
        source.lock.release();
      }
      yield* gather(transfer(0, 0, 1, 10), transfer(3, 1, 0, 20));
      assert(accounts[0]?.balance === 60, "the money is somewhere else");
    },
  },
  {
    name: "three philosophers take their left fork first",
    kind,
    window: 0.01,
    racy: ["fork.left", "fork.right"],
    *main() {
      const forks = [new Lock(), new Lock(), new Lock()];
      function* dine(seat: number, arrivesAt: number) {
        const [left, right] = [forks[seat], forks[(seat + 1) % 3]] as [Lock, Lock];
        yield* sleep(arrivesAt);
        yield* left.acquire(); // race: fork.left
        yield* sleep(0.002); // race: fork.left
        yield* right.acquire(); // race: fork.right
        yield* sleep(0.001);
        right.release();
        left.release();
      }
      yield* gather(dine(0, 0.001), dine(1, 0.005), dine(2, 0.009));
    },
  },
  {
    name: "a producer keeps the lock while it waits for room",
    kind,
    racy: ["room.lock", "room.put", "room.take"],
    *main() {
      const lock = new Lock();
      const queue = new Queue<number>(1);
      function* produce() {
        for (let item = 0; item < 2; item++) {
          for (let step = 0; step < 4; step++) yield* sleep(0);
          yield* lock.acquire(); // race: room.lock
          yield* queue.put(item); // race: room.put
          lock.release();
        }
      }
      function* consume() {
        for (let count = 0; count < 2; count++) {
          yield* sleep(0);
          yield* lock.acquire(); // race: room.take
          const item = queue.empty() ? null : queue.getNowait(); // race: room.take
          lock.release();
          if (item === null) yield* queue.get(); // race: room.take
        }
      }
      yield* gather(produce(), consume());
    },
  },
  {
    name: "two readers of a document both want to become its writer",
    kind,
    window: 0.006,
    racy: ["upgrade.read", "upgrade.wait"],
    *main() {
      const document = { readers: 0, text: "" };
      let left = new Event();
      function* edit(at: number, word: string) {
        yield* sleep(at);
        document.readers++; // race: upgrade.read
        yield* sleep(0.003); // race: upgrade.read
        while (document.readers > 1) {
          left = new Event();
          yield* left.wait(); // race: upgrade.wait
        }
        document.text += word;
        document.readers--;
        left.set();
      }
      yield* gather(edit(0.001, "a"), edit(0.006, "b"));
      assert(document.text.length === 2, `the document says ${document.text}`);
    },
  },
  {
    name: "control: accounts are locked in the order of their numbers",
    kind,
    racy: null,
    noLeaks: true,
    *main() {
      const accounts = [50, 50, 50].map((balance) => ({ balance, lock: new Lock() }));
      function* transfer(from: number, to: number, amount: number) {
        const [source, target] = [accounts[from], accounts[to]] as [(typeof accounts)[0], (typeof accounts)[0]];
        const [first, second] = from < to ? [source, target] : [target, source];
        yield* first.lock.with(function* () {
          yield* sleep(0);
          yield* second.lock.with(function* () {
            source.balance -= amount;
            yield* sleep(0);
            target.balance += amount;
          });
        });
      }
      yield* gather(transfer(0, 1, 10), transfer(1, 2, 20), transfer(2, 0, 5), transfer(1, 0, 1), transfer(0, 2, 3));
      assert(accounts.map((account) => account.balance).join() === "43,39,68", "the money is somewhere else");
    },
  },
  {
    name: "control: one philosopher fewer than forks may sit down",
    kind,
    window: 0.01,
    racy: null,
    noLeaks: true,
    *main() {
      const forks = [new Lock(), new Lock(), new Lock()];
      const table = new Semaphore(2);
      let dined = 0;
      function* dine(seat: number) {
        const [left, right] = [forks[seat], forks[(seat + 1) % 3]] as [Lock, Lock];
        for (let meal = 0; meal < 2; meal++) {
          yield* table.with(function* () {
            yield* left.with(function* () {
              yield* sleep(0.002);
              yield* right.with(() => sleep(0.001));
            });
          });
          dined++;
        }
      }
      yield* gather([0, 1, 2].map((seat) => createTask(dine(seat))));
      assert(dined === 6, `${dined} of 6 meals`);
    },
  },
];
