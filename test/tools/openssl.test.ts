// Connections with TLS whose other end is openssl's own client or server.

import { type Coroutine, run, sleep } from "wasyncio";
import {
  type SSLContext,
  type SSLObject,
  type StreamReader,
  type StreamWriter,
  createDefaultContext,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { afterAll, describe, expect, test } from "vitest";
import { bytes, text } from "../support/bytes.ts";
import { Certificates } from "../support/certificates.ts";
import { type Ended, start } from "../support/processes.ts";

const certificates = new Certificates();
const [certificate, key] = certificates.make("localhost", "DNS:localhost");
const [clientCertificate, clientKey] = certificates.make("client", "DNS:client.test");
const { authority } = certificates;
afterAll(() => certificates.remove());

function serverContext(): SSLContext {
  const context = createDefaultContext("CLIENT_AUTH", { cafile: authority });
  context.loadCertChain(certificate, key);
  return context;
}

/** What openssl's client writes that sends "hello" to a server of ours. */
function askedByOpenssl(
  serve: (reader: StreamReader, writer: StreamWriter) => Coroutine<void>,
  ssl: SSLContext | null,
  options: string,
): Promise<Ended> {
  return run(function* () {
    const server = yield* startServer(serve, "127.0.0.1", 0, { ssl });
    const [, port] = server.sockets[0].getsockname() as [string, number];
    const common = `-quiet -CAfile ${authority} -verify_return_error -verify_hostname localhost`;
    const command = `printf 'hello\\n' | openssl s_client -connect 127.0.0.1:${port} ${common} ${options}`;
    const { ended } = start(["sh", "-c", command]);
    let outcome: Ended | null = null;
    void ended.then((end) => (outcome = end));
    while (outcome === null) yield* sleep(0.005);
    server.close();
    server.closeClients();
    yield* server.waitClosed();
    return outcome;
  });
}

/** Answers a line with what is known of the connection. */
function* telling(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  const line = text(yield* reader.readline()).trim();
  const object = writer.getExtraInfo("sslObject") as SSLObject;
  const peer = writer.getExtraInfo("peercert") as { subject: [string, string][] } | null;
  writer.write(
    bytes(`${line} ${object.version()} ${object.selectedAlpnProtocol()} ${peer?.subject.at(-1)?.[1] ?? ""}`),
  );
  writer.close();
}

describe("openssl s_client", () => {
  test("is served in both versions", async () => {
    expect(await askedByOpenssl(telling, serverContext(), "-tls1_3")).toMatchObject({
      end: 0,
      stdout: "hello TLSv1.3 null ",
    });
    expect(await askedByOpenssl(telling, serverContext(), "-tls1_2")).toMatchObject({
      end: 0,
      stdout: "hello TLSv1.2 null ",
    });
  });

  test("agrees on a protocol, and shows its certificate", async () => {
    const context = serverContext();
    context.setAlpnProtocols(["http/1.1"]);
    context.verifyMode = "CERT_REQUIRED";
    const options = `-alpn h2,http/1.1 -cert ${clientCertificate} -key ${clientKey}`;
    expect(await askedByOpenssl(telling, context, options)).toMatchObject({
      end: 0,
      stdout: "hello TLSv1.3 http/1.1 client",
    });
    const without = await askedByOpenssl(telling, context, "");
    expect(without.stdout).toBe("");
    expect(without.stderr).toContain("certificate required");
    context.verifyMode = "CERT_OPTIONAL";
    expect(await askedByOpenssl(telling, context, "")).toMatchObject({ end: 0, stdout: "hello TLSv1.3 null " });
  });

  test("does not get what is older than the context wants", async () => {
    const context = serverContext();
    context.minimumVersion = "TLSv1.3";
    const { stdout, stderr } = await askedByOpenssl(telling, context, "-tls1_2");
    expect(stdout).toBe("");
    expect(stderr).toContain("protocol version");
  });

  test("asks for TLS in the middle of a conversation", async () => {
    function* mailbox(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
      writer.write(bytes("+OK ready\r\n"));
      const command = text(yield* reader.readline());
      writer.write(bytes("+OK go on\r\n"));
      yield* writer.startTls(serverContext());
      writer.write(bytes(`${command.trim()} `));
      yield* telling(reader, writer);
    }
    expect(await askedByOpenssl(mailbox, null, "-starttls pop3")).toMatchObject({
      end: 0,
      stdout: "STLS hello TLSv1.3 null ",
    });
  });
});

describe("openssl s_server", () => {
  /** Runs a client of ours against it. */
  async function asking<T>(options: readonly string[], body: (port: number) => Coroutine<T>): Promise<T> {
    const accept = ["-accept", "127.0.0.1:0", "-naccept", "1"];
    const server = start(["openssl", "s_server", ...accept, "-cert", certificate, "-key", key, ...options]);
    let output = "";
    server.child.stdout?.on("data", (chunk: string) => (output += chunk));
    await server.wrote(/ACCEPT .*\n/);
    const port = Number(/ACCEPT .*:(\d+)/.exec(output)?.[1]);
    try {
      return await run(() => body(port));
    } finally {
      server.child.kill();
      await server.ended;
    }
  }

  test.each(["-tls1_3", "-tls1_2"])("answers with %s", async (version) => {
    const ssl = createDefaultContext("SERVER_AUTH", { cafile: authority });
    ssl.loadCertChain(clientCertificate, clientKey);
    const answer = await asking(["-rev", version, "-Verify", "1", "-CAfile", authority], function* (port) {
      const [reader, writer] = yield* openConnection("127.0.0.1", port, { ssl, serverHostname: "localhost" });
      writer.write(bytes("hello\n"));
      const line = text(yield* reader.readline());
      writer.write(bytes("CLOSE\n"));
      const rest = text(yield* reader.read());
      writer.close();
      yield* writer.waitClosed();
      return [line, rest];
    });
    expect(answer).toEqual(["olleh\n", ""]);
  });

  test("is refused when it has an old version only", async () => {
    const ssl = createDefaultContext("SERVER_AUTH", { cafile: authority });
    ssl.minimumVersion = "TLSv1.3";
    const error = await asking(["-rev", "-tls1_2"], function* (port) {
      try {
        yield* openConnection("127.0.0.1", port, { ssl, serverHostname: "localhost" });
        return null;
      } catch (error) {
        return error as Error;
      }
    });
    expect(error?.name).toBe("SSLError");
  });
});
