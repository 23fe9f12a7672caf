// redis-server, spoken to by a client over our streams; redis-benchmark and redis-cli against a server over them.

import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Coroutine, gather, run, wrapFuture } from "wasyncio";
import { type Streams, openConnection, openUnixConnection, startServer } from "wasyncio/streams";
import { run as runProgram } from "../support/processes.ts";
import { type Reply, decode, encode, store } from "./resp.ts";
import { freePort, portOf } from "../support/servers.ts";
import { testWith, untilConnected, withFolder, withProgram } from "./tool.ts";

function* ask([reader, writer]: Streams, ...parts: string[]): Coroutine<Reply> {
  writer.write(encode(parts));
  yield* writer.drain();
  return yield* decode(reader);
}

/** Runs a program with a way to connect to a Redis, over TCP or a path. */
function withRedis(
  over: "tcp" | "path",
  program: (connect: () => Coroutine<Streams>) => Coroutine<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const [port, path] = [await run(freePort()), join(folder, "socket")];
    const command = ["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--unixsocket", path];
    const nothingKept = ["--save", "", "--appendonly", "no", "--dir", folder];
    const connect = () => (over === "tcp" ? openConnection("127.0.0.1", port) : openUnixConnection(path));
    await withProgram([...command, ...nothingKept], () => run(program(() => untilConnected(connect))));
  });
}

describe.each(["tcp", "path"] as const)("over %s", (over) => {
  testWith("redis-server")("redis answers", () =>
    withRedis(over, function* (connect) {
      const streams = yield* connect();
      const much = "0123456789".repeat(300_000);
      expect(yield* ask(streams, "SET", "a", much)).toBe("OK");
      expect((yield* ask(streams, "GET", "a")) === much).toBe(true);
      expect(yield* ask(streams, "GET", "b")).toBe(null);
      expect(yield* ask(streams, "INCR", "a")).toBeInstanceOf(Error);
      expect(yield* ask(streams, "COMMAND")).toHaveProperty("length");
      const [, writer] = streams;
      writer.close();
      yield* writer.waitClosed();
    }),
  );

  testWith("redis-server")("ten thousand commands at once, on ten connections", () =>
    withRedis(over, function* (connect) {
      function* client(): Coroutine<void> {
        const [reader, writer] = yield* connect();
        writer.writelines(Array.from({ length: 1000 }, () => encode(["INCR", "count"])));
        let last = 0;
        for (let left = 1000; left > 0; left--) {
          const count = (yield* decode(reader)) as number;
          expect(count).toBeGreaterThan(last);
          last = count;
        }
        writer.close();
        yield* writer.waitClosed();
      }
      yield* gather(Array.from({ length: 10 }, client));
      const streams = yield* connect();
      expect(yield* ask(streams, "GET", "count")).toBe("10000");
      streams[1].close();
    }),
  );

  testWith("redis-server")("what is published comes to who has subscribed", () =>
    withRedis(over, function* (connect) {
      const [listening, speaking] = [yield* connect(), yield* connect()];
      expect(yield* ask(listening, "SUBSCRIBE", "news")).toEqual(["subscribe", "news", 1]);
      expect(yield* ask(speaking, "PUBLISH", "news", "hello")).toBe(1);
      expect(yield* decode(listening[0])).toEqual(["message", "news", "hello"]);
      expect(yield* ask(speaking, "CLIENT", "KILL", "TYPE", "pubsub")).toBe(1);
      expect(yield* listening[0].read()).toEqual(new Uint8Array()); // its end
      for (const [, writer] of [listening, speaking]) writer.close();
    }),
  );
});

testWith("redis-benchmark")("redis-benchmark runs against our server", () =>
  run(function* () {
    const server = yield* startServer(store(), "127.0.0.1", 0);
    const command = ["redis-benchmark", "-p", String(portOf(server)), "-n", "2000", "-c", "20", "-P", "5"];
    const { end, stdout } = yield* wrapFuture(runProgram([...command, "-t", "ping,set,get,incr", "--csv"]));
    expect(end).toBe(0);
    const names = [...stdout.matchAll(/^"([A-Z_]+)","[\d.]+"/gm)].map(([, name]) => name);
    expect(names).toEqual(["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR"]);
    server.close();
    yield* server.waitClosed();
  }),
);

testWith("redis-cli")("redis-cli talks to our server", () =>
  run(function* () {
    const server = yield* startServer(store(), "127.0.0.1", 0);
    const commands = "printf 'SET a 1\\nINCR a\\nGET a\\nGET b\\n'";
    const { stdout } = yield* wrapFuture(runProgram(["sh", "-c", `${commands} | redis-cli -p ${portOf(server)}`]));
    expect(stdout).toBe("OK\n2\n2\n\n");
    server.close();
    yield* server.waitClosed();
  }),
);
