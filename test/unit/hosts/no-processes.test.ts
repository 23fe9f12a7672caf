// Hosts without processes: the call says so.

import { expect, test } from "vitest";
import { NotAvailableError } from "wasyncio";
import type { Processes } from "../../../src/drivers/processes.ts";
import { createProcesses as ofPages } from "../../../src/hosts/browser/processes.ts";
import { createProcesses as ofUnknown } from "../../../src/hosts/generic/processes.ts";
import { createProcesses as ofWorkers } from "../../../src/hosts/workerd/processes.ts";

test.each<[string, () => Processes, string]>([
  ["a page", ofPages, "a page cannot start processes"],
  ["a worker", ofWorkers, "a worker cannot start processes"],
  ["an unknown host", ofUnknown, "this host is not known to have any"],
])("%s refuses to start one", (_name, createProcesses, reason) => {
  const { spawn, signals } = createProcesses();
  expect(() => spawn({} as never, {} as never)).toThrow(new NotAvailableError("processes", reason));
  expect(signals).toEqual({});
});
