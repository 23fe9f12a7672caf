// curl against HTTP/1.1 over our streams.

import { join } from "node:path";
import { expect } from "vitest";
import { type Coroutine, IncompleteReadError, run, wrapFuture } from "wasyncio";
import { type StreamReader, type StreamWriter, startServer, startUnixServer } from "wasyncio/streams";
import { bytes, text } from "../support/bytes.ts";
import { run as runProgram } from "../support/processes.ts";
import { portOf } from "../support/servers.ts";
import { testWith, withFolder } from "./tool.ts";

interface Request {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
}

function* readRequest(reader: StreamReader): Coroutine<Request | null> {
  let head: Uint8Array;
  try {
    head = yield* reader.readuntil("\r\n\r\n");
  } catch (error) {
    if (error instanceof IncompleteReadError) return null;
    throw error;
  }
  const [line, ...fields] = text(head).trimEnd().split("\r\n");
  const headers = fields.map((field) => [field.split(":", 1)[0].toLowerCase(), field.replace(/^.*?:\s*/, "")] as const);
  return { line, headers: new Map(headers) };
}

/** A server that greets, and gives bodies back; it says how many connections it has had. */
function greeter() {
  let connections = 0;
  return function* (reader: StreamReader, writer: StreamWriter): Coroutine<void> {
    const connection = ++connections;
    for (;;) {
      const request = yield* readRequest(reader);
      if (request === null) break;
      const length = Number(request.headers.get("content-length") ?? 0);
      if (request.headers.get("expect") === "100-continue") writer.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
      const body = yield* reader.readexactly(length);
      const answer = length > 0 ? body : bytes(`hello, connection ${connection}: ${request.line}\n`);
      writer.write(bytes(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n`));
      writer.write(answer);
      yield* writer.drain();
      if (request.headers.get("connection") === "close") break;
    }
    writer.close();
    yield* writer.waitClosed();
  };
}

function curl(...args: string[]) {
  return wrapFuture(runProgram(["curl", "--silent", "--show-error", "--noproxy", "*", ...args]));
}

testWith("curl")("curl asks twice over one connection", async () => {
  await run(function* () {
    const server = yield* startServer(greeter(), "127.0.0.1", 0);
    const url = `http://127.0.0.1:${portOf(server)}`;
    const { stdout, stderr } = yield* curl(`${url}/a`, `${url}/b`);
    expect([stdout, stderr]).toEqual([
      "hello, connection 1: GET /a HTTP/1.1\nhello, connection 1: GET /b HTTP/1.1\n",
      "",
    ]);
    server.close();
    yield* server.waitClosed();
  });
});

testWith("curl")("curl asks over a path, and has the connection closed", async () => {
  await withFolder((folder) =>
    run(function* () {
      const path = join(folder, "socket");
      const server = yield* startUnixServer(greeter(), path);
      const { stdout } = yield* curl("--unix-socket", path, "--header", "Connection: close", "http://here/");
      expect(stdout).toBe("hello, connection 1: GET / HTTP/1.1\n");
      server.close();
      yield* server.waitClosed();
    }),
  );
});

testWith(
  "curl",
  "sh",
  "head",
  "cmp",
)("curl sends much, and gets it back", async () => {
  await run(function* () {
    const server = yield* startServer(greeter(), "127.0.0.1", 0);
    const url = `http://127.0.0.1:${portOf(server)}/`;
    const command = `set -e; f=$(mktemp); head -c 20000000 /dev/urandom > $f
      curl --silent --show-error --noproxy '*' --data-binary @$f ${url} | cmp - $f && echo same; rm $f`;
    const { stdout, stderr } = yield* wrapFuture(runProgram(["sh", "-c", command]));
    expect([stdout, stderr]).toEqual(["same\n", ""]);
    server.close();
    yield* server.waitClosed();
  });
});

testWith("curl")("many curls at a time", async () => {
  await run(function* () {
    const server = yield* startServer(greeter(), "127.0.0.1", 0);
    const url = `http://127.0.0.1:${portOf(server)}/[1-200]`;
    const { stdout } = yield* curl("--parallel", "--parallel-max", "20", url);
    const paths = [...stdout.matchAll(/GET \/(\d+) /g)].map(([, path]) => Number(path));
    expect(paths.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    server.close();
    yield* server.waitClosed();
  });
});
