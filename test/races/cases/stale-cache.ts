// Caches: what is put into one is older than what was taken out of it meanwhile.

import { createTask, gather, sleep } from "wasyncio";
import { assert } from "../assert.ts";
import type { RaceCase } from "../race.ts";

const kind = "stale cache";

export const staleCaches: readonly RaceCase[] = [
  {
    name: "a reader fills the cache behind an invalidation",
    kind,
    window: 0.006,
    racy: ["fill.read", "fill.put", "fill.invalidate"],
    *main() {
      const prices = new Map([["tea", 4]]);
      const cache = new Map<string, number>();
      function* select(item: string) {
        const price = prices.get(item);
        yield* sleep(0.003);
        return price as number;
      }
      function* show(item: string) {
        const cached = cache.get(item);
        if (cached !== undefined) return cached;
        const price = yield* select(item); // race: fill.read
        cache.set(item, price); // race: fill.put
        return price;
      }
      function* change(at: number, item: string, price: number) {
        yield* sleep(at); // race: fill.invalidate
        prices.set(item, price); // race: fill.invalidate
        cache.delete(item); // race: fill.invalidate
      }
      yield* gather(show("tea"), change(0.005, "tea", 5));
      yield* sleep(0.01);
      assert((yield* show("tea")) === 5, `tea costs ${prices.get("tea")}, and is shown for ${cache.get("tea")}`);
    },
  },
  {
    name: "two writers reach the database and the cache in different orders",
    kind,
    window: 0.008,
    racy: ["through.database", "through.cache"],
    *main() {
      let stored = "";
      let cached = "";
      function* writeThrough(at: number, value: string) {
        yield* sleep(at);
        stored = value; // race: through.database
        yield* sleep(0.004); // race: through.cache
        cached = value; // race: through.cache
      }
      yield* gather(writeThrough(0.001, "draft"), writeThrough(0.008, "final"));
      assert(stored === cached, `stored ${stored}, cached ${cached}`);
    },
  },
  {
    name: "the configuration is reread while a slow reload is on its way",
    kind,
    racy: ["reload.begin", "reload.end"],
    *main() {
      const file = { version: 1 };
      let active = 0;
      function* reload(size: number) {
        const { version } = file; // race: reload.begin
        for (let chunk = 0; chunk < size; chunk++) yield* sleep(0); // race: reload.end
        active = version; // race: reload.end
      }
      const first = createTask(reload(2));
      for (let pause = 0; pause < 4; pause++) yield* sleep(0);
      file.version = 2;
      const second = createTask(reload(2));
      yield* gather(first, second);
      assert(active === 2, `version ${active} is active`);
    },
  },
  {
    name: "control: a fill is dropped when the entry was invalidated meanwhile",
    kind,
    window: 0.01,
    racy: null,
    *main() {
      const prices = new Map([["tea", 4]]);
      const cache = new Map<string, number>();
      let generation = 0;
      function* show(at: number, item: string) {
        yield* sleep(at);
        const cached = cache.get(item);
        if (cached !== undefined) return cached;
        const begun = generation;
        const price = prices.get(item) as number;
        yield* sleep(0.003);
        if (generation === begun) cache.set(item, price);
        return price;
      }
      function* change(at: number, item: string, price: number) {
        yield* sleep(at);
        prices.set(item, price);
        yield* sleep(0.002);
        cache.delete(item);
        generation++;
      }
      yield* gather(
        show(0, "tea"),
        show(0.001, "tea"),
        change(0.002, "tea", 5),
        show(0.004, "tea"),
        show(0.006, "tea"),
      );
      const price = yield* show(0, "tea");
      assert(price === 5, `tea costs 5, and is shown for ${price}`);
    },
  },
];
