// SERVER: servers.

import { CancelledError, sleep } from "wasyncio";
import { Protocol, createServer, createUnixServer, openConnection } from "wasyncio/streams";
import type { Facts } from "../fact.ts";
import { builtin, realTrace } from "../sockets.ts";
import { addressOf } from "../../../support/servers.ts";
import { attemptAwait } from "../../../support/outcomes.ts";

/** The module node:fs. */
interface Files {
  existsSync(path: string): boolean;
  mkdtempSync(prefix: string): string;
  rmSync(path: string, options: { recursive: true }): void;
}

const protocol = (): Protocol => new Protocol();

export const facts: Facts = {
  "SERVER-01": () =>
    realTrace(function* (log) {
      const server = yield* createServer(protocol, "127.0.0.1", 0, { startServing: false });
      log.push(server.isServing());
      yield* server.startServing();
      log.push(server.isServing(), server.sockets.length);
      server.close();
      log.push([server.isServing(), server.sockets.length]);
    }),

  "SERVER-02": () =>
    realTrace(function* (log, loop) {
      const server = yield* createServer(protocol, "127.0.0.1", 0);
      const [, writer] = yield* openConnection(...addressOf(server));
      yield* sleep(0.01);
      server.close();
      const closing = loop.createTask(server.waitClosed());
      yield* sleep(0.02);
      log.push(closing.done() ? "returned" : "waiting");
      server.closeClients();
      yield* closing;
      log.push("closed");
      writer.close();
    }),

  "SERVER-03": () =>
    realTrace(function* (log, loop) {
      const server = yield* createServer(protocol, "127.0.0.1", 0);
      const serving = loop.createTask(server.serveForever());
      yield* sleep(0);
      const second = String(yield* attemptAwait(server.serveForever()));
      serving.cancel();
      try {
        yield* serving;
      } catch (error) {
        if (error instanceof CancelledError) log.push("CancelledError()");
      }
      const closed = String(yield* attemptAwait(server.serveForever()));
      log.push(server.isServing());
      log.push(second.includes("is already being awaited on serveForever()"), closed.includes("is closed"));
    }),

  "SERVER-04": () =>
    realTrace(function* (log, loop) {
      const server = yield* createServer(protocol, "127.0.0.1", 0);
      yield* server.with(function* (entered) {
        log.push(entered.getLoop() === loop);
      });
      log.push(server.isServing());
    }),

  "SERVER-05": async () => {
    const { existsSync, mkdtempSync, rmSync } = builtin<Files>("fs");
    const folder = mkdtempSync(`${builtin<{ tmpdir(): string }>("os").tmpdir()}/wasyncio-`);
    const path = `${folder}/s`;
    try {
      return await realTrace(function* (log) {
        const server = yield* createUnixServer(protocol, path);
        log.push(existsSync(path));
        server.close();
        log.push(existsSync(path));
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  "SERVER-06": () =>
    realTrace(function* (log, loop) {
      const server = yield* createServer(protocol, "127.0.0.1", 0);
      const waiting = loop.createTask(server.waitClosed());
      yield* sleep(0.01);
      log.push(waiting.done() ? "returned" : "waiting");
      server.close();
      yield* waiting;
      log.push("done");
    }),
};
