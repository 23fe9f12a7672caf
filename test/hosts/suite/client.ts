// The client over the host's own HTTP: its scenarios, which ../../support/http-peer.ts answers.

import { run } from "wasyncio";
import { SCENARIOS, play } from "../../support/client-scenarios.ts";
import type { Sockets } from "./index.ts";
import { type Report, same } from "./report.ts";

export async function testClient(report: Report, { http }: Sockets): Promise<void> {
  for (const [name, scenario] of Object.entries(SCENARIOS))
    await report.test(`client: ${name}`, async () => same(await run(() => play(scenario, http)), scenario.expected));
}
