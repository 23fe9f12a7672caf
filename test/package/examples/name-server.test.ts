// The name server of the examples, asked by dig, which knows the protocol from elsewhere.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { binaryOf } from "../../../scripts/engines.mjs";
import { isInstalled } from "../../support/installed.ts";
import { type Running, root, run, start } from "../../support/processes.ts";

const COMMANDS: Readonly<Record<string, readonly (string | null)[]>> = {
  node: [process.execPath, "scripts/run-ts.mjs"],
  deno: [binaryOf("deno"), "run", "--quiet", "--no-lock", "--no-prompt", "--allow-net", "--allow-env=PORT"],
  bun: [binaryOf("bun")],
};
const MANY = Array.from({ length: 40 }, (_, index) => `10.0.1.${index}`);
const TABLE = ["router.home=192.168.1.1", "Nas.Home=192.168.1.2,192.168.1.3", `many.home=${MANY.join(",")}`];

let server: Running;
afterEach(() => void server.child.kill("SIGKILL"));

async function listen(host: string): Promise<string> {
  const command = [...(COMMANDS[host] as readonly string[]), join(root, "examples/name-server.ts"), ...TABLE];
  server = start(command, { env: { PORT: "0", BUN_JSC_useWasmFastMemory: "0" } });
  let stdout = "";
  server.child.stdout?.on("data", (chunk: string) => (stdout += chunk));
  await server.wrote(/listening on .*\n/);
  return /listening on 127\.0\.0\.1 (\d+)/.exec(stdout)?.[1] as string;
}

describe.runIf(isInstalled("dig")).each(Object.keys(COMMANDS))("on %s", (host) => {
  test("dig gets what is in the table, and how it went", async () => {
    const port = await listen(host);
    const dig = async (...query: string[]): Promise<string> => {
      const { end, stdout } = await run(["dig", "-p", port, "@127.0.0.1", "+tries=1", "+ignore", ...query]);
      expect(end, stdout).toBe(0);
      return stdout;
    };
    expect(await dig("+short", "router.home")).toBe("192.168.1.1\n");
    expect(await dig("+short", "NAS.home", "A")).toBe("192.168.1.2\n192.168.1.3\n");
    expect(await dig("nas.home")).toMatch(/status: NOERROR.*\n.*flags: qr aa rd; QUERY: 1, ANSWER: 2/);
    expect(await dig("router.home", "AAAA")).toMatch(/status: NOERROR.*\n.*ANSWER: 0/);
    expect(await dig("nobody.home")).toMatch(/status: NXDOMAIN.*\n.*ANSWER: 0/);
    expect(await dig("+opcode=notify", "router.home")).toMatch(/opcode: NOTIFY, status: NOTIMP/);
    expect(await dig("many.home")).toMatch(/flags: qr aa tc rd; QUERY: 1, ANSWER: 0/);
    server.child.kill("SIGTERM");
    expect(await server.ended).toMatchObject({ end: 0, stderr: "" });
  });

  test("what is no query has no answer, and what is not well formed is told so", async () => {
    const port = Number(await listen(host));
    const socket = createSocket("udp4");
    const answered = once(socket, "message");
    const whole = Uint8Array.of(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 1, 0, 1);
    socket.send(new Uint8Array(), port, "127.0.0.1");
    socket.send(whole.subarray(0, 11), port, "127.0.0.1");
    socket.send(
      Uint8Array.from(whole, (byte, index) => (index === 2 ? 0x81 : byte)),
      port,
      "127.0.0.1",
    ); // an answer
    socket.send(whole.subarray(0, 14), port, "127.0.0.1"); // ends within the name
    const [reply] = (await answered) as [Uint8Array];
    expect([...reply]).toEqual([0, 7, 0x85, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    socket.close();
  });

  test("many queries at once are answered each", async () => {
    const port = await listen(host);
    const names = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? "router.home" : "nas.home"));
    const { stdout } = await run(["dig", "-p", port, "@127.0.0.1", "+short", ...names]);
    expect(stdout).toBe("192.168.1.1\n192.168.1.2\n192.168.1.3\n".repeat(50));
  });
});
