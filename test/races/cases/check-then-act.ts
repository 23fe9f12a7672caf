// Check-then-act: what was checked may no longer hold when it is acted upon, because something was awaited in between.

import { CancelledError, Event, Lock, type Task, createTask, gather, shield, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "check-then-act";

export const checksThenActs: readonly RaceCase[] = [
  {
    name: "two withdrawals pass the check of the balance",
    kind,
    window: 0.008,
    racy: ["withdraw.check", "withdraw.gap", "withdraw.act"],
    *main() {
      const account = { balance: 100 };
      function* withdraw(amount: number) {
        if (account.balance < amount) return false; // race: withdraw.check
        yield* sleep(0.005); // race: withdraw.gap
        account.balance -= amount; // race: withdraw.act
        return true;
      }
      function* customer(arrivesAt: number) {
        yield* sleep(arrivesAt);
        return yield* withdraw(80);
      }
      yield* gather(customer(0.001), customer(0.01));
      assert(account.balance >= 0, `overdrawn: ${account.balance}`);
    },
  },
  {
    name: "one seat is sold twice",
    kind,
    racy: ["seat.check", "seat.pay", "seat.act"],
    *main() {
      const seats = new Map<string, string>();
      const tickets: string[] = [];
      function* pay() {
        for (let step = 0; step < 2; step++) yield* sleep(0);
      }
      function* book(customer: string, browsing: number) {
        for (let page = 0; page < browsing; page++) yield* sleep(0);
        if (seats.has("12A")) return; // race: seat.check
        yield* pay(); // race: seat.pay
        seats.set("12A", customer); // race: seat.act
        tickets.push(customer);
      }
      yield* gather(book("Ann", 0), book("Bob", 4));
      assert(tickets.length === 1, `sold to ${tickets.join(" and ")}`);
    },
  },
  {
    name: "a folder is made by two who found it missing",
    kind,
    racy: ["folder.check", "folder.make"],
    *main() {
      const folders = new Set<string>();
      function* exists(path: string) {
        yield* sleep(0);
        return folders.has(path);
      }
      function* makeFolder(path: string) {
        yield* sleep(0);
        if (folders.has(path)) throw new Error(`EEXIST: ${path}`);
        folders.add(path);
      }
      function* store(name: string, converting: number) {
        for (let page = 0; page < converting; page++) yield* sleep(0);
        const found = yield* exists("/cache"); // race: folder.check
        if (!found) yield* makeFolder("/cache"); // race: folder.make
        return `/cache/${name}`;
      }
      yield* gather(store("a.png", 0), store("b.png", 2), store("c.png", 5));
    },
  },
  {
    name: "a name is free until its password is hashed",
    kind,
    window: 0.005,
    racy: ["signup.check", "signup.gap", "signup.act"],
    *main() {
      const users: { name: string; hash: number }[] = [];
      function* hash(password: string) {
        yield* sleep(0.008);
        return password.length;
      }
      function* signUp(at: number, name: string, password: string) {
        yield* sleep(at);
        if (users.some((user) => user.name === name)) return "taken"; // race: signup.check
        const hashed = yield* hash(password); // race: signup.gap
        users.push({ name, hash: hashed }); // race: signup.act
        return "welcome";
      }
      yield* gather(signUp(0.001, "ann", "secret"), signUp(0.006, "bob", "12345"), signUp(0.011, "ann", "hunter2"));
      assert(new Set(users.map((user) => user.name)).size === users.length, "two users of one name");
    },
  },
  {
    name: "a connection is opened by everybody who finds none",
    kind: "double initialisation",
    window: 0.004,
    racy: ["connection.check", "connection.open"],
    *main() {
      let connection: { id: number } | null = null;
      let opened = 0;
      function* open() {
        yield* sleep(0.005);
        return { id: ++opened };
      }
      function* connected() {
        if (connection === null) connection = yield* open(); // race: connection.check race: connection.open
        return connection;
      }
      function* query(at: number) {
        yield* sleep(at);
        return (yield* connected()).id;
      }
      const ids = yield* gather(query(0), query(0.006), query(0.007));
      assert(opened === 1, `${opened} connections opened, used: ${ids.join()}`);
    },
  },
  {
    name: "settings count as loaded while they are being loaded",
    kind: "double initialisation",
    racy: ["settings.flag", "settings.gap", "settings.use"],
    *main() {
      const settings = { loading: false, timeZone: "" };
      function* ensureSettings() {
        if (settings.loading) return; // race: settings.use
        settings.loading = true; // race: settings.flag
        yield* sleep(0); // race: settings.gap
        settings.timeZone = "UTC";
      }
      function* show(clicks: number) {
        for (let click = 0; click < clicks; click++) yield* sleep(0); // race: settings.use
        yield* ensureSettings();
        assert(settings.timeZone !== "", "no time zone");
        yield* sleep(0);
        return settings.timeZone;
      }
      yield* gather(show(0), show(2));
    },
  },
  {
    name: "a token that can be used once is refreshed twice",
    kind: "double initialisation",
    window: 0.006,
    racy: ["token.check", "token.gap", "token.write"],
    *main() {
      const session = { access: "old", refresh: "r0", expired: true };
      let valid = "r0";
      function* refresh(token: string) {
        yield* sleep(0.006);
        if (token !== valid) throw new Error(`invalid_grant: ${token} was used before`);
        valid = `${token}'`;
        return { access: "new", refresh: valid };
      }
      function* authorised(at: number) {
        yield* sleep(at);
        const isStale = session.expired; // race: token.check
        if (isStale) {
          const tokens = yield* refresh(session.refresh); // race: token.gap
          Object.assign(session, tokens, { expired: false }); // race: token.write
        }
        return session.access;
      }
      yield* gather(authorised(0.002), authorised(0.012));
    },
  },
  {
    name: "control: a withdrawal checks again when it acts",
    kind,
    window: 0.02,
    racy: null,
    *main() {
      const account = { balance: 100 };
      let paid = 0;
      function* withdraw(at: number, amount: number) {
        yield* sleep(at);
        if (account.balance < amount) return;
        yield* sleep(0.005);
        if (account.balance < amount) return;
        account.balance -= amount;
        paid += amount;
      }
      yield* gather(withdraw(0, 80), withdraw(0.002, 60), withdraw(0.005, 40), withdraw(0.009, 30));
      assert(account.balance >= 0 && account.balance + paid === 100, `balance ${account.balance}, paid ${paid}`);
    },
  },
  {
    name: "control: all who need a connection await the one task that opens it",
    kind: "double initialisation",
    window: 0.01,
    racy: null,
    noLeaks: true,
    *main() {
      let opened = 0;
      let opening: Task<number> | null = null;
      function* open() {
        yield* sleep(0.005);
        return ++opened;
      }
      function* query(at: number) {
        yield* sleep(at);
        opening ??= createTask(open());
        return yield* shield(opening); // one that is cancelled leaves the others their connection
      }
      const queries = [0, 0.002, 0.005, 0.006].map((at) => createTask(query(at)));
      yield* sleep(0.003);
      queries[1]?.cancel();
      const ids = yield* gather(queries, { returnExceptions: true });
      assert(opened === 1, `${opened} connections opened`);
      for (const id of ids) assert(id === 1 || id instanceof CancelledError, `got ${id}`);
    },
  },
  {
    name: "control: folders are made under a lock for each path",
    kind,
    racy: null,
    *main() {
      const folders = new Set<string>();
      const locks = new Map<string, Lock>();
      const ready = new Event();
      function* ensureFolder(path: string) {
        const lock = locks.get(path) ?? new Lock();
        locks.set(path, lock);
        yield* lock.with(function* () {
          yield* sleep(0);
          if (folders.has(path)) return;
          yield* sleep(0);
          assert(!folders.has(path), `EEXIST: ${path}`);
          folders.add(path);
        });
      }
      function* store(path: string, files: number) {
        yield* ready.wait();
        for (let file = 0; file < files; file++) yield* ensureFolder(path);
      }
      const stores = gather(store("/a", 2), store("/b", 1), store("/a", 1), store("/b", 2));
      ready.set();
      yield* stores;
      assert(folders.size === 2, "folders are missing");
    },
  },
];
