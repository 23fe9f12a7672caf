// A few of the exchanges over sockets: `npm run soak:sockets` plays ten thousand. WASYNCIO_FUZZ_SEED plays a seed
// again.

import { expect, test } from "vitest";
import { playExchanges } from "./exchanges.ts";

const COUNT = 150;
const seed = Number(process.env["WASYNCIO_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

test(`${COUNT} exchanges of seed ${seed}: what arrives is what was sent`, async () => {
  const { bytes, reports } = await playExchanges(seed, COUNT);
  expect(reports).toEqual([]);
  expect(bytes).toBeGreaterThan(1_000_000);
});
