// Endpoints of datagrams against CPython's own, both ways round: each end is told the same, whoever the other one is.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "wasyncio";
import { isInstalled } from "../../support/installed.ts";
import { PythonProgram } from "../python.ts";
import { ask, askNobody, serve } from "./conversation.ts";

const PROGRAM = join(import.meta.dirname, "python/datagrams.py");

/** What a client of Python's was told, once it has ended. */
async function told(client: string, port: number): Promise<unknown> {
  const python = new PythonProgram(PROGRAM, [client, port]);
  const trace = await python.next();
  expect(await python.end()).toEqual({ end: 0, errors: "" });
  return trace;
}

/** A port that nobody has. */
async function freePort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

const EXPECTED = [
  ["made", false],
  ["peer", true],
  ["received", 1, "A", "127.0.0.1"],
  ["received", 2, "BB", "127.0.0.1"],
  ["received", 30_000, "C".repeat(20), "127.0.0.1"],
  ["refused", "Invalid address"],
  ["buffered", 0, []],
  ["closing", true],
  ["lost", null],
];

describe.runIf(isInstalled("python3"))("beside CPython", () => {
  test("a client of ours is told by its server what Python's client is", async () => {
    for (const client of ["ours", "Python's"]) {
      const server = new PythonProgram(PROGRAM, ["serve"]);
      const port = (await server.next()) as number;
      expect(client === "ours" ? await run(() => ask(port)) : await told("ask", port), client).toEqual(EXPECTED);
      expect(await server.end()).toEqual({ end: 0, errors: "" });
    }
  });

  test("a server of ours answers Python's client as Python's server does", async () => {
    let trace: unknown;
    await run(() => serve((port) => void (trace = told("ask", port))));
    expect(await trace).toEqual(EXPECTED);
  });

  test("who asks nobody is told so, and is not lost", async () => {
    const expected = [
      ["made", false],
      ["error", "ConnectionRefusedError"],
      ["closing", false],
      ["lost", null],
    ];
    const port = await freePort();
    expect(await run(() => askNobody(port))).toEqual(expected);
    expect(await told("ask_nobody", port)).toEqual(expected);
  });
});
