// What TLS is made with: whom to trust, who this side is, what is spoken. A host's own form of it is made once, when it
// is needed, and again when something was changed.

import type { HttpTls } from "../drivers/http.ts";
import type { StreamEnd } from "../drivers/network.ts";
import type { Tls, TlsVersion } from "../drivers/tls.ts";
import { NotAvailableError } from "../errors/base.ts";
import { type Fault, SSLError, osError } from "../errors/os.ts";
import { checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import type { BaseTransport } from "../streams/transports.ts";
import { Shown } from "../support/shown.ts";
import { hostNetwork } from "./network.ts";
import { type Securing, type StartTlsOptions, securingOf } from "./ssl-options.ts";
import { SocketTransport, type StreamProtocol } from "./socket-transport.ts";
import { upgrade } from "./ssl-transport.ts";

/** Which side of a connection a context is for. Python's constants by their names. */
export type SSLProtocol = "PROTOCOL_TLS_CLIENT" | "PROTOCOL_TLS_SERVER";

/** What the other side's certificate is looked at for. Python's constants by their names. */
export type VerifyMode = "CERT_NONE" | "CERT_OPTIONAL" | "CERT_REQUIRED";

/** What a context is to be used for: to know servers, or to know clients. Mirrors Python's ssl.Purpose. */
export type Purpose = "SERVER_AUTH" | "CLIENT_AUTH";

/** Whom to trust: see `SSLContext.loadVerifyLocations`. */
export interface VerifyLocations {
  /** Path of a file with certificates in PEM. */
  cafile?: string | null;
  /** Certificates in PEM, or one in DER. */
  cadata?: string | Uint8Array | null;
}

const PROTOCOLS: readonly SSLProtocol[] = ["PROTOCOL_TLS_CLIENT", "PROTOCOL_TLS_SERVER"];
const MODES: readonly VerifyMode[] = ["CERT_NONE", "CERT_OPTIONAL", "CERT_REQUIRED"];
const PURPOSES: readonly Purpose[] = ["SERVER_AUTH", "CLIENT_AUTH"];
const VERSIONS: readonly TlsVersion[] = ["TLSv1.2", "TLSv1.3"];
const LOCATIONS: readonly (keyof VerifyLocations)[] = ["cafile", "cadata"];
const VERIFY = { CERT_NONE: "none", CERT_OPTIONAL: "optional", CERT_REQUIRED: "required" } as const;

const CERTIFICATE = /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )*PRIVATE KEY-----/;

/**
 * Certificates, keys and settings for connections with TLS. Mirrors ssl.SSLContext. A client's trusts nobody and a
 * server's has no certificate before some are loaded; `createDefaultContext` makes one that is ready.
 *
 * @example
 * const context = new SSLContext("PROTOCOL_TLS_SERVER");
 * context.loadCertChain("cert.pem", "key.pem");
 * const server = yield* startServer(onClient, "127.0.0.1", 8888, { ssl: context });
 */
export class SSLContext extends Shown {
  /** @internal */
  static override readonly name: string = "SSLContext";
  /** Which side of a connection it is for. Mirrors SSLContext.protocol. */
  readonly protocol: SSLProtocol;
  #verifyMode: VerifyMode;
  #checkHostname: boolean;
  #minimumVersion: TlsVersion = "TLSv1.2";
  #maximumVersion: TlsVersion = "TLSv1.3";
  #alpnProtocols: readonly string[] = [];
  readonly #authorities: string[] = [];
  #trustsDefaults = false;
  #certificate: string | null = null;
  #privateKey: string | null = null;
  #password: string | null = null;
  /** The host's own form of it; null: to be made. */
  #material: object | null = null;

  /**
   * @param protocol the side. A client's checks certificates and names; a server's asks for no certificate.
   * @throws TypeError for what is no protocol
   */
  constructor(protocol: SSLProtocol) {
    super();
    this.protocol = checkOneOf(protocol, PROTOCOLS, "protocol");
    const isClient = protocol === "PROTOCOL_TLS_CLIENT";
    this.#verifyMode = isClient ? "CERT_REQUIRED" : "CERT_NONE";
    this.#checkHostname = isClient;
  }

  /** What the other side's certificate is looked at for. Mirrors SSLContext.verify_mode. */
  get verifyMode(): VerifyMode {
    return this.#verifyMode;
  }

  /**
   * @throws TypeError for what is no mode
   * @throws RangeError for CERT_NONE while names are checked
   */
  set verifyMode(mode: VerifyMode) {
    checkOneOf(mode, MODES, "verifyMode");
    if (mode === "CERT_NONE" && this.#checkHostname)
      throw new RangeError("Cannot set verifyMode to CERT_NONE when checkHostname is enabled.");
    this.#verifyMode = mode;
  }

  /** Whether a server's certificate has to be for its name. Mirrors SSLContext.check_hostname. */
  get checkHostname(): boolean {
    return this.#checkHostname;
  }

  /**
   * True makes certificates required, too.
   * @throws TypeError for what is no boolean
   */
  set checkHostname(isOn: boolean) {
    if (typeof isOn !== "boolean")
      throw new TypeError(`Invalid checkHostname: expected a boolean, got ${format(isOn)}`);
    this.#checkHostname = isOn;
    if (isOn && this.#verifyMode === "CERT_NONE") this.#verifyMode = "CERT_REQUIRED";
  }

  /** The oldest version that is spoken. Mirrors SSLContext.minimum_version. */
  get minimumVersion(): TlsVersion {
    return this.#minimumVersion;
  }

  /** @throws TypeError for what is no version */
  set minimumVersion(version: TlsVersion) {
    this.#minimumVersion = checkOneOf(version, VERSIONS, "minimumVersion");
    this.#material = null;
  }

  /** The newest version that is spoken. Mirrors SSLContext.maximum_version. */
  get maximumVersion(): TlsVersion {
    return this.#maximumVersion;
  }

  /** @throws TypeError for what is no version */
  set maximumVersion(version: TlsVersion) {
    this.#maximumVersion = checkOneOf(version, VERSIONS, "maximumVersion");
    this.#material = null;
  }

  /**
   * The protocols that this side speaks over TLS, the best first. Mirrors SSLContext.set_alpn_protocols.
   * @throws TypeError for what is no list of texts
   * @throws RangeError for one that is not 1 to 255 bytes long
   */
  setAlpnProtocols(protocols: readonly string[]): void {
    if (!Array.isArray(protocols) || !protocols.every((each) => typeof each === "string"))
      throw new TypeError(`Invalid alpnProtocols: expected an array of texts, got ${format(protocols)}`);
    const isShort = (each: string): boolean => each !== "" && new TextEncoder().encode(each).length < 256;
    if (!protocols.every(isShort)) throw new RangeError("ALPN protocols must be 1 to 255 in length");
    this.#alpnProtocols = [...protocols];
  }

  /**
   * Says who this side is. Mirrors SSLContext.load_cert_chain.
   * @param certfile path of a file with the certificate and its chain in PEM, or the PEM itself
   * @param keyfile the same for the private key; default: it stands with the certificate
   * @param password of the key
   * @throws TypeError for what is no text
   * @throws FileNotFoundError, or another OSError, for a file that cannot be read
   * @throws SSLError for what is no certificate, no key, or not the key of the certificate
   */
  loadCertChain(certfile: string, keyfile: string | null = null, password: string | null = null): void {
    const certificate = pemOf(certfile, "certfile", CERTIFICATE);
    const privateKey =
      keyfile === null ? checkPem(certificate, "certfile", PRIVATE_KEY) : pemOf(keyfile, "keyfile", PRIVATE_KEY);
    if (password !== null && typeof password !== "string")
      throw new TypeError(`Invalid password: expected a text or null, got ${format(password)}`);
    const before = [this.#certificate, this.#privateKey, this.#password] as const;
    [this.#certificate, this.#privateKey, this.#password] = [certificate, privateKey, password];
    this.#prepareOr(() => {
      [this.#certificate, this.#privateKey, this.#password] = before;
    });
  }

  /**
   * Says whom to trust, beside those that are trusted already. Mirrors SSLContext.load_verify_locations.
   * @throws TypeError when there is neither `cafile` nor `cadata`, or what they are is none
   * @throws FileNotFoundError, or another OSError, for a file that cannot be read
   * @throws SSLError for what is no certificate
   */
  loadVerifyLocations(locations: VerifyLocations): void {
    const { cafile = null, cadata = null } = checkNames(locations, LOCATIONS, "locations");
    if (cafile === null && cadata === null) throw new TypeError("cafile and cadata cannot be all omitted");
    const found: string[] = [];
    if (cafile !== null) found.push(pemOf(cafile, "cafile", CERTIFICATE));
    if (cadata !== null) found.push(pemOfData(cadata));
    const { length } = this.#authorities;
    this.#authorities.push(...found);
    this.#prepareOr(() => this.#authorities.splice(length));
  }

  /** Trusts whom the host trusts. Mirrors SSLContext.load_default_certs. */
  loadDefaultCerts(): void {
    this.#trustsDefaults = true;
    this.#material = null;
  }

  #prepareOr(undo: () => void): void {
    this.#material = null;
    try {
      this.#prepared();
    } catch (error) {
      undo();
      throw error;
    }
  }

  #prepared(): object {
    return (this.#material ??= refusing(() =>
      hostTls().prepare({
        authorities: this.#authoritiesOrNull(),
        certificate: this.#certificate,
        privateKey: this.#privateKey,
        password: this.#password,
        minVersion: this.#minimumVersion,
        maxVersion: this.#maximumVersion,
      }),
    ));
  }

  #authoritiesOrNull(): readonly string[] | null {
    if (!this.#trustsDefaults) return this.#authorities;
    return this.#authorities.length === 0 ? null : [...hostTls().defaultAuthorities(), ...this.#authorities];
  }

  /** @internal Throws SSLError when it is for the other side. */
  _checkSide(serverSide: boolean): void {
    if (serverSide === (this.protocol === "PROTOCOL_TLS_SERVER")) return;
    throw new SSLError(`Cannot create a ${serverSide ? "server" : "client"} socket with a ${this.protocol} context`);
  }

  /** @internal An end with TLS over another one. Throws what the host says of certificates. */
  _secure(end: StreamEnd, { serverSide, serverHostname }: Securing, received: Uint8Array): StreamEnd {
    return hostTls().secure(end, {
      material: this.#prepared(),
      serverSide,
      serverHostname: serverHostname === "" ? null : serverHostname,
      verify: VERIFY[this.#verifyMode],
      checksHostname: this.#checkHostname && serverHostname !== "",
      alpnProtocols: this.#alpnProtocols,
      received,
    });
  }

  /** @internal What a client of HTTP has of it. */
  _forHttp(): HttpTls {
    this._checkSide(false);
    return {
      material: this.#prepared(),
      verifies: this.#verifyMode !== "CERT_NONE",
      checksHostname: this.#checkHostname,
    };
  }

  /** @internal What `StreamWriter.startTls` does, which knows nothing of sockets. */
  _startTls({ serverSide = false, serverHostname, ...timeouts }: StartTlsOptions) {
    this._checkSide(serverSide);
    const securing = securingOf(serverSide, serverHostname, timeouts);
    this.#prepared();
    return (transport: BaseTransport, protocol: StreamProtocol): Coroutine<SocketTransport> => {
      if (transport instanceof SocketTransport) return upgrade(this, securing, transport, protocol);
      throw new TypeError(`transport ${format(transport)} is not supported by startTls()`);
    };
  }

  /** "<SSLContext PROTOCOL_TLS_CLIENT CERT_REQUIRED>". */
  override toString(): string {
    return `<SSLContext ${this.protocol} ${this.#verifyMode}>`;
  }
}

/**
 * A context with the settings that are good for most. Mirrors ssl.create_default_context.
 * @param purpose SERVER_AUTH for clients, which know servers by their certificates; CLIENT_AUTH for servers.
 *   Default: SERVER_AUTH
 * @param locations whom to trust; default: for clients, whom the host trusts
 * @throws TypeError for what is no purpose, and as `loadVerifyLocations`
 * @throws FileNotFoundError, or another OSError, for a file that cannot be read
 * @throws SSLError for what is no certificate
 *
 * @example
 * const context = createDefaultContext("SERVER_AUTH", { cafile: "authority.pem" });
 * const [reader, writer] = yield* openConnection("localhost", 8888, { ssl: context });
 */
export function createDefaultContext(purpose: Purpose = "SERVER_AUTH", locations: VerifyLocations = {}): SSLContext {
  checkOneOf(purpose, PURPOSES, "purpose");
  const { cafile = null, cadata = null } = checkNames(locations, LOCATIONS, "locations");
  const context = new SSLContext(purpose === "SERVER_AUTH" ? "PROTOCOL_TLS_CLIENT" : "PROTOCOL_TLS_SERVER");
  if (cafile !== null || cadata !== null) context.loadVerifyLocations({ cafile, cadata });
  else if (purpose === "SERVER_AUTH") context.loadDefaultCerts();
  return context;
}

function checkOneOf<T>(value: T, all: readonly T[], what: string): T {
  if (all.includes(value)) return value;
  throw new TypeError(`Invalid ${what}: expected one of ${all.join(", ")}, got ${format(value)}`);
}

/** The host's TLS. Throws NotAvailableError where there is none. */
function hostTls(): Tls {
  const { tls } = hostNetwork();
  if (tls === undefined) throw new NotAvailableError("TLS", "this host has none under sockets");
  return tls;
}

/** What `call` gives; what the host refuses becomes an OSError. */
function refusing<T>(call: () => T, what = ""): T {
  try {
    return call();
  } catch (error) {
    if (typeof (error as Fault).code !== "string") throw error;
    throw osError(error as Fault, `${what}${(error as Fault).message}`);
  }
}

/** The PEM that stands in a text or in a file. */
function pemOf(source: string, what: string, kind: RegExp): string {
  if (typeof source !== "string") throw new TypeError(`Invalid ${what}: expected a path or PEM, got ${format(source)}`);
  return checkPem(source.includes("-----BEGIN ") ? source : refusing(() => hostTls().readFile(source)), what, kind);
}

/** The PEM that data are. */
function pemOfData(data: string | Uint8Array): string {
  if (typeof data === "string") return checkPem(data, "cadata", CERTIFICATE);
  if (!(data instanceof Uint8Array)) throw new TypeError(`Invalid cadata: expected PEM or DER, got ${format(data)}`);
  const text = btoa(String.fromCharCode(...data)).replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
}

function checkPem(pem: string, what: string, kind: RegExp): string {
  if (kind.test(pem)) return pem;
  const thing = kind === PRIVATE_KEY ? "private key" : "certificate";
  throw new SSLError(`Cannot load ${what}: there is no ${thing} in it`);
}
