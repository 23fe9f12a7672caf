// TLS by node:tls, over sockets of node:net.

import type { CertificateFields, DistinguishedName, TlsMaterial, TlsOptions, TlsSession } from "../../drivers/tls.ts";
import { NotAvailableError } from "../../errors/base.ts";
import { builtin } from "./builtins.ts";
import type { NetSocket, NodeCertificate, NodeName, TlsModule, TlsSocket } from "./node-types.ts";

/** Python's names for parts of a name, by those of OpenSSL. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  CN: "commonName",
  C: "countryName",
  ST: "stateOrProvinceName",
  L: "localityName",
  O: "organizationName",
  OU: "organizationalUnitName",
  DC: "domainComponent",
  SN: "surname",
  GN: "givenName",
  UID: "userId",
};

function nodeTls(): TlsModule {
  const tls = builtin("tls");
  if (tls === undefined) throw new NotAvailableError("TLS", "this host gives no node:tls");
  return tls;
}

/** The text of a file. Throws Node's own error. */
export function readFile(path: string): string {
  const fs = builtin("fs");
  if (fs === undefined) throw new NotAvailableError("files", "this host gives no node:fs");
  return fs.readFileSync(path, "utf8");
}

/** Whom the host trusts. */
export function defaultAuthorities(): readonly string[] {
  return nodeTls().rootCertificates;
}

/** The host's form of certificates and keys. Throws Node's own error. */
export function prepare(material: TlsMaterial): object {
  const { authorities, certificate, privateKey, password, minVersion, maxVersion } = material;
  return nodeTls().createSecureContext({
    minVersion,
    maxVersion,
    sessionIdContext: "wasyncio", // else no client comes back with a session when certificates are asked for
    ...(authorities !== null && { ca: authorities }),
    ...(certificate !== null && { cert: certificate, key: privateKey }),
    ...(password !== null && { passphrase: password }),
  });
}

/** A socket over another one, which has to be paused; it is paused, too. */
export function secureSocket(socket: NetSocket, options: TlsOptions): TlsSocket {
  const { TLSSocket, connect } = nodeTls();
  if (options.received.length > 0) socket.unshift(options.received);
  const { material, serverSide, serverHostname: name, verify, alpnProtocols } = options;
  const common = {
    secureContext: material,
    rejectUnauthorized: verify === "required" || (verify === "optional" && !serverSide),
    ...(alpnProtocols.length > 0 && { ALPNProtocols: alpnProtocols }),
  };
  const secured = serverSide
    ? new TLSSocket(socket, { ...common, isServer: true, requestCert: verify !== "none" })
    : connect({
        ...common,
        socket,
        ...(name !== null && (isAddress(name) ? { host: name } : { host: name, servername: name })),
        ...(!options.checksHostname && { checkServerIdentity: () => undefined }),
      });
  return secured.pause();
}

/** An address is not told to the server: there is a rule against it. */
function isAddress(name: string): boolean {
  return name.includes(":") || /^[\d.]+$/.test(name);
}

/** Calls `secured` when TLS stands. A client whose certificate is worth nothing has its socket destroyed. */
export function whenSecured(socket: TlsSocket, options: TlsOptions, secured: (session: TlsSession) => void): void {
  if (!options.serverSide) {
    socket.once("secureConnect", () => secured(sessionOf(socket, options)));
    return;
  }
  socket.once("secure", () => {
    const session = sessionOf(socket, options);
    const isAsked = options.verify === "required" || session.peerCertificate !== null;
    const error = isAsked && options.verify !== "none" ? socket.ssl?.verifyError?.() : null;
    if (!error) secured(session);
    else socket.destroy(typeof error === "string" ? Object.assign(new Error(error), { code: error }) : error);
  });
}

function sessionOf(socket: TlsSocket, { verify, serverSide }: TlsOptions): TlsSession {
  const cipher = socket.getCipher();
  const asksNobody = serverSide && verify === "none";
  return {
    version: socket.getProtocol(),
    cipher: cipher === undefined ? null : [cipher.name, cipher.version, bitsOf(cipher.name)],
    alpnProtocol: socket.alpnProtocol || null, // false: they agreed on none
    peerCertificate: asksNobody ? null : fieldsOf(socket.getPeerCertificate()),
  };
}

/** The length of a cipher's key, which is told by its name alone. */
function bitsOf(cipher: string): number {
  return cipher.includes("CHACHA20") ? 256 : Number(/AES_?(\d+)/.exec(cipher)?.[1] ?? 0);
}

function fieldsOf(certificate: NodeCertificate | undefined): CertificateFields | null {
  if (certificate?.subject === undefined) return null;
  const { subject, issuer = {}, serialNumber = "", valid_from = "", valid_to = "", subjectaltname } = certificate;
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    serialNumber,
    notBefore: valid_from,
    notAfter: valid_to,
    subjectAltName: alternativesOf(subjectaltname ?? ""),
  };
}

function nameOf(name: NodeName): DistinguishedName {
  return Object.entries(name).flatMap(([key, value]) =>
    [value].flat().map((each) => [LONG_NAMES[key] ?? key, String(each)] as const),
  );
}

/** What stands in 'DNS:localhost, URI:"a, b"': a value with a comma is in quotation marks. */
function alternativesOf(text: string): readonly (readonly [string, string])[] {
  return Array.from(text.matchAll(/([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g), ([, kind, value]) => [
    kind,
    value.startsWith('"') ? (JSON.parse(value) as string) : value,
  ]);
}
