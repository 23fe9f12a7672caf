// Servers that are none, or answer otherwise than they should: the connection is lost, and nothing else.

import { type AddressInfo, type Socket, createServer } from "node:net";
import { expect, test } from "vitest";
import { type Coroutine, createTask, run, sleep } from "wasyncio";
import { type Connection, PostgresConnectionError, connect, createPool } from "wasyncio/postgres";
import { attemptAwait } from "../../support/outcomes.ts";

/** A message of the protocol. */
function message(type: string, ...body: number[]): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

/** What a server says to a client that it lets in: authenticated, its number and key, ready. */
const WELCOME = Buffer.concat([
  message("R", 0, 0, 0, 0),
  message("K", 0, 0, 0, 9, 0, 0, 0, 1),
  message("Z", "I".charCodeAt(0)),
]);

/** An error of the server's: a statement was cancelled. And then it is ready. */
const CANCELLED = Buffer.concat([
  message("E", ...Buffer.from("C57014\0Mcancelled\0\0")),
  message("Z", "I".charCodeAt(0)),
]);

/**
 * Runs a program with a server that answers the messages of its one client. What else connects asks for a cancel: the
 * second one is heard.
 */
async function withServer(
  answers: readonly Buffer[],
  program: (connecting: Coroutine<Connection>, connected: () => number) => Coroutine<void>,
): Promise<void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const number = sockets.push(socket);
    const rest = [...answers];
    socket
      .on("error", () => {})
      .on("data", () => {
        if (number === 1) return socket.write(rest.shift() ?? "");
        if (number === 3) sockets[0].write(CANCELLED);
        return socket.end();
      });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await run(() => program(connect({ host: "127.0.0.1", port, user: "a", database: "b" }), () => sockets.length));
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test("what nobody understands loses the connection", async () => {
  await withServer([message("R", 0, 0, 0, 99)], function* (connecting) {
    expect(yield* attemptAwait(connecting)).toContain("Unknown authenticationOk message type 99");
  });
  await withServer([WELCOME, message("D", 0, 5, 0, 0)], function* (connecting) {
    const connection = yield* connecting;
    expect(yield* attemptAwait(connection.fetch("select 1"))).toContain("PostgresConnectionError");
    expect(connection.isClosed()).toBe(true);
    yield* connection.close();
  });
});

test("a cancel that comes before the server has begun is asked for again", () =>
  withServer([WELCOME], function* (connecting, connected) {
    const connection = yield* connecting;
    const task = createTask(connection.execute("select pg_sleep(60)"));
    yield* sleep(0);
    task.cancel();
    expect(yield* attemptAwait(task)).toContain("CancelledError");
    expect([connected(), connection.isClosed()]).toEqual([3, false]);
  }));

test("a cancel waits for the reset that goes before its statement: it would hit that", async () => {
  const reset = Buffer.concat([message("C", ...Buffer.from("COMMIT\0")), message("Z", "I".charCodeAt(0))]);
  let answer = (): void => {};
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    if (sockets.length === 2) sockets[0].write(CANCELLED); // what asks for a cancel has come
    if (sockets.length > 1) return void socket.end();
    socket.once("data", () => socket.write(WELCOME));
    answer = () => socket.write(reset);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await run(function* () {
      yield* createPool({ host: "127.0.0.1", port, user: "a", database: "b", max: 1 }).with(function* (pool) {
        const releasing = createTask(pool.release(yield* pool.acquire()));
        const task = createTask(pool.execute("select pg_sleep(60)"));
        yield* sleep(0);
        task.cancel();
        yield* sleep(0.01);
        expect([sockets.length, task.done(), releasing.done()]).toEqual([1, false, false]);
        answer();
        yield* releasing;
        expect(yield* attemptAwait(task)).toContain("CancelledError");
        expect(sockets.length).toBe(2);
        yield* pool.close({ terminate: true });
      });
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test("closing a connection that was terminated asks nobody for anything more", () =>
  withServer([WELCOME], function* (connecting, connected) {
    const connection = yield* connecting;
    const failing = createTask(attemptAwait(connection.execute("select 1")));
    yield* sleep(0);
    connection.terminate();
    yield* connection.close();
    expect(yield* failing).toContain(PostgresConnectionError.name);
    expect(connected()).toBe(1);
  }));
