// The seam to TLS: an end of a connection becomes one that is secured.

import type { StreamEnd } from "./network.ts";

/** Who has a certificate, as names and values in the certificate's order: [["commonName", "localhost"]]. */
export type DistinguishedName = readonly (readonly [name: string, value: string])[];

/** A certificate, as far as the host tells. */
export interface CertificateFields {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** [["DNS", "localhost"], ["IP Address", "127.0.0.1"]]. */
  readonly subjectAltName: readonly (readonly [kind: string, value: string])[];
}

/** What both sides have agreed on. */
export interface TlsSession {
  readonly version: string | null;
  readonly cipher: readonly [name: string, version: string, bits: number] | null;
  readonly alpnProtocol: string | null;
  /** The other side's; null when it has shown none. */
  readonly peerCertificate: CertificateFields | null;
}

/** What many connections have in common. */
export interface TlsMaterial {
  /** Who is trusted, in PEM; null: whom the host trusts. */
  readonly authorities: readonly string[] | null;
  /** This side's certificate with its chain, in PEM. */
  readonly certificate: string | null;
  readonly privateKey: string | null;
  readonly password: string | null;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
}

/** The versions that are spoken. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** How one connection is secured. */
export interface TlsOptions {
  /** What `prepare` gave. */
  readonly material: object;
  readonly serverSide: boolean;
  /** Whom a client talks to: a name or an address; null: it does not say. */
  readonly serverHostname: string | null;
  /** Whether the other side's certificate is looked at, and whether it must have one. */
  readonly verify: "none" | "optional" | "required";
  /** Whether the certificate has to be for `serverHostname`. */
  readonly checksHostname: boolean;
  /** In the order of preference. */
  readonly alpnProtocols: readonly string[];
  /** Bytes that came before: they are the beginning of what is decrypted. */
  readonly received: Uint8Array;
}

/** A host's TLS. */
export interface Tls {
  /** The text of a file. Throws the host's own error. */
  readFile(path: string): string;
  /** Whom the host trusts, in PEM. */
  defaultAuthorities(): readonly string[];
  /** The host's own form of it, for many connections. Throws the host's own error for what is no certificate or key. */
  prepare(material: TlsMaterial): object;
  /**
   * Begins to secure a connection. `end` is not used any more, and tells nothing from now on; nothing is pending there.
   * The new one tells nothing before it is started.
   */
  secure(end: StreamEnd, options: TlsOptions): StreamEnd;
}
