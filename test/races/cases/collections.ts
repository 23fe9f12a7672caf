// Collections that change while somebody walks through them and awaits at each item.

import { Lock, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "iterator invalidation";

export const collections: readonly RaceCase[] = [
  {
    name: "a client leaves during a broadcast, and another one gets nothing",
    kind,
    racy: ["broadcast.send", "broadcast.leave"],
    *main() {
      const clients = ["ann", "bob", "eve"];
      const inboxes = new Map<string, string[]>(clients.map((client) => [client, []]));
      function* send(client: string, text: string) {
        yield* sleep(0);
        inboxes.get(client)?.push(text);
      }
      function* broadcast(text: string) {
        for (let index = 0; index < clients.length; index++) yield* send(clients[index], text); // race: broadcast.send
      }
      function* leave(client: string) {
        for (let packet = 0; packet < 4; packet++) yield* sleep(0); // race: broadcast.leave
        clients.splice(clients.indexOf(client), 1); // race: broadcast.leave
      }
      yield* gather(broadcast("hello"), leave("ann"));
      for (const client of ["bob", "eve"]) assert(inboxes.get(client)?.length === 1, `${client} got nothing`);
    },
  },
  {
    name: "a subscriber that joins during a broadcast gets it, too",
    kind,
    window: 0.003,
    racy: ["notify.walk", "notify.join"],
    *main() {
      const subscribers = new Map<string, string[]>([
        ["ann", []],
        ["bob", []],
      ]);
      function* notify(text: string) {
        for (const inbox of subscribers.values()) {
          yield* sleep(0.002); // race: notify.walk
          inbox.push(text); // race: notify.walk
        }
      }
      function* join(name: string) {
        yield* sleep(0.0045); // race: notify.join
        subscribers.set(name, []); // race: notify.join
      }
      yield* gather(notify("meeting at 9"), join("eve"));
      assert(subscribers.get("eve")?.length === 0, "eve got what was sent before she joined");
    },
  },
  {
    name: "expired sessions are removed by an index that is out of date",
    kind,
    racy: ["expire.find", "expire.remove", "expire.logout"],
    *main() {
      const sessions = [
        { user: "ann", expired: false },
        { user: "bob", expired: true },
        { user: "eve", expired: false },
      ];
      function* sweep() {
        const index = sessions.findIndex((session) => session.expired); // race: expire.find
        yield* sleep(0); // race: expire.find
        sessions.splice(index, 1); // race: expire.remove
      }
      function* logOut(user: string) {
        for (let redirect = 0; redirect < 3; redirect++) yield* sleep(0); // race: expire.logout
        const index = sessions.findIndex((session) => session.user === user); // race: expire.logout
        sessions.splice(index, 1); // race: expire.logout
      }
      yield* gather(sweep(), logOut("ann"));
      assert(sessions.map((session) => session.user).join() === "eve", sessions.map((session) => session.user).join());
    },
  },
  {
    name: "control: a broadcast walks through a copy, and skips who has left",
    kind,
    racy: null,
    *main() {
      const clients = new Map<string, string[]>([
        ["ann", []],
        ["bob", []],
        ["eve", []],
      ]);
      const inboxes = new Map(clients);
      const late: string[] = [];
      function* broadcast(text: string) {
        for (const [client, inbox] of new Map(clients)) {
          yield* sleep(0);
          if (clients.has(client)) inbox.push(text);
        }
      }
      function* leave(client: string) {
        for (let packet = 0; packet < 2; packet++) yield* sleep(0);
        clients.delete(client);
      }
      function* join(client: string) {
        yield* sleep(0);
        clients.set(client, late);
      }
      yield* gather(broadcast("hello"), leave("ann"), join("dan"), broadcast("again"));
      for (const client of ["bob", "eve"]) assert(inboxes.get(client)?.length === 2, `${client} misses something`);
      assert(new Set(late).size === late.length, "dan got something twice");
    },
  },
  {
    name: "control: sweeping and logging out take turns",
    kind,
    window: 0.01,
    racy: null,
    noLeaks: true,
    *main() {
      let sessions = ["ann", "bob!", "eve", "dan!", "joe"];
      const lock = new Lock();
      function* sweep() {
        yield* lock.with(function* () {
          for (let index = 0; index < sessions.length;) {
            yield* sleep(0.001);
            if (sessions[index]?.endsWith("!")) sessions.splice(index, 1);
            else index++;
          }
        });
      }
      function* logOut(at: number, user: string) {
        yield* sleep(at);
        yield* lock.with(function* () {
          const others = sessions.filter((session) => session !== user);
          yield* sleep(0);
          sessions = others;
        });
      }
      const sweeping = createTask(sweep());
      yield* gather(logOut(0.001, "ann"), sweeping, logOut(0.002, "joe"), sweep());
      assert(sessions.join() === "eve", sessions.join());
    },
  },
];
