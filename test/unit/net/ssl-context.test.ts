// Certificates, keys and settings of TLS.

import { inspect } from "node:util";
import { run } from "wasyncio";
import { SSLContext, type VerifyMode, createConnection, createDefaultContext, createServer } from "wasyncio/streams";
import { Protocol } from "wasyncio/streams";
import { afterAll, describe, expect, test } from "vitest";
import { Certificates } from "../../support/certificates.ts";
import { attempt, attemptAwait } from "../../support/outcomes.ts";

const certificates = new Certificates();
const [certificate, key] = certificates.make("localhost", "DNS:localhost");
const [, otherKey] = certificates.make("other", "DNS:other.test");
const locked = certificates.lock("localhost", "secret");
afterAll(() => certificates.remove());

const server = (): SSLContext => new SSLContext("PROTOCOL_TLS_SERVER");
const client = (): SSLContext => new SSLContext("PROTOCOL_TLS_CLIENT");

describe("an SSLContext", () => {
  test("checks certificates and names on a client, and asks for none on a server", () => {
    expect([client().verifyMode, client().checkHostname]).toEqual(["CERT_REQUIRED", true]);
    expect([server().verifyMode, server().checkHostname]).toEqual(["CERT_NONE", false]);
    expect(String(client())).toBe("<SSLContext PROTOCOL_TLS_CLIENT CERT_REQUIRED>");
    expect(inspect(client())).toBe("<SSLContext PROTOCOL_TLS_CLIENT CERT_REQUIRED>");
  });

  test("keeps a check of names and a mode that go together", () => {
    const context = client();
    expect(() => (context.verifyMode = "CERT_NONE")).toThrow(
      new RangeError("Cannot set verifyMode to CERT_NONE when checkHostname is enabled."),
    );
    context.checkHostname = false;
    context.verifyMode = "CERT_NONE";
    context.checkHostname = true;
    expect(context.verifyMode).toBe("CERT_REQUIRED");
    expect(() => (context.verifyMode = "none" as VerifyMode)).toThrow(TypeError);
    expect(() => (context.checkHostname = 1 as unknown as boolean)).toThrow(TypeError);
    expect(context.checkHostname).toBe(true);
  });

  test("has versions", () => {
    const context = client();
    expect([context.minimumVersion, context.maximumVersion]).toEqual(["TLSv1.2", "TLSv1.3"]);
    context.minimumVersion = "TLSv1.3";
    expect(context.minimumVersion).toBe("TLSv1.3");
    expect(() => (context.maximumVersion = "SSLv3" as "TLSv1.3")).toThrow(TypeError);
  });

  test("loads a certificate and its key from files or texts", () => {
    server().loadCertChain(certificate, key);
    server().loadCertChain(certificates.text("localhost.pem"), certificates.text("localhost.key"));
    server().loadCertChain(certificates.text("localhost.pem") + certificates.text("localhost.key"));
    server().loadCertChain(certificate, locked, "secret");
  });

  test("says what is wrong with them, and stays as it was", () => {
    const context = server();
    context.loadCertChain(certificate, key);
    const outcomes = [
      () => context.loadCertChain("/does/not/exist"),
      () => context.loadCertChain(certificate),
      () => context.loadCertChain(key, key),
      () => context.loadCertChain(certificate, certificate),
      () => context.loadCertChain(certificate, otherKey),
      () => context.loadCertChain(certificate, locked, "guess"),
      () => context.loadCertChain("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----", key),
      () => context.loadCertChain(7 as unknown as string),
      () => context.loadCertChain(certificate, key, 7 as unknown as string),
    ].map((call) => String(attempt(call)).replace(/\(.*/s, ""));
    expect(outcomes).toEqual([
      "FileNotFoundError",
      "SSLError",
      "SSLError",
      "SSLError",
      "SSLError",
      "SSLError",
      "SSLError",
      "TypeError",
      "TypeError",
    ]);
  });

  test("loads whom to trust from a file, a text or DER", async () => {
    const pem = certificates.text("authority.pem");
    const der = Uint8Array.from(Buffer.from(pem.replace(/-----.*-----/g, ""), "base64"));
    const serving = server();
    serving.loadCertChain(certificate, key);
    const contexts = [{ cafile: certificates.authority }, { cafile: pem }, { cadata: pem }, { cadata: der }].map(
      (locations) => createDefaultContext("SERVER_AUTH", locations),
    );
    const both = createDefaultContext();
    both.loadVerifyLocations({ cadata: pem });
    await run(function* () {
      const listening = yield* createServer(() => new Protocol(), "127.0.0.1", 0, { ssl: serving });
      const [host, port] = listening.sockets[0].getsockname() as [string, number];
      for (const ssl of [...contexts, both]) {
        const [transport] = yield* createConnection(() => new Protocol(), host, port, {
          ssl,
          serverHostname: "localhost",
        });
        transport.close();
      }
      const ssl = client();
      const outcome = yield* attemptAwait(
        createConnection(() => new Protocol(), host, port, { ssl, serverHostname: "localhost" }),
      );
      expect(outcome).toMatch(/^SSLCertVerificationError/); // nobody is trusted before somebody is loaded
      listening.close();
      yield* listening.waitClosed();
    });
  });

  test("says what is wrong with whom to trust", () => {
    const context = client();
    expect(attempt(() => context.loadVerifyLocations({}))).toBe("TypeError('cafile and cadata cannot be all omitted')");
    expect(attempt(() => context.loadVerifyLocations({ cafile: "/does/not/exist" }))).toMatch(/^FileNotFoundError/);
    expect(attempt(() => context.loadVerifyLocations({ cafile: key }))).toBe(
      "SSLError('Cannot load cafile: there is no certificate in it')",
    );
    expect(attempt(() => context.loadVerifyLocations({ cadata: "nonsense" }))).toMatch(/^SSLError/);
    expect(attempt(() => context.loadVerifyLocations({ cadata: 7 as unknown as string }))).toMatch(/^TypeError/);
    expect(attempt(() => createDefaultContext("SERVER" as "SERVER_AUTH"))).toMatch(/^TypeError/);
    expect(attempt(() => new SSLContext("TLS" as "PROTOCOL_TLS_CLIENT"))).toMatch(/^TypeError/);
  });

  test("refuses protocols that ALPN cannot carry", () => {
    const context = client();
    expect(() => context.setAlpnProtocols([""])).toThrow(new RangeError("ALPN protocols must be 1 to 255 in length"));
    expect(() => context.setAlpnProtocols(["x".repeat(256)])).toThrow(RangeError);
    expect(() => context.setAlpnProtocols("h2" as unknown as string[])).toThrow(TypeError);
    context.setAlpnProtocols([]);
  });
});

describe("ssl among the options", () => {
  const connecting = (options: object, host: string | null = "127.0.0.1"): unknown =>
    attempt(() => createConnection(() => new Protocol(), host, 1, options).return(undefined as never) && "fine");
  const listening = (options: object): unknown =>
    attempt(() => createServer(() => new Protocol(), "127.0.0.1", 0, options).return(undefined as never) && "fine");

  test("goes with what is said of TLS", async () => {
    await run(function* () {
      const ssl = createDefaultContext();
      expect(connecting({ serverHostname: "x" })).toBe("RangeError('serverHostname is only meaningful with ssl')");
      expect(connecting({ ssl: false, sslHandshakeTimeout: 1 })).toBe(
        "RangeError('sslHandshakeTimeout is only meaningful with ssl')",
      );
      expect(connecting({ ssl }, null)).toBe("RangeError('You must set serverHostname when using ssl without a host')");
      expect(connecting({ ssl, sslHandshakeTimeout: 0 })).toBe(
        "RangeError('sslHandshakeTimeout should be a positive number, got 0')",
      );
      expect(connecting({ ssl: server() })).toBe(
        "SSLError('Cannot create a client socket with a PROTOCOL_TLS_SERVER context')",
      );
      expect(connecting({ ssl: "yes" })).toMatch(/^TypeError\('Invalid ssl/);
      expect(connecting({ ssl: true })).toBe("fine");
      expect(listening({ ssl: true })).toMatch(/^TypeError\('Invalid ssl: expected an SSLContext or null/);
      expect(listening({ ssl })).toMatch(/^SSLError\('Cannot create a server socket/);
      expect(listening({ sslShutdownTimeout: 1 })).toBe("RangeError('sslShutdownTimeout is only meaningful with ssl')");
      expect(listening({ ssl: server() })).toBe("fine");
    });
  });
});
