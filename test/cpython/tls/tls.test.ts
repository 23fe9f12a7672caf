// Connections with TLS: what our ends are told when the other end is CPython's, or ours, is what CPython's are told.

import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Certificates } from "../../support/certificates.ts";
import { isInstalled } from "../../support/installed.ts";
import { PythonProgram } from "../python.ts";
import { type Script, type Trace, connect, serve } from "./end.ts";

const PROGRAM = join(import.meta.dirname, "python/tls.py");
const certificates = new Certificates();
const files = certificates.make("localhost", "DNS:localhost,IP:127.0.0.1,URI:https\\://a.test/b", "/C=DE/O=A, B/CN=x");
afterAll(() => certificates.remove());

type Side = "ours" | "Python's";

/** What an end of Python's was told, once it has ended. */
async function told(python: PythonProgram): Promise<Trace> {
  const trace = (await python.next()) as Trace;
  const { end, errors } = await python.end();
  expect([end, errors.replace(/^returning true from eof_received.*\n/, "")]).toEqual([0, ""]);
  return trace;
}

async function startServer(side: Side, script: Script): Promise<{ port: number; trace: Promise<Trace> }> {
  if (side === "ours") {
    let trace!: Promise<Trace>;
    const port = await new Promise<number>((resolve, reject) => {
      trace = serve(files, script, resolve);
      trace.catch(reject);
    });
    return { port, trace };
  }
  const python = new PythonProgram(PROGRAM, ["serve", ...files, JSON.stringify(script)]);
  return { port: (await python.next()) as number, trace: told(python) };
}

async function startClient(side: Side, port: number, script: Script, authority: string): Promise<Trace> {
  if (side === "ours") return connect(authority, port, script);
  return told(new PythonProgram(PROGRAM, ["connect", authority, port, JSON.stringify(script)]));
}

interface Conversation {
  readonly client: Script;
  readonly server: Script;
  readonly authority?: string;
  /** Whether the server is not told of the connection. */
  readonly fails?: boolean;
}

const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  "an echo, and the client closes": {
    client: {
      steps: [
        ["write", 200_000],
        ["until", 200_000],
        ["close", ""],
      ],
    },
    server: { steps: [], echoes: true },
  },
  "the server says something and closes": {
    client: { steps: [] },
    server: {
      steps: [
        ["write", 100_000],
        ["close", ""],
      ],
    },
  },
  "the client sends much and closes at once": {
    client: {
      steps: [
        ["write", 3_000_000],
        ["write", 5],
        ["close", ""],
      ],
    },
    server: { steps: [] },
  },
  "the server wants to go on when the client has closed, which TLS cannot": {
    client: {
      steps: [
        ["write", 10],
        ["close", ""],
      ],
    },
    server: { steps: [], keepsOpen: true },
  },
  "a client closes that has not read what has come": {
    client: {
      steps: [
        ["pause", ""],
        ["sleep", 0.5],
        ["close", ""],
      ],
    },
    server: { steps: [["write", 10]] },
  },
  "a server reads late": {
    client: {
      steps: [
        ["write", 500_000],
        ["close", ""],
      ],
    },
    server: {
      steps: [
        ["pause", ""],
        ["sleep", 0.2],
        ["resume", ""],
      ],
    },
  },
  "the client's leave is not taken note of": {
    client: {
      steps: [
        ["sleep", 0.05],
        ["close", ""],
      ],
      shutdownTimeout: 0.1,
    },
    server: {
      steps: [
        ["pause", ""],
        ["sleep", 2],
        ["abort", ""],
      ],
    },
  },
  "the client aborts": {
    client: {
      steps: [
        ["sleep", 0.1],
        ["abort", ""],
      ],
    },
    server: { steps: [] },
  },
  "what is known of the connection": {
    client: {
      steps: [
        ["until", 1],
        ["tell", "session"],
        ["tell", "peercert"],
        ["tell", "limits"],
        ["close", ""],
      ],
      alpn: ["h2", "http/1.1"],
    },
    server: {
      steps: [
        ["tell", "session"],
        ["tell", "peercert"],
        ["write", 1],
      ],
      alpn: ["http/1.1"],
    },
  },
  "the version before": {
    client: {
      steps: [
        ["tell", "session"],
        ["write", 100],
        ["until", 100],
        ["close", ""],
      ],
      newest: "TLSv1.2",
    },
    server: { steps: [["tell", "session"]], echoes: true },
  },
  "a connection that goes on with TLS": {
    client: {
      steps: [
        ["write", 8],
        ["until", 2],
        ["startTls", ""],
        ["write", 1000],
        ["until", 1002],
        ["close", ""],
      ],
      plain: true,
    },
    server: {
      steps: [
        ["until", 8],
        ["write", 2],
        ["startTls", ""],
        ["until", 1008],
        ["write", 1000],
      ],
      plain: true,
    },
  },
  "a wrong name": { client: { steps: [], name: "other.test" }, server: { steps: [] }, fails: true },
  "an authority that is not trusted": {
    client: { steps: [] },
    server: { steps: [] },
    authority: files[0],
    fails: true,
  },
};

async function converse(client: Side, server: Side, conversation: Conversation): Promise<unknown> {
  const { port, trace } = await startServer(server, conversation.server);
  const told = await startClient(client, port, conversation.client, conversation.authority ?? certificates.authority);
  if (conversation.fails !== true) return { client: told, server: await trace };
  // The server waits for somebody who can be talked to.
  await startClient("ours", port, { steps: [["close", ""]] }, certificates.authority);
  return { client: told, server: await trace };
}

describe.runIf(isInstalled("python3"))("TLS beside CPython", () => {
  for (const [name, conversation] of Object.entries(CONVERSATIONS)) {
    test(name, async () => {
      const warn = vi.spyOn(console, "warn").mockReturnValue(); // what is returned by eofReceived is no use
      const pairs = [
        ["Python's", "Python's"],
        ["ours", "Python's"],
        ["Python's", "ours"],
        ["ours", "ours"],
      ] as const;
      const told = await Promise.all(pairs.map(([client, server]) => converse(client, server, conversation)));
      warn.mockRestore();
      for (const each of told) expect(each).toEqual(told[0]);
    });
  }
});
