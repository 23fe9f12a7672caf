// Servers that send back what comes, to be measured next to each other: ours, the engine's own, asyncio and uvloop.

import type { Transport } from "./children/echo-load.ts";
import type { EchoSide } from "./children/echo-server.ts";
import { type Server, bundleChild, libraryUrl, root, startServer } from "./harness/child.ts";
import type { Engine } from "./harness/engine.ts";
import { PYTHONS } from "./sides.ts";

/** The ways to write one that there are on all sides but the engine's own. */
export type Way = Exclude<EchoSide, "engine" | `node:${string}`>;

/** Where a server listens. */
export interface Ready {
  readonly port: number;
}

export interface EchoServer {
  readonly name: string;
  start(): Promise<Server<Ready>>;
}

/** Keeps CPython from giving memory back. */
const TUNED = {
  MALLOC_TRIM_THRESHOLD_: "268435456",
  MALLOC_MMAP_THRESHOLD_: "33554432",
  MALLOC_TOP_PAD_: "67108864",
};

const DOORS = ["index", "streams/index"].map((file) => libraryUrl(root, `dist/${file}.js`)).join();

const MODULES: Record<Transport, EchoSide> = { tcp: "node:net", tls: "node:tls", udp: "node:dgram" };

/**
 * Gives the servers of a transport that are written in some ways, ours first.
 * @param certificate paths of a certificate and of its key, for TLS
 */
export async function echoServers(
  engine: Engine,
  certificate: readonly string[] = [],
): Promise<(transport: Transport, ways: readonly Way[]) => readonly EchoServer[]> {
  const program = await bundleChild("echo-server");
  return (transport, ways) => {
    const files = transport === "tls" ? certificate : [];
    const onEngine = (side: EchoSide) => () =>
      startServer<Ready>([...engine.command, program], [DOORS, side, ...files]);
    const python = (loop: string, side: EchoSide) => () =>
      startServer<Ready>([PYTHONS[PYTHONS.length - 1], `${root}/bench/python/echo.py`], [loop, side, ...files], TUNED);
    const engines: EchoServer[] = [{ name: MODULES[transport], start: onEngine(MODULES[transport]) }];
    if (engine.kind !== "node" && transport === "tcp")
      engines.push({ name: engine.kind === "bun" ? "Bun.listen" : "Deno.listen", start: onEngine("engine") });
    return [
      ...ways.map((way) => ({ name: `ours, ${way}`, start: onEngine(way) })),
      ...engines,
      ...["asyncio", "uvloop"].flatMap((loop) =>
        ways.map((way) => ({ name: `${loop}, ${way}`, start: python(loop, way) })),
      ),
    ];
  };
}
