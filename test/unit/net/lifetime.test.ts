// How long a process lives with sockets, and what a deadlock is then. Each program runs in a process of its own.

import { expect, test } from "vitest";
import { runInNode } from "../../support/processes.ts";

const HEAD = `
  import { run, sleep, Event, EventLoop, createTask, DeadlockError } from "wasyncio";
  import { Protocol, createConnection, createServer, openConnection, startServer } from "wasyncio/streams";
  const addressOf = (server) => server.sockets[0].getsockname();
  function* silent() {}
`;

async function output(program: string): Promise<string> {
  const { end, stdout, stderr } = await runInNode(HEAD + program);
  return end === 0 ? stdout.trim() : `${String(end)}: ${stdout}${stderr}`;
}

test("a server that only listens is no deadlock: somebody may come", async () => {
  expect(
    await output(`
      import { connect } from "node:net";
      const outcome = await run(function* () {
        const someone = new Event();
        const server = yield* startServer(() => someone.set(), "127.0.0.1", 0);
        const [host, port] = addressOf(server);
        // a socket in another process's place: nothing else keeps this one alive
        setTimeout(() => connect({ host, port }).unref().on("error", () => {}), 50).unref();
        yield* someone.wait();
        return "came";
      });
      console.log(outcome);
    `),
  ).toBe("came");
});

test("a program that waits for nobody is a deadlock as soon as its server is closed", async () => {
  expect(
    await output(`
      const outcome = await run(function* () {
        const server = yield* startServer(silent, "127.0.0.1", 0);
        server.close();
        yield* new Event().wait();
      }).catch((error) => error instanceof DeadlockError);
      console.log(outcome);
    `),
  ).toBe("true");
});

test("who waits for data of a connection that stands still is no deadlock", async () => {
  expect(
    await output(`
      let isOver = false;
      const running = run(function* () {
        const server = yield* startServer(silent, "127.0.0.1", 0);
        const [reader] = yield* openConnection(...addressOf(server));
        server.close();
        yield* reader.read();
      });
      running.then(() => (isOver = true), () => (isOver = true));
      setTimeout(() => {
        console.log(isOver);
        process.exit();
      }, 300);
    `),
  ).toBe("false");
});

test("a run that ends with open connections and a server leaves nothing behind: the process ends", async () => {
  expect(
    await output(`
      await run(function* () {
        const server = yield* startServer(silent, "127.0.0.1", 0);
        for (let count = 0; count < 5; count++) {
          const [, writer] = yield* openConnection(...addressOf(server));
          writer.write(new Uint8Array(100));
          createTask(sleep(1e6));
        }
      });
      console.log("ended");
    `),
  ).toBe("ended");
});

test("a connection that was closed before its last bytes were sent sends them after the run", async () => {
  expect(
    await output(`
      import { createServer as nodeServer } from "node:net";
      let resolve;
      const total = new Promise((done) => (resolve = done));
      const server = nodeServer((socket) => {
        let bytes = 0;
        socket.on("data", (data) => (bytes += data.length));
        socket.on("end", () => (socket.end(), server.close(), resolve(bytes)));
      });
      await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
      await run(function* () {
        const [, writer] = yield* openConnection("127.0.0.1", server.address().port);
        writer.write(new Uint8Array(100));
        writer.close();
        yield* writer.waitClosed();
      });
      console.log(await total);
    `),
  ).toBe("100");
});

test("a loop that is closed by hand ends its sockets", async () => {
  expect(
    await output(`
      const loop = new EventLoop();
      const lost = [];
      class Noting extends Protocol {
        connectionLost() {
          lost.push("lost");
        }
      }
      await loop.runUntilComplete((function* () {
        const server = yield* createServer(() => new Noting(), "127.0.0.1", 0);
        yield* createConnection(() => new Noting(), ...addressOf(server));
        yield* sleep(0.05);
      })());
      loop.close();
      await new Promise((resolve) => setTimeout(resolve, 50));
      console.log(lost.length, process.getActiveResourcesInfo().filter((kind) => kind.startsWith("TCP")).length);
    `),
  ).toBe("0 0");
});

test("a crowd of requests in a program keeps the process no longer than the program takes", async () => {
  expect(
    await output(`
      const sizes = await run(function* () {
        const server = yield* startServer(
          function* (reader, writer) {
            writer.write(yield* reader.read());
            writer.close();
          },
          "127.0.0.1",
          0,
        );
        const sizes = [];
        for (let count = 0; count < 50; count++) {
          const [reader, writer] = yield* openConnection(...addressOf(server));
          writer.write(new Uint8Array(count));
          writer.writeEof();
          sizes.push((yield* reader.read()).length);
          writer.close();
        }
        return sizes;
      });
      console.log(sizes.every((size, index) => size === index));
    `),
  ).toBe("true");
});
