// The proxy with TLS, in a process of its own on each host that it is for, between clients and servers of Node's.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, type Server, type Socket, createServer, connect as connectPlain } from "node:net";
import { join } from "node:path";
import { type TLSSocket, connect } from "node:tls";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { binaryOf } from "../../../scripts/engines.mjs";
import { Certificates } from "../../support/certificates.ts";
import { type Running, root, start } from "../../support/processes.ts";

const certificates = new Certificates();
const [certificate, key] = certificates.make("localhost", "DNS:localhost");
const ca = readFileSync(certificates.authority);
afterAll(() => certificates.remove());

const COMMANDS: Readonly<Record<string, readonly (string | null)[]>> = {
  node: [process.execPath, "scripts/run-ts.mjs"],
  deno: [binaryOf("deno"), "run", "--quiet", "--no-lock", "--no-prompt", "--allow-net", "--allow-env", "--allow-read"],
  bun: [binaryOf("bun")],
};

let proxy: Running | null = null;
let upstream: Server | null = null;

afterEach(async () => {
  proxy?.child.kill("SIGKILL");
  await proxy?.ended;
  upstream?.close();
});

/** Starts the proxy before a server; returns its port. */
async function startProxy(host: string, serve: (socket: Socket) => void): Promise<number> {
  upstream = createServer({ allowHalfOpen: true }, serve).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as AddressInfo;
  const env = { CERTIFICATE: certificate, KEY: key, UPSTREAM: `127.0.0.1:${port}`, PORT: "0", GRACE: "0.1" };
  proxy = start([...(COMMANDS[host] as string[]), join(root, "examples/tls-proxy.ts")], {
    env: { BUN_JSC_useWasmFastMemory: "0", ...env },
  });
  let output = "";
  proxy.child.stdout?.on("data", (chunk: string) => (output += chunk));
  await proxy.wrote(/listening: \d+\n/);
  return Number(/listening: (\d+)/.exec(output)?.[1]);
}

async function connected(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca });
  await once(socket, "secureConnect");
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk as string;
  return text;
}

describe.each(Object.keys(COMMANDS).filter((host) => COMMANDS[host]?.[0] !== null))("on %s", (host) => {
  test("carries bytes both ways, and ends in order", async () => {
    const port = await startProxy(host, (socket) => {
      socket.once("data", (data) => socket.end(`${String(data)} ${"x".repeat(1_000_000)}`));
    });
    const client = await connected(port);
    client.write("hello");
    const answer = await readAll(client);
    expect([answer.slice(0, 8), answer.length]).toEqual(["hello xx", 1_000_006]);

    const silent = await connected(port); // has its time to finish
    proxy?.child.kill("SIGTERM");
    const { end, stdout } = (await proxy?.ended) ?? {};
    expect([end, stdout?.endsWith("closed\n")]).toEqual([0, true]);
    silent.destroy();
  });

  test("goes on when a client speaks no TLS, and when the server is gone", async () => {
    const port = await startProxy(host, (socket) => socket.end("hello"));
    const plain = connectPlain(port, "127.0.0.1");
    plain.write("GET / HTTP/1.1\r\n\r\n");
    plain.resume().on("error", () => {});
    await once(plain, "close");
    expect(await readAll(await connected(port))).toBe("hello");
    upstream?.close();
    expect(await readAll(await connected(port))).toBe("");
    expect(await readAll(await connected(port))).toBe("");
  });
});
