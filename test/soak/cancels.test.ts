// Some of the cancels in PostgreSQL: `npm run soak:postgres` plays more. WASYNCIO_FUZZ_SEED plays a seed again.

import { expect, test } from "vitest";
import { isInstalled } from "../support/installed.ts";
import { POSTGRES, startPostgres } from "../support/postgres-server.ts";
import { playCancels } from "./cancels.ts";

const COUNT = 150;
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const needed = isInstalled(POSTGRES) ? "" : " (PostgreSQL is not installed)";

test.skipIf(needed !== "")(`${COUNT} cancels of seed ${seed}: none is stray, nothing is lost${needed}`, async () => {
  const server = await startPostgres();
  try {
    const place = { host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" };
    const { cut, ...wrong } = await playCancels(place, seed, COUNT);
    expect(wrong).toEqual({ stray: [], leaked: 0, left: 0 });
    expect(cut).toBeGreaterThan(COUNT / 4);
  } finally {
    await server.stop();
  }
});
