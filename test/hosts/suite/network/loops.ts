// Sockets and loops: several, a busy one, one that has ended.

import { type Coroutine, createTask, gather, run, sleep } from "wasyncio";
import { openConnection, startServer } from "wasyncio/streams";
import { portOf } from "../../../support/servers.ts";
import { decode, encode } from "../bytes.ts";
import { same } from "../report.ts";
import { HOST, close, echo, faultOf, serving } from "../streams.ts";

export const LOOPS: Record<string, () => unknown> = {
  "two loops at once, each with its server": () =>
    Promise.all(
      ["left", "right"].map((name) =>
        run(() =>
          serving(echo, function* (port) {
            const [reader, writer] = yield* openConnection(HOST, port);
            for (let round = 0; round < 100; round++) {
              writer.write(encode(name));
              same(decode(yield* reader.readexactly(name.length)), name);
            }
            yield* close(writer);
          }),
        ),
      ),
    ),

  "a busy loop lets sockets through": () =>
    run(() =>
      serving(echo, function* (port) {
        const [reader, writer] = yield* openConnection(HOST, port);
        let isOver = false;
        function* busy(): Coroutine<void> {
          while (!isOver) yield* sleep(0);
        }
        const busyOnes = Array.from({ length: 20 }, () => createTask(busy()));
        for (let round = 0; round < 50; round++) {
          writer.write(encode("x"));
          same(decode(yield* reader.readexactly(1)), "x");
        }
        isOver = true;
        yield* gather(busyOnes);
        yield* close(writer);
      }),
    ),

  "a program that ends leaves nobody listening": async () => {
    const port = await run(function* () {
      const server = yield* startServer(echo, HOST, 0);
      const [, writer] = yield* openConnection(HOST, portOf(server));
      writer.write(encode("x"));
      return portOf(server);
    });
    const fault = await run(() => faultOf(openConnection(HOST, port)));
    same(fault, ["ConnectionRefusedError", "ECONNREFUSED", true]);
  },
};
