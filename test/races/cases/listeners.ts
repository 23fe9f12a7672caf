// Events that are sent when nobody listens yet, and listeners that rely on each other's order.

import { Event, type Future, Queue, createTask, gather, getRunningLoop, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

export const listeners: readonly RaceCase[] = [
  {
    name: "the index is updated by a listener that counts on the one that stores",
    kind: "event-listener order",
    racy: ["listeners.store", "listeners.index"],
    *main() {
      const loop = getRunningLoop();
      const documents = new Map<number, string>();
      const index = new Map<string, number>();
      const failures: string[] = [];
      const store = (id: number, text: string) => {
        documents.set(id, text); // race: listeners.store
      };
      const update = (id: number) => {
        const text = documents.get(id); // race: listeners.index
        if (text === undefined) failures.push(`document ${id} is not stored`);
        else index.set(text, id);
      };
      function emit(id: number, text: string) {
        loop.callSoon(store, id, text); // race: listeners.store
        loop.callSoon(update, id); // race: listeners.index
      }
      emit(1, "contract");
      yield* sleep(0.001);
      emit(2, "letter");
      yield* sleep(0.001);
      assert(failures.length === 0, failures.join());
    },
  },
  {
    name: "a service says that it is ready before anybody listens",
    kind: "publish before subscribe",
    racy: ["ready.publish", "ready.subscribe"],
    *main() {
      const loop = getRunningLoop();
      const subscribers: ((topic: string) => void)[] = [];
      const publish = (topic: string) => {
        for (const subscriber of subscribers) subscriber(topic);
      };
      function* service() {
        yield* sleep(0);
        yield* sleep(0); // race: ready.publish
        publish("ready"); // race: ready.publish
      }
      function* client() {
        yield* sleep(0); // race: ready.subscribe
        const ready: Future<void> = loop.createFuture();
        subscribers.push((topic) => topic === "ready" && ready.setResult()); // race: ready.subscribe
        yield* ready; // race: ready.subscribe
      }
      yield* gather(service(), client());
    },
  },
  {
    name: "a socket opens before the listener for that is there",
    kind: "publish before subscribe",
    window: 0.004,
    racy: ["socket.open", "socket.listen"],
    *main() {
      const loop = getRunningLoop();
      const socket = { onOpen: (): void => {} };
      loop.callLater(0.005, () => socket.onOpen()); // race: socket.open
      function* readCredentials() {
        yield* sleep(0.003);
        return "secret";
      }
      const credentials = yield* readCredentials(); // race: socket.listen
      const opened: Future<void> = loop.createFuture();
      socket.onOpen = () => opened.setResult(); // race: socket.listen
      yield* opened; // race: socket.listen
      return credentials;
    },
  },
  {
    name: "a member joins between the history and the live messages",
    kind: "publish before subscribe",
    racy: ["chat.say", "chat.history", "chat.join"],
    *main() {
      const history: string[] = [];
      const members: string[][] = [];
      function* speaker() {
        for (const message of ["hello", "anybody?", "bye"]) {
          history.push(message); // race: chat.say
          for (const inbox of members) inbox.push(message); // race: chat.say
          yield* sleep(0); // race: chat.say
        }
      }
      function* join(clicks: number) {
        for (let click = 0; click < clicks; click++) yield* sleep(0);
        const inbox = [...history]; // race: chat.history
        yield* sleep(0); // race: chat.history
        members.push(inbox); // race: chat.join
        return inbox;
      }
      const [, inbox] = yield* gather(speaker(), join(3));
      assert(inbox.join() === history.join(), `the member got ${inbox.join()}`);
    },
  },
  {
    name: "control: readiness is a state, which a late client finds",
    kind: "publish before subscribe",
    window: 0.01,
    racy: null,
    *main() {
      const ready = new Event();
      const served: number[] = [];
      function* service() {
        yield* sleep(0.003);
        ready.set();
      }
      function* client(id: number, at: number) {
        yield* sleep(at);
        yield* ready.wait();
        served.push(id);
      }
      yield* gather(client(1, 0), client(2, 0.003), service(), client(3, 0.004), client(4, 0.01));
      assert(served.length === 4, `served: ${served.join()}`);
    },
  },
  {
    name: "control: a listener's queue is there before the events are asked for",
    kind: "event-listener order",
    racy: null,
    *main() {
      const loop = getRunningLoop();
      const inboxes: Queue<string>[] = [];
      const emit = (event: string) => {
        for (const inbox of inboxes) inbox.putNowait(event);
      };
      function* listen(inbox: Queue<string>) {
        const seen: string[] = [];
        while (seen.at(-1) !== "end") {
          seen.push(yield* inbox.get());
          yield* sleep(0);
        }
        return seen.length;
      }
      const listening = [0, 1, 2].map(() => {
        const inbox = new Queue<string>();
        inboxes.push(inbox);
        return createTask(listen(inbox));
      });
      for (const event of ["open", "data"]) loop.callSoon(emit, event);
      yield* sleep(0.001);
      emit("end");
      const counts = yield* gather(listening);
      assert(
        counts.every((count) => count === 3),
        `events seen: ${counts.join()}`,
      );
    },
  },
];
