// Programs that others have written, as the other end of our connections. A test of one that is not installed is
// skipped, but in CI, where all are.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestAPI, test } from "vitest";
import { type Coroutine, sleep } from "wasyncio";
import { OSError } from "wasyncio/streams";
import { isInstalled } from "../support/installed.ts";
import { start } from "../support/processes.ts";

/** `test`, with what it needs in the name of a test that is skipped for the lack of it. */
export function testWith(...programs: string[]): TestAPI | TestAPI["skip"] {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return test;
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
