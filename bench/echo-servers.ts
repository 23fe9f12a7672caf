// Servers that send back what comes, to be measured next to each other: ours, the engine's own sockets, asyncio, uvloop.

import type { EchoSide } from "./children/echo-server.ts";
import { type Server, bundleChild, libraryUrl, root, startServer } from "./harness/child.ts";
import type { Engine } from "./harness/engine.ts";
import { PYTHONS } from "./sides.ts";

/** The ways to write one that there are on all sides but the engine's own. */
export type Way = Exclude<EchoSide, "engine" | "node:net">;

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

/** Gives the servers that are written in some ways, ours first. */
export async function echoServers(engine: Engine): Promise<(ways: readonly Way[]) => readonly EchoServer[]> {
  const program = await bundleChild("echo-server");
  const onEngine = (side: EchoSide) => () => startServer<Ready>([...engine.command, program], [DOORS, side]);
  const python = (loop: string, side: EchoSide) => () =>
    startServer<Ready>([PYTHONS[PYTHONS.length - 1], `${root}/bench/python/echo.py`], [loop, side], TUNED);
  const engines: EchoServer[] = [{ name: "node:net", start: onEngine("node:net") }];
  if (engine.kind !== "node")
    engines.push({ name: engine.kind === "bun" ? "Bun.listen" : "Deno.listen", start: onEngine("engine") });
  return (ways) => [
    ...ways.map((way) => ({ name: `ours, ${way}`, start: onEngine(way) })),
    ...engines,
    ...["asyncio", "uvloop"].flatMap((loop) =>
      ways.map((way) => ({ name: `${loop}, ${way}`, start: python(loop, way) })),
    ),
  ];
}
