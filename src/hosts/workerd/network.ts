// workerd's sockets: they connect, by name, and nobody can listen. One belongs to the request that has made it, as the
// loop does.
//
// They are pairs of streams, which bring and take bytes by promises.

import type { WorkerdSocket } from "cloudflare:sockets";
import type {
  ConnectEvents,
  ConnectTarget,
  Network,
  SocketAddress,
  StreamEnd,
  StreamEvents,
} from "../../drivers/network.ts";
import { NotAvailableError } from "../../errors/base.ts";
import type { Fault } from "../../errors/os.ts";
import type { Tls, TlsMaterial, TlsOptions, TlsSession } from "../../drivers/tls.ts";
import { addressOf } from "../../support/addresses.ts";
import { noNetwork } from "../parts/no-network.ts";

const MOST_READ = 64 * 1024;

/** The network of the host that the program runs on. */
export function createNetwork(): Network {
  const rest = noNetwork("workers only connect, and workerd itself finds the names");
  return { ...rest, connectsByName: true, connect, tls: TLS };
}

function connect(target: ConnectTarget, events: ConnectEvents): () => void {
  if ("path" in target) refuse("Unix sockets", "workerd has none");
  const { host, port, localHost, localPort } = target;
  if (localHost !== null || localPort !== 0) refuse("localAddr", "workerd says itself where a connection comes from");
  let isOver = false;
  let socket: WorkerdSocket | null = null;
  const attempt = async (): Promise<void> => {
    try {
      // not at the top: bundlers that do not know workerd refuse what they cannot resolve, but for an import in a `try`
      const sockets = await import("cloudflare:sockets");
      if (isOver) return;
      socket = sockets.connect({ hostname: host, port }, { allowHalfOpen: true, secureTransport: "starttls" });
      const { localAddress, remoteAddress } = await socket.opened;
      const end = new WorkerdEnd(socket, host, placeOf(localAddress), placeOf(remoteAddress));
      if (!isOver) events.connected(end);
    } catch (error) {
      if (!isOver) events.failed(faultOf(error, "connect"));
    }
  };
  void attempt();
  return () => {
    isOver = true;
    void socket?.close().catch(ignore);
  };
}

function ignore(): void {}

/** workerd's errors have no codes; of a connection that was there once there is one. */
function faultOf(error: unknown, syscall: string): Fault {
  const { message } = error as Error;
  return { message, syscall, code: message.startsWith("Network connection lost") ? "ECONNRESET" : undefined };
}

/** An address that workerd writes as "host:port", or leaves out. */
function placeOf(text = ""): SocketAddress {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return host === undefined ? text : addressOf(host, Number(port));
}

/** An end over a socket of workerd's. */
class WorkerdEnd implements StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  /** Whom it was to connect to. */
  readonly host: string;
  pending = 0;
  readonly #socket: WorkerdSocket;
  readonly #reader: ReadableStreamBYOBReader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #events: StreamEvents | null = null;
  #isPaused = true;
  /** Whether a read is under way, or there is nothing more to read. */
  #isReading = false;
  /** What is to be done when nothing is pending. */
  #afterwards: "end" | "close" | null = null;
  #isClosed = false;

  constructor(socket: WorkerdSocket, host: string, local: SocketAddress, remote: SocketAddress) {
    socket.closed.catch(ignore); // `opened`, reads and writes tell it, too
    this.#socket = socket;
    this.host = host;
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#reader = socket.readable.getReader({ mode: "byob" });
    this.#writer = socket.writable.getWriter();
    this.#writer.closed.catch(ignore); // each write tells it, too
  }

  start(events: StreamEvents): void {
    this.#events = events;
  }

  /** Gives its socket to somebody else: nothing has been read from it, and a read could not be taken back. */
  handOver(): WorkerdSocket {
    if (this.#isReading) refuse("startTls", "workerd cannot go on with TLS where something was read before");
    this.#events = null;
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    return this.#socket;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isReading) void this.#read();
  }

  /** Reads until it is paused, or there is no more. What is under way when it is paused still comes. */
  async #read(): Promise<void> {
    this.#isReading = true;
    let buffer = new ArrayBuffer(MOST_READ);
    while (!this.#isPaused) {
      let result: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
      try {
        result = await this.#reader.read(new Uint8Array(buffer));
      } catch (error) {
        return this._lose(faultOf(error, "read"));
      }
      if (result.done) return this.#events?.ended();
      this.#events?.data(result.value.slice());
      buffer = result.value.buffer; // it is handed to and fro
    }
    this.#isReading = false;
  }

  write(bytes: Uint8Array): void {
    this.pending += bytes.length;
    void this.#send(bytes);
  }

  /** The stream keeps writes in their order. */
  async #send(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
    } catch (error) {
      return this._lose(faultOf(error, "write"));
    }
    this.pending -= bytes.length;
    if (this.pending > 0) return;
    if (this.#afterwards === "close") this.#close();
    else if (this.#afterwards === "end") this.#closeWrite();
    this.#events?.drained();
  }

  end(): void {
    if (this.pending === 0) this.#closeWrite();
    else this.#afterwards = "end";
  }

  close(): void {
    this.#events = null;
    if (this.pending === 0) this.#close();
    else this.#afterwards = "close";
  }

  abort(): void {
    this.#events = null;
    // a socket waits in `close` for what is written
    if (this.pending > 0) void this.#writer.abort().catch(ignore);
    this.#close();
  }

  /** Where the connection has gone already, the next read tells it. */
  #closeWrite(): void {
    void this.#writer.close().catch(ignore);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#socket.close().catch(ignore);
  }

  protected _lose(fault: Fault): void {
    if (this.#isClosed) return; // what was under way is given up
    this.#close();
    this.#events?.closed(fault);
  }
}

/** Whom to trust, what to speak: workerd's own settings say so, and no program. */
const TLS: Tls = {
  readFile: () => refuse("files", "workerd has none"),
  defaultAuthorities: () => refuse("certificates", "workerd does not tell whom it trusts"),
  prepare(material: TlsMaterial): object {
    const { authorities, certificate, minVersion, maxVersion } = material;
    if (authorities !== null || certificate !== null)
      refuse("certificates", "workerd takes none from programs, and says itself whom it trusts");
    if (minVersion !== "TLSv1.2" || maxVersion !== "TLSv1.3") refuse("versions of TLS", "workerd chooses them itself");
    return material;
  },
  secure: (end, options) => new SecuredEnd(end as WorkerdEnd, options),
};

function refuse(what: string, reason: string): never {
  throw new NotAvailableError(what, reason);
}

/** What is known of a connection with TLS: workerd tells nothing. */
const SESSION: TlsSession = { version: null, cipher: null, alpnProtocol: null, peerCertificate: null };

/** An end with TLS, over the socket of another one. */
class SecuredEnd extends WorkerdEnd {
  readonly #secured: Promise<unknown>;
  #isSecured = false;

  constructor(
    end: WorkerdEnd,
    { serverSide, serverHostname, verify, checksHostname, alpnProtocols, received }: TlsOptions,
  ) {
    if (serverSide) refuse("TLS as a server", "workerd's sockets are clients");
    if (verify !== "required" || !checksHostname || serverHostname === null)
      refuse("TLS without checks", "workerd always looks at certificates and names");
    if (alpnProtocols.length > 0) refuse("ALPN", "workerd agrees on no protocol");
    if (received.length > 0) refuse("TLS", "something has come before, which workerd cannot take back");
    const socket = end
      .handOver()
      .startTls(serverHostname === end.host ? {} : { expectedServerHostname: serverHostname });
    super(socket, end.host, end.localAddress, end.remoteAddress);
    this.#secured = socket.opened;
  }

  override start(events: StreamEvents): void {
    super.start(events);
    void this.#shakeHands(events);
  }

  async #shakeHands(events: StreamEvents): Promise<void> {
    try {
      await this.#secured;
    } catch (error) {
      return this._lose(handshakeFault(error));
    }
    this.#isSecured = true;
    events.secured?.(SESSION);
  }

  /** Before TLS stands there is nothing to read, and its fault is told by `opened`. */
  override resume(): void {
    if (this.#isSecured) super.resume();
  }
}

/** workerd writes into its log alone what was wrong. */
function handshakeFault(error: unknown): Fault {
  const fault = faultOf(error, "handshake");
  return fault.code === undefined ? { ...fault, code: "ERR_TLS_HANDSHAKE" } : fault;
}
