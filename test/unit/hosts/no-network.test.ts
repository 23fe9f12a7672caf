// Hosts without sockets: each call says so. Pipes are web streams there, and nothing else.

import { expect, test } from "vitest";
import { NotAvailableError } from "wasyncio";
import type { Network } from "../../../src/drivers/network.ts";
import { createNetwork as ofPages } from "../../../src/hosts/browser/network.ts";
import { createNetwork as ofUnknown } from "../../../src/hosts/generic/network.ts";

test.each<[string, () => Network, string]>([
  ["a page", ofPages, "Cannot use sockets: pages have no sockets"],
  ["an unknown host", ofUnknown, "Cannot use sockets: this host is not known to have any"],
])("%s refuses each call", (_name, createNetwork, message) => {
  const { adoptReadable, adoptWritable, ...sockets } = createNetwork();
  const calls = Object.values(sockets) as (() => void)[];
  expect(calls.length).toBeGreaterThan(4);
  for (const call of calls) expect(call).toThrow(new NotAvailableError("sockets", message.replace(/^.*?: /, "")));
  for (const adopt of [adoptReadable, adoptWritable])
    expect(() => adopt("text")).toThrow(new TypeError("Invalid pipe: expected a stream of bytes, got 'text'"));
});
