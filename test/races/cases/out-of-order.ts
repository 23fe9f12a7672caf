// Answers, chunks and events that come in another order than they were asked for or sent in.

import { Queue, type Task, createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

export const outOfOrder: readonly RaceCase[] = [
  {
    name: "search as you type shows the answer that came last",
    kind: "out-of-order fetch",
    window: 0.015,
    orders: "asyncio",
    racy: ["search.answer"],
    *main() {
      const page = { query: "", results: "" };
      function* search(query: string) {
        yield* sleep(query.length < 2 ? 0.03 : 0.02);
        return `results for ${query}`;
      }
      function* show(query: string) {
        page.results = yield* search(query); // race: search.answer
      }
      const searches: Task<void>[] = [];
      for (const query of ["t", "te", "tea"]) {
        page.query = query;
        searches.push(createTask(show(query), { name: `search ${query}` }));
        yield* sleep(0.02);
      }
      yield* gather(searches);
      assert(page.results === "results for tea", `asked for ${page.query}, shows ${page.results}`);
    },
  },
  {
    name: "parts of a file are appended as they come",
    kind: "out-of-order stream chunks",
    racy: ["parts.append"],
    *main() {
      const file: string[] = [];
      function* fetchPart(text: string) {
        yield* sleep(0.01);
        return text;
      }
      function* download(text: string) {
        file.push(yield* fetchPart(text)); // race: parts.append
      }
      yield* gather(download("one "), download("small "), download("file"));
      assert(file.join("") === "one small file", file.join(""));
    },
  },
  {
    name: "messages of one order are handled by two workers",
    kind: "out-of-order stream chunks",
    racy: ["order.decode", "order.apply"],
    *main() {
      const messages = new Queue<string>();
      const order = { state: "new" };
      const after: Record<string, string> = { paid: "new", packed: "paid", sent: "packed" };
      function* worker() {
        for (;;) {
          const message = yield* messages.get();
          if (message === "stop") return;
          yield* sleep(0); // race: order.decode
          assert(order.state === after[message], `${message} when it is ${order.state}`); // race: order.apply
          order.state = message; // race: order.apply
        }
      }
      const workers = [createTask(worker()), createTask(worker())];
      for (const message of ["paid", "packed", "sent", "stop", "stop"]) yield* messages.put(message);
      yield* gather(workers);
    },
  },
  {
    name: "a progress bar takes the reports of two pollers",
    kind: "out-of-order fetch",
    window: 0.004,
    racy: ["progress.ask", "progress.show"],
    *main() {
      const job = { done: 0 };
      const shown: number[] = [];
      function* status() {
        const { done } = job; // race: progress.ask
        yield* sleep(0.004); // race: progress.ask
        return done;
      }
      function* poll(at: number) {
        yield* sleep(at);
        shown.push(yield* status()); // race: progress.show
      }
      function* work() {
        for (; job.done < 4; job.done++) yield* sleep(0.005);
      }
      yield* gather(work(), poll(0.006), poll(0.012), poll(0.018));
      for (let index = 1; index < shown.length; index++)
        assert(shown[index] >= shown[index - 1], `it went back: ${shown.join()}`);
    },
  },
  {
    name: "control: only the answer to the latest search is shown",
    kind: "out-of-order fetch",
    window: 0.03,
    racy: null,
    *main() {
      const page = { query: "", results: "" };
      function* show(query: string) {
        page.query = query;
        yield* sleep(0.02);
        if (page.query === query) page.results = `results for ${query}`;
      }
      const searches: Task<void>[] = [];
      for (const query of ["t", "te", "tea"]) {
        searches.push(createTask(show(query)));
        yield* sleep(0.02);
      }
      yield* gather(searches);
      assert(page.results === `results for ${page.query}`, `asked for ${page.query}, shows ${page.results}`);
    },
  },
  {
    name: "control: parts are put together by their index",
    kind: "out-of-order stream chunks",
    window: 0.01,
    racy: null,
    *main() {
      const parts = new Queue<{ index: number; text: string }>(2);
      const words = "what is sent in order is read in order".split(" ");
      function* download(index: number, text: string) {
        yield* sleep(0.004 + 0.003 * (index % 3));
        yield* parts.put({ index, text });
      }
      const downloads = words.map((text, index) => createTask(download(index, text)));
      const file: string[] = [];
      for (let count = 0; count < words.length; count++) {
        const { index, text } = yield* parts.get();
        file[index] = text;
      }
      yield* gather(downloads);
      assert(file.join() === words.join(), file.join());
    },
  },
];
