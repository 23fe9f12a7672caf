// Leases: leader election, visibility of messages, and what is done under a lease that has run out.

import { createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

export const leases: readonly RaceCase[] = [
  {
    name: "two nodes find no leader, and both become it",
    kind: "leader election",
    window: 0.004,
    racy: ["elect.read", "elect.write"],
    *main() {
      const registry = { leader: "" };
      const leaders: string[] = [];
      function* read() {
        yield* sleep(0.001);
        return registry.leader;
      }
      function* write(node: string) {
        yield* sleep(0.002);
        registry.leader = node;
      }
      function* stand(node: string, at: number) {
        yield* sleep(at);
        if ((yield* read()) !== "") return; // race: elect.read
        yield* write(node); // race: elect.write
        leaders.push(node);
      }
      yield* gather(stand("n1", 0), stand("n2", 0.004), stand("n3", 0.009));
      assert(leaders.length === 1, `leaders: ${leaders.join()}`);
    },
  },
  {
    name: "a leader writes under a lease that has run out",
    kind: "leader election",
    window: 0.004,
    racy: ["lease.check", "lease.write", "lease.expire"],
    *main() {
      const loop = getRunningLoop();
      const lease = { owner: "n1" };
      const written: string[] = [];
      function* lead(node: string) {
        for (let entry = 0; entry < 2; entry++) {
          if (lease.owner !== node) return; // race: lease.check
          yield* sleep(0.004); // race: lease.write
          assert(lease.owner === node, `${node} writes, and ${lease.owner} leads`); // race: lease.write
          written.push(node);
        }
      }
      loop.callLater(0.01, () => (lease.owner = "n2")); // race: lease.expire
      function* follow() {
        while (lease.owner !== "n2") yield* sleep(0.005);
        yield* lead("n2");
      }
      yield* gather(lead("n1"), follow());
    },
  },
  {
    name: "a message is delivered again while its worker still works on it",
    kind: "retry duplicates",
    window: 0.006,
    orders: "asyncio",
    racy: ["visible.work", "visible.again"],
    *main() {
      const loop = getRunningLoop();
      const inbox = ["message"];
      const handled: string[] = [];
      function* work() {
        for (let idle = 0; idle < 4; idle++) {
          const message = inbox.shift();
          if (message === undefined) {
            yield* sleep(0.005);
            continue;
          }
          const redelivery = loop.callLater(0.012, () => inbox.push(message)); // race: visible.again
          yield* sleep(0.008); // race: visible.work
          handled.push(message); // race: visible.work
          redelivery.cancel();
        }
      }
      yield* gather(work(), work());
      assert(handled.length === 1, `handled ${handled.length} times`);
    },
  },
  {
    name: "a heartbeat comes when its node was just given up",
    kind: "timeout against completion",
    window: 0.004,
    orders: "asyncio",
    racy: ["heart.beat", "heart.miss"],
    *main() {
      const loop = getRunningLoop();
      const owners = new Map([["shard", "n1"]]);
      let miss = loop.callLater(0.01, giveUp); // race: heart.miss
      function giveUp() {
        owners.set("shard", "n2"); // race: heart.miss
      }
      function* node() {
        for (let beat = 0; beat < 3; beat++) {
          yield* sleep(0.007); // race: heart.beat
          miss.cancel();
          miss = loop.callLater(0.01, giveUp); // race: heart.miss
          assert(owners.get("shard") === "n1", "n1 and n2 both own the shard"); // race: heart.beat
        }
        miss.cancel();
      }
      yield* node();
    },
  },
  {
    name: "control: a term is given out once, and only its owner writes",
    kind: "leader election",
    window: 0.01,
    racy: null,
    *main() {
      const registry = { term: 0, leader: "" };
      const written: number[] = [];
      function* stand(node: string, at: number) {
        yield* sleep(at);
        const { term } = registry;
        yield* sleep(0.001);
        if (registry.term !== term) return; // compare and set, in one step
        registry.term = term + 1;
        registry.leader = node;
        for (let entry = 0; entry < 2; entry++) {
          yield* sleep(0.002);
          if (registry.term !== term + 1) return;
          assert(registry.leader === node, "two lead in one term");
          written.push(registry.term);
        }
      }
      yield* gather(stand("n1", 0), stand("n2", 0.001), stand("n3", 0.003), stand("n4", 0.003));
      for (let index = 1; index < written.length; index++)
        assert(written[index] >= written[index - 1], `terms written: ${written.join()}`);
    },
  },
  {
    name: "control: a message that comes twice is handled once",
    kind: "retry duplicates",
    window: 0.02,
    racy: null,
    *main() {
      const loop = getRunningLoop();
      const inbox = ["a", "b", "c"];
      const seen = new Set<string>();
      const handled: string[] = [];
      function* work() {
        for (let round = 0; round < 6; round++) {
          const message = inbox.shift();
          if (message === undefined || seen.has(message)) {
            yield* sleep(0.003);
            continue;
          }
          const redelivery = loop.callLater(0.005, () => inbox.push(message));
          seen.add(message);
          yield* sleep(0.004);
          handled.push(message);
          redelivery.cancel();
        }
      }
      yield* gather([work(), work(), work()].map((worker) => createTask(worker)));
      assert(handled.toSorted().join("") === "abc", `handled: ${handled.join()}`);
    },
  },
];
