// Node's network, where it has more to say than what sockets show.

import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Coroutine, ensureFuture, run } from "wasyncio";
import {
  Protocol,
  type StreamReader,
  createUnixConnection,
  createUnixServer,
  openConnection,
  openUnixConnection,
  startUnixServer,
} from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A path of so many bytes. */
const pathOf = (size: number): string => `${folder}/`.padEnd(size - 2, "x") + "é";

test("a path that the system would cut off is refused, and none is made", async () => {
  const most = process.platform === "linux" ? 107 : 103;
  for (const make of [createUnixServer, createUnixConnection] as const) {
    const making = run(() => (make as typeof createUnixServer)(() => new Protocol(), pathOf(most + 1)));
    await expect(making).rejects.toMatchObject({
      name: "OSError",
      message: expect.stringMatching(/AF_UNIX path too long/),
    });
  }
  expect(readdirSync(folder)).toEqual([]);
  await run(function* () {
    const server = yield* createUnixServer(() => new Protocol(), pathOf(most));
    expect(readdirSync(folder)).toEqual([pathOf(most).slice(folder.length + 1)]);
    const [transport] = yield* createUnixConnection(() => new Protocol(), pathOf(most));
    transport.abort();
    server.close();
  });
});

test("what comes lies in an array of its own: in a socket of ours, accepted or connected, and in one of the program's", () =>
  run(function* () {
    const path = join(folder, "own");
    const received: Uint8Array[] = [];
    function* read(reader: StreamReader): Coroutine<Uint8Array> {
      const data = yield* reader.read(100);
      received.push(data);
      return data;
    }
    const server = yield* startUnixServer(function* (reader, writer) {
      for (let data = yield* read(reader); data.length > 0; data = yield* read(reader)) writer.write(data);
      writer.close();
    }, path);
    const sock = connect(path);
    yield* ensureFuture(once(sock, "connect"));
    for (const opening of [openUnixConnection(path), openConnection(null, null, { sock })]) {
      const [reader, writer] = yield* opening;
      for (const text of ["first", "second"]) {
        writer.write(bytes(text));
        yield* read(reader);
      }
      writer.close();
      yield* writer.waitClosed();
    }
    server.close();
    yield* server.waitClosed();
    const heard = received.filter((data) => data.length > 0);
    expect(heard.map(text)).toEqual(["first", "first", "second", "second", "first", "first", "second", "second"]);
    for (const data of heard) expect(data.buffer.byteLength).toBe(data.length);
  }));

test("what comes to a socket of the program's is nobody else's, though somebody else listens", () =>
  run(function* () {
    const path = join(folder, "shared");
    const server = yield* startUnixServer((_, writer) => {
      writer.write(new Uint8Array(50_000).fill(1));
      writer.close();
    }, path);
    const sock = connect(path);
    yield* ensureFuture(once(sock, "connect"));
    const heard: Uint8Array[] = [];
    sock.on("data", (data) => heard.push(data));
    const [reader, writer] = yield* openConnection(null, null, { sock });
    while (!reader.atEof()) (yield* reader.read(1 << 20)).fill(0);
    expect(Buffer.concat(heard).equals(Buffer.alloc(50_000, 1))).toBe(true);
    writer.close();
    server.close();
    yield* server.waitClosed();
  }));
