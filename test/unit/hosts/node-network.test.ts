// Node's network, where it has more to say than what sockets show.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "wasyncio";
import { Protocol, createUnixConnection, createUnixServer } from "wasyncio/streams";

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
