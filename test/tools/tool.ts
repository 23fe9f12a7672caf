// Programs that others have written, as the other end of our connections. A test of one that is not installed is
// skipped, but in CI, where all are.

import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestAPI, test } from "vitest";
import { type Coroutine, sleep } from "wasyncio";
import { OSError, Protocol, type Server, createServer } from "wasyncio/streams";
import { start } from "../support/processes.ts";

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `test`, with what it needs in the name of a test that is skipped for the lack of it. */
export function testWith(...programs: string[]): TestAPI | TestAPI["skip"] {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0 || process.env["CI"] !== undefined) return test;
  return ((name: string) => test.skip(`${name} (${missing.join(", ")} not installed)`)) as TestAPI["skip"];
}

/** Gives a folder to sockets with paths for as long as `use` takes. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Keeps a program running for as long as `use` takes. */
export async function withProgram<T>(command: readonly string[], use: () => Promise<T>): Promise<T> {
  const { child, ended } = start(command);
  try {
    return await use();
  } finally {
    child.kill();
    await ended;
  }
}

export const addressOf = (server: Server): [host: string, port: number] =>
  server.sockets[0].getsockname() as [host: string, port: number];

/** A port that nobody listens on. */
export function* freePort(): Coroutine<number> {
  const server = yield* createServer(() => new Protocol(), "127.0.0.1", 0);
  const [, port] = addressOf(server);
  server.close();
  yield* server.waitClosed();
  return port;
}

/** Tries until somebody listens. */
export function* untilConnected<T>(connect: () => Coroutine<T>): Coroutine<T> {
  for (;;) {
    try {
      return yield* connect();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      yield* sleep(0.02);
    }
  }
}
