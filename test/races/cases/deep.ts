// Races that take several steps in the right order, or one task that is far behind all others: what random orders
// rarely bring about.

import { Barrier, Event, Lock, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

/** Gives way `count` times: work of so many small steps. */
function* work(count: number) {
  for (let step = 0; step < count; step++) yield* sleep(0);
}

export const deepRaces: readonly RaceCase[] = [
  {
    name: "the settings come after twenty polls that all were answered without them",
    kind: "starvation",
    racy: ["grace.load", "grace.poll"],
    *main() {
      const settings = { region: "" };
      function* load() {
        yield* sleep(0); // race: grace.load
        settings.region = "eu"; // race: grace.load
      }
      function* poll() {
        for (let tries = 0; tries < 20; tries++) {
          if (settings.region !== "") return;
          yield* sleep(0); // race: grace.poll
        }
        throw new Error("no settings within the grace period"); // race: grace.poll
      }
      yield* gather(load(), poll());
    },
  },
  {
    name: "an entry that was evicted and filled again has its old version",
    kind: "stale cache",
    racy: ["aba.read", "aba.compare", "aba.evict", "aba.fill"],
    *main() {
      const stored = { price: 4 };
      const cache = new Map([["tea", { version: 1, price: 4 }]]);
      function* raise() {
        const entry = cache.get("tea"); // race: aba.read
        assert(entry !== undefined, "nothing is cached");
        yield* work(2); // race: aba.read
        const now = cache.get("tea"); // race: aba.compare
        if (now?.version !== entry.version) return; // race: aba.compare
        cache.set("tea", { version: entry.version + 1, price: entry.price + 1 }); // race: aba.compare
        stored.price = entry.price + 1;
      }
      function* importPrices() {
        yield* work(5);
        stored.price = 10;
        cache.delete("tea"); // race: aba.evict
        yield* sleep(0); // race: aba.fill
        cache.set("tea", { version: 1, price: stored.price }); // race: aba.fill
      }
      yield* gather(raise(), importPrices());
      assert(stored.price >= 10, `tea costs ${stored.price}: the import is lost`);
    },
  },
  {
    name: "three replicas get the writes in the reverse order",
    kind: "out-of-order stream chunks",
    racy: ["replica.write"],
    *main() {
      const applied: number[] = [];
      function* replicate(id: number, hops: number) {
        yield* work(hops); // race: replica.write
        applied.push(id); // race: replica.write
      }
      yield* gather(replicate(1, 2), replicate(2, 4), replicate(3, 6), work(8));
      assert(applied.join() !== "3,2,1", "every write was overwritten by the one before it");
    },
  },
  {
    name: "three nurses go off duty, because each counts the other two",
    kind: "write skew",
    racy: ["duty.count", "duty.gap", "duty.leave"],
    *main() {
      const onDuty = new Set(["ann", "bob", "eve"]);
      function* leave(nurse: string, dressing: number) {
        yield* work(dressing);
        if (onDuty.size < 2) return; // race: duty.count
        yield* sleep(0); // race: duty.gap
        onDuty.delete(nurse); // race: duty.leave
      }
      yield* gather(leave("ann", 0), leave("bob", 3), leave("eve", 6), work(4));
      assert(onDuty.size > 0, "nobody is on duty");
    },
  },
  {
    name: "a barrier made of a counter is entered again before all have left",
    kind: "barrier",
    racy: ["barrier.last", "barrier.clear", "barrier.wait"],
    *main() {
      const gate = new Event();
      let arrived = 0;
      function* meet() {
        arrived++;
        if (arrived === 2) {
          arrived = 0;
          gate.set(); // race: barrier.last
          yield* sleep(0); // race: barrier.last
          gate.clear(); // race: barrier.clear
        } else {
          yield* gate.wait(); // race: barrier.wait
        }
      }
      const laps = [0, 0];
      function* run(runner: number) {
        for (let lap = 1; lap <= 2; lap++) {
          yield* work(2); // race: barrier.wait
          laps[runner] = lap;
          yield* meet(); // race: barrier.wait
          assert(laps[1 - runner] >= lap, `runner ${runner} did not wait for the other one in lap ${lap}`);
        }
      }
      yield* gather(run(0), run(1));
    },
  },
  {
    name: "four trains each hold their block, and wait for the next one",
    kind: "deadlock",
    racy: ["train.hold", "train.next"],
    *main() {
      const blocks = [new Lock(), new Lock(), new Lock(), new Lock()];
      function* drive(block: number) {
        const [own, next] = [blocks[block], blocks[(block + 1) % 4]] as [Lock, Lock];
        yield* work(4 * block);
        yield* own.acquire(); // race: train.hold
        yield* sleep(0); // race: train.hold
        yield* next.acquire(); // race: train.next
        yield* sleep(0);
        own.release();
        next.release();
      }
      yield* gather([0, 1, 2, 3].map(drive));
    },
  },
  {
    name: "a snapshot is freed two ticks after it was replaced, and still read",
    kind: "use after free",
    racy: ["snapshot.take", "snapshot.read", "snapshot.free"],
    *main() {
      let current = { rows: 10, freed: false };
      function* read() {
        const snapshot = current; // race: snapshot.take
        for (let row = 0; row < 3; row++) {
          yield* sleep(0); // race: snapshot.read
          assert(!snapshot.freed, "the snapshot was freed under its reader"); // race: snapshot.read
        }
      }
      function* replace() {
        yield* work(4);
        const old = current;
        current = { rows: old.rows + 1, freed: false };
        yield* work(2); // race: snapshot.free
        old.freed = true; // race: snapshot.free
      }
      yield* gather(read(), replace(), work(6));
      yield* read();
    },
  },
  {
    name: "control: tasks meet at a barrier again and again",
    kind: "barrier",
    racy: null,
    noLeaks: true,
    *main() {
      const barrier = new Barrier(3);
      const laps = [0, 0, 0];
      function* run(runner: number) {
        for (let lap = 1; lap <= 3; lap++) {
          yield* work(runner);
          laps[runner] = lap;
          yield* barrier.wait();
          for (const other of laps) assert(other >= lap, `runner ${runner} is in lap ${lap}, another one in ${other}`);
        }
      }
      yield* gather([0, 1, 2].map((runner) => createTask(run(runner))));
    },
  },
  {
    name: "control: a snapshot is freed by the last one that has it",
    kind: "use after free",
    racy: null,
    *main() {
      let current = { users: 1, freed: false };
      function drop(snapshot: typeof current) {
        if (--snapshot.users === 0) snapshot.freed = true;
      }
      function* read() {
        const snapshot = current;
        snapshot.users++;
        for (let row = 0; row < 3; row++) {
          yield* sleep(0);
          assert(!snapshot.freed, "the snapshot was freed under its reader");
        }
        drop(snapshot);
      }
      function* replace(steps: number) {
        yield* work(steps);
        const old = current;
        current = { users: 1, freed: false };
        drop(old);
      }
      yield* gather(read(), replace(2), read(), replace(3), read());
      assert(current.users === 1 && !current.freed, `${current.users} users are left`);
    },
  },
];
