// All scenarios, by where they can run.

import { inside, outside } from "./outside.ts";
import { queues } from "./queues.ts";
import type { Scenario } from "./scenario.ts";
import { streams } from "./streams.ts";
import { sync } from "./sync.ts";
import { tasks } from "./tasks.ts";

export const scenarios: Record<"virtual time" | "host", Readonly<Record<string, Scenario>>> = {
  "virtual time": { ...tasks, ...sync, ...queues, ...streams, ...inside },
  host: { ...tasks, ...sync, ...queues, ...streams, ...inside, ...outside },
};
