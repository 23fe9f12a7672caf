// SOCK: sockets, and racing for a connection.

import { type Coroutine, sleep } from "wasyncio";
import { staggeredRace } from "wasyncio/streams";
import { type Facts, excused } from "../fact.ts";
import { trace } from "../../../support/stage.ts";

export const facts: Facts = {
  "SOCK-01": excused("no host gives descriptors, or leaves in the system what was not asked for"),
  "SOCK-02": excused("no host gives descriptors, or leaves in the system what was not asked for"),
  "SOCK-03": () =>
    trace(function* (log, loop) {
      function* a(): Coroutine<string> {
        yield* sleep(10);
        return "A";
      }
      function* b(): Coroutine<string> {
        yield* sleep(1);
        return "B";
      }
      const [result, index] = yield* staggeredRace([a, b], 1);
      log.push(result, index, loop.time());
    }),
};
