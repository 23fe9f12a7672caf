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
import { addressOf } from "../parts/addresses.ts";
import { noNetwork } from "../parts/no-network.ts";

const MOST_READ = 64 * 1024;

/** The network of the host that the program runs on. */
export function createNetwork(): Network {
  return { ...noNetwork("workers only connect, and workerd itself finds the names"), connectsByName: true, connect };
}

function connect(target: ConnectTarget, events: ConnectEvents): () => void {
  if ("path" in target) throw new NotAvailableError("Unix sockets", "workerd has none");
  const { host, port, localHost, localPort } = target;
  if (localHost !== null || localPort !== 0)
    throw new NotAvailableError("localAddr", "workerd says itself where a connection comes from");
  let isOver = false;
  let socket: WorkerdSocket | null = null;
  const attempt = async (): Promise<void> => {
    try {
      // not at the top: bundlers that do not know workerd refuse what they cannot resolve, but for an import in a `try`
      const sockets = await import("cloudflare:sockets");
      if (isOver) return;
      socket = sockets.connect({ hostname: host, port }, { allowHalfOpen: true, secureTransport: "off" });
      socket.closed.catch(ignore); // `opened`, reads and writes tell it, too
      const { localAddress, remoteAddress } = await socket.opened;
      const end = new WorkerdEnd(socket, placeOf(localAddress), placeOf(remoteAddress));
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
  return addressOf(host, Number(port)) ?? text;
}

/** An end over a socket of workerd's. */
class WorkerdEnd implements StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
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

  constructor(socket: WorkerdSocket, local: SocketAddress, remote: SocketAddress) {
    this.#socket = socket;
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#reader = socket.readable.getReader({ mode: "byob" });
    this.#writer = socket.writable.getWriter();
    this.#writer.closed.catch(ignore); // each write tells it, too
  }

  start(events: StreamEvents): void {
    this.#events = events;
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
        return this.#lose(faultOf(error, "read"));
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
      return this.#lose(faultOf(error, "write"));
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

  #lose(fault: Fault): void {
    if (this.#isClosed) return; // what was under way is given up
    this.#close();
    this.#events?.closed(fault);
  }
}
