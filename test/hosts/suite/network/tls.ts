// TLS at both ends: handshakes, who is trusted, how connections with it end.

import { type Coroutine, createTask, gather, run, sleep } from "wasyncio";
import {
  ConnectionAbortedError,
  OSError,
  SSLCertVerificationError,
  type SSLContext,
  type SSLObject,
  SSLError,
  type Server,
  type StreamReader,
  type StreamWriter,
  createDefaultContext,
  openConnection,
  startServer,
} from "wasyncio/streams";
import { portOf } from "../../../support/servers.ts";
import { MEGABYTE, checksumOf, decode, encode } from "../bytes.ts";
import type { Pems } from "../index.ts";
import { check, same } from "../report.ts";
import { HOST, close, echo, receiveAll, receiveSum, sendAll, serving } from "../streams.ts";

export const TLS = (pems: Pems): Record<string, () => unknown> => {
  const { authority, certificate, key, clientCertificate, clientKey } = pems;

  function serverContext(): SSLContext {
    const context = createDefaultContext("CLIENT_AUTH", { cadata: authority });
    context.loadCertChain(certificate, key);
    return context;
  }
  const clientContext = (): SSLContext => createDefaultContext("SERVER_AUTH", { cadata: authority });

  /** Serves with TLS while the body runs, and waits until all connections have ended. */
  function* secured<R>(
    body: (port: number, server: Server) => Coroutine<R>,
    handler: (reader: StreamReader, writer: StreamWriter) => Coroutine<void> = echo,
    ssl = serverContext(),
  ): Coroutine<R> {
    const server = yield* startServer(handler, HOST, 0, { ssl });
    return yield* server.with(() => body(portOf(server), server));
  }
  const trusting = (ssl = clientContext()) => ({ ssl, serverHostname: "localhost" });

  /** The error that an attempt to connect ends with. */
  function* refusal(port: number, ssl: SSLContext, serverHostname = "localhost"): Coroutine<unknown> {
    const [outcome] = yield* gather([openConnection(HOST, port, { ssl, serverHostname })], { returnExceptions: true });
    return outcome;
  }

  return {
    "TLS: an echo, and what both sides have agreed on": () =>
      run(() =>
        secured(function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port, trusting());
          writer.write(encode("hello\n"));
          same(decode(yield* reader.readline()), "hello\n");
          same((writer.getExtraInfo("sslObject") as SSLObject).version(), "TLSv1.3");
          const { subjectAltName } = writer.getExtraInfo("peercert") as { subjectAltName: unknown };
          same(subjectAltName, [["DNS", "localhost"]]);
          same(writer.canWriteEof(), false);
          yield* close(writer);
        }),
      ),

    "TLS: 20 MB go to and fro": () =>
      run(() =>
        secured(function* (port) {
          const [reader, writer] = yield* openConnection(HOST, port, trusting());
          const receiving = createTask(receiveSum(reader, 20 * MEGABYTE));
          yield* sendAll(writer, 20 * MEGABYTE);
          same(yield* receiving, checksumOf(20 * MEGABYTE));
          yield* close(writer);
        }),
      ),

    "TLS: what was written before the end arrives": () =>
      run(() =>
        secured(
          function* (port) {
            const [reader, writer] = yield* openConnection(HOST, port, trusting());
            same(yield* receiveAll(reader), checksumOf(MEGABYTE));
            yield* close(writer);
          },
          function* (_reader, writer) {
            yield* sendAll(writer, MEGABYTE);
            yield* close(writer);
          },
        ),
      ),

    "TLS: 20 clients at once": () =>
      run(() =>
        secured(function* (port) {
          function* client(index: number): Coroutine<void> {
            const [reader, writer] = yield* openConnection(HOST, port, trusting());
            writer.write(encode(`${index}\n`));
            same(decode(yield* reader.readline()), `${index}\n`);
            yield* close(writer);
          }
          yield* gather(Array.from({ length: 20 }, (_, index) => client(index)));
        }),
      ),

    "TLS: begins in the middle of a conversation": () =>
      run(() =>
        serving(
          function* (reader, writer) {
            same(decode(yield* reader.readline()), "STARTTLS\n");
            writer.write(encode("go on\n"));
            yield* writer.startTls(serverContext());
            yield* echo(reader, writer);
          },
          function* (port) {
            const [reader, writer] = yield* openConnection(HOST, port);
            writer.write(encode("STARTTLS\n"));
            same(decode(yield* reader.readline()), "go on\n");
            yield* writer.startTls(clientContext(), { serverHostname: "localhost" });
            writer.write(encode("secret"));
            same(decode(yield* reader.readexactly(6)), "secret");
            yield* close(writer);
          },
        ),
      ),

    "TLS: a certificate that nobody trusts, and one for somebody else: SSLCertVerificationError": () =>
      run(() =>
        secured(function* (port) {
          for (const outcome of [
            yield* refusal(port, createDefaultContext()),
            yield* refusal(port, clientContext(), "elsewhere.test"),
          ])
            check(outcome instanceof SSLCertVerificationError, String(outcome));
        }),
      ),

    "TLS: a client shows its certificate, or is not served": () =>
      run(function* () {
        const ssl = serverContext();
        ssl.verifyMode = "CERT_REQUIRED";
        yield* secured(
          function* (port) {
            const known = clientContext();
            known.loadCertChain(clientCertificate, clientKey);
            const [reader, writer] = yield* openConnection(HOST, port, trusting(known));
            writer.write(encode("hello\n"));
            same(decode(yield* reader.readline()), "hello\n");
            yield* close(writer);

            // with TLS 1.3 a client knows only later that it was refused
            function* stranger(): Coroutine<Uint8Array> {
              const [reader, writer] = yield* openConnection(HOST, port, trusting());
              try {
                return yield* reader.read();
              } finally {
                writer.close();
              }
            }
            const [outcome] = yield* gather([stranger()], { returnExceptions: true });
            check(outcome instanceof OSError || (outcome as Uint8Array).length === 0, String(outcome));
          },
          echo,
          ssl,
        );
      }),

    "TLS: both sides agree on a protocol": () =>
      run(function* () {
        const [server, client] = [serverContext(), clientContext()];
        server.setAlpnProtocols(["second", "first"]);
        client.setAlpnProtocols(["none", "first", "second"]);
        yield* secured(
          function* (port) {
            const [, writer] = yield* openConnection(HOST, port, trusting(client));
            same((writer.getExtraInfo("sslObject") as SSLObject).selectedAlpnProtocol(), "second");
            yield* close(writer);
          },
          echo,
          server,
        );
      }),

    "TLS: a handshake that is cancelled leaves nobody": () =>
      run(() =>
        secured(function* (port, server) {
          const attempts = [
            ...[0, 1, 2, 4, 8, 16, 32].map((steps) => () => stepping(steps)),
            ...DELAYS.map((d) => () => sleep(d)),
          ];
          for (const waiting of attempts) {
            const task = createTask(openConnection(HOST, port, trusting()));
            yield* waiting();
            task.cancel();
            yield* gather([task], { returnExceptions: true });
            if (!task.cancelled()) yield* close(task.result()[1]);
          }
          server.close();
          yield* server.waitClosed(); // hangs when a connection is left
        }),
      ),

    "TLS: a handshake that never ends is given up": () =>
      run(() =>
        serving(
          function* (reader, writer) {
            yield* reader.read(); // reads it, and says nothing
            writer.close();
          },
          function* (port) {
            const options = { ...trusting(), sslHandshakeTimeout: 0.05 };
            const [outcome] = yield* gather([openConnection(HOST, port, options)], { returnExceptions: true });
            check(outcome instanceof ConnectionAbortedError, String(outcome));
          },
        ),
      ),

    "TLS: who speaks no TLS is told so": () =>
      run(() =>
        serving(
          function* (reader, writer) {
            writer.write(encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
            yield* reader.read();
            writer.close();
          },
          function* (port) {
            const outcome = yield* refusal(port, clientContext());
            check(outcome instanceof SSLError, String(outcome));
          },
        ),
      ),
  };
};

const DELAYS = [0.001, 0.002, 0.003, 0.005];

/** Lets so many iterations go by. */
function* stepping(steps: number): Coroutine<void> {
  for (let step = 0; step < steps; step++) yield* sleep(0);
}
