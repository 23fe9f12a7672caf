// The network by node:net. Deno's own sockets are hardly faster behind a loop, and its listeners are not closed when
// `close` returns. On all IPv6 addresses Deno listens for IPv4, too.
//
// Deno's node:net ends the process where somebody listens without leave: so leave is asked for before.

import type { ListenTarget, Network } from "../../drivers/network.ts";
import { nodeNetwork } from "../parts/node-network.ts";

type Permission = { name: "net"; host: string } | { name: "read" | "write"; path: string };

const { Deno } = globalThis as unknown as {
  Deno: { permissions: { requestSync(wanted: Permission): { state: "granted" | "prompt" | "denied" } } };
};

/** The network of the host that the program runs on. */
export function createNetwork(): Network {
  const network = nodeNetwork({ readsInto: false, connects: false });
  return {
    ...network,
    takesBothFamilies: true,
    listen(target, events) {
      const missing = neededBy(target).find((wanted) => Deno.permissions.requestSync(wanted).state !== "granted");
      if (missing === undefined) return network.listen(target, events);
      let isOver = false;
      queueMicrotask(() => {
        const message = `Deno does not allow it: run again with --allow-${missing.name}`;
        if (!isOver) events.failed({ code: "EPERM", message, syscall: "listen" });
      });
      return () => {
        isOver = true;
      };
    },
  };
}

function neededBy(target: ListenTarget): readonly Permission[] {
  if ("path" in target) return (["read", "write"] as const).map((name) => ({ name, path: target.path }));
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return [{ name: "net", host: `${host}:${target.port}` }];
}
