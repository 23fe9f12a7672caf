// Deno's own sockets: a read fills an array of ours, so that nothing is read that nobody has asked for. By node:net
// Deno takes thirteen times as long for large messages.
//
// Reads and writes are promises there. What they bring is told where they settle, in their order, and no task waits for
// one: when a task goes on is the loop's matter.

import type {
  ConnectEvents,
  ConnectTarget,
  ListenEvents,
  ListenTarget,
  Listener,
  Network,
  SocketAddress,
  StreamEnd,
  StreamEvents,
} from "../../drivers/network.ts";
import type { Fault } from "../../errors/os.ts";
import { addressOf } from "../parts/addresses.ts";
import { nodeNetwork, removeStale } from "../parts/node-network.ts";

/** An array grows from the first size to the second as reads fill it: most connections need little. */
const FIRST_READ = 4 * 1024;
const MOST_READ = 64 * 1024;
/**
 * Up to so many bytes under way do not count as pending: mostly the system has them at once, and Deno says so later.
 */
const MOST_TRUSTED = 64 * 1024;
/** Time after which a listener goes on that the system has refused a socket: asyncio's ACCEPT_RETRY_DELAY. */
const ACCEPT_AGAIN_MS = 1000;

type DenoAddress =
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string | null };

interface DenoConn {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  /** Null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** Absent of Unix sockets. */
  setNoDelay?(isOn: boolean): void;
}

interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
}

type DenoTarget = { hostname: string; port: number } | { transport: "unix"; path: string };

interface DenoLike {
  connect(target: DenoTarget & { signal: AbortSignal }): Promise<DenoConn>;
  listen(target: DenoTarget & { tcpBacklog: number }): DenoListener;
}

const { Deno } = globalThis as unknown as { Deno: DenoLike };

/** The network of the host that the program runs on. */
export function createNetwork(): Network {
  const viaNode = nodeNetwork({ readsInto: false });
  return {
    ...viaNode,
    takesBothFamilies: true,
    connect: (target, events) =>
      "path" in target || (target.localHost === null && target.localPort === 0)
        ? connect(target, events)
        : viaNode.connect(target, events),
    listen: (target, events) =>
      "path" in target || !target.reusePort ? listen(target, events) : viaNode.listen(target, events),
  };
}

function targetOf(target: ConnectTarget | ListenTarget): DenoTarget {
  return "path" in target ? { transport: "unix", path: target.path } : { hostname: target.host, port: target.port };
}

function connect(target: ConnectTarget, events: ConnectEvents): () => void {
  const giving = new AbortController();
  let isOver = false;
  const attempt = async (): Promise<void> => {
    try {
      const conn = await Deno.connect({ ...targetOf(target), signal: giving.signal });
      if (isOver) conn.close();
      else events.connected(new DenoEnd(conn));
    } catch (error) {
      if (!isOver) events.failed(faultOf(error, "connect"));
    }
  };
  void attempt();
  return () => {
    isOver = true;
    giving.abort();
  };
}

function listen(target: ListenTarget, events: ListenEvents): () => void {
  let listener: DenoSocketListener | null = null;
  let isOver = false;
  const attempt = async (): Promise<void> => {
    await Promise.all(leaving); // and nothing is told before the call has returned
    if (isOver) return;
    try {
      if ("path" in target) removeStale(target.path);
      listener = new DenoSocketListener(Deno.listen({ ...targetOf(target), tcpBacklog: target.backlog }), events);
      events.listening(listener);
    } catch (error) {
      events.failed(faultOf(error, "listen"));
    }
  };
  void attempt();
  return () => {
    isOver = true;
    listener?.close();
  };
}

/** The system's number for a fault, as it stands in Deno's messages. */
const ERRNO = /\(os error (\d+)\)/;

function faultOf(error: unknown, syscall: string): Fault {
  const { name, code, message } = error as Error & { readonly code?: string };
  const errno = ERRNO.exec(message);
  // what the user of Deno has not allowed has no code
  return { message, code: name === "NotCapable" ? "EPERM" : code, ...(errno && { errno: Number(errno[1]) }), syscall };
}

function placeOf(address: DenoAddress): SocketAddress {
  if (address.transport === "unix") return address.path ?? "";
  return addressOf(address.hostname, address.port) as SocketAddress;
}

/**
 * Listeners that are closed, and that the system has not let go of yet: not before the wait for the next connection has
 * ended. Until then another one cannot take their place, and a socket's file would be removed under its feet.
 */
const leaving = new Set<Promise<void>>();

/** A listener over one of Deno's. */
class DenoSocketListener implements Listener {
  readonly address: SocketAddress;
  readonly #listener: DenoListener;
  readonly #accepting: Promise<void>;
  #isClosed = false;
  #stopWaiting: (() => void) | null = null;

  constructor(listener: DenoListener, events: ListenEvents) {
    this.#listener = listener;
    this.address = placeOf(listener.addr);
    this.#accepting = this.#accept(events);
  }

  /** Takes in who connects, until it is closed. */
  async #accept(events: ListenEvents): Promise<void> {
    for (;;) {
      let conn: DenoConn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (this.#isClosed) return;
        events.failed(faultOf(error, "accept"));
        await this.#wait();
        continue;
      }
      if (this.#isClosed) conn.close();
      else events.accepted(new DenoEnd(conn));
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ACCEPT_AGAIN_MS);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopWaiting?.();
    this.#listener.close();
    leaving.add(this.#accepting);
    void this.#accepting.then(() => leaving.delete(this.#accepting));
  }
}

/** An end over a connection of Deno's. */
class DenoEnd implements StreamEnd {
  readonly localAddress: SocketAddress;
  readonly remoteAddress: SocketAddress;
  readonly #conn: DenoConn;
  #events: StreamEvents | null = null;
  #buffer = new Uint8Array(FIRST_READ);
  #isPaused = true;
  /** Whether a read is under way, or there is nothing more to read. */
  #isReading = false;
  /** Bytes of the write that is under way. */
  #underWay = 0;
  readonly #unsent: Uint8Array[] = [];
  /** Bytes of `#unsent`. */
  #waiting = 0;
  #tellsDrained = false;
  /** What is to be done when all is sent. */
  #afterwards: "end" | "close" | null = null;
  #isClosed = false;

  constructor(conn: DenoConn) {
    this.#conn = conn;
    this.localAddress = placeOf(conn.localAddr);
    this.remoteAddress = placeOf(conn.remoteAddr);
    conn.setNoDelay?.(true);
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
    while (!this.#isPaused) {
      let count: number | null;
      try {
        count = await this.#conn.read(this.#buffer);
      } catch (error) {
        return this.#lose(faultOf(error, "read"));
      }
      if (count === null) return this.#events?.ended();
      this.#events?.data(this.#buffer.subarray(0, count));
      if (count === this.#buffer.length && count < MOST_READ) this.#buffer = new Uint8Array(4 * count);
    }
    this.#isReading = false;
  }

  get pending(): number {
    return this.#waiting + (this.#underWay > MOST_TRUSTED ? this.#underWay : 0);
  }

  write(bytes: Uint8Array): void {
    if (this.#underWay === 0) {
      void this.#send(bytes);
    } else {
      this.#unsent.push(bytes);
      this.#waiting += bytes.length;
    }
    if (this.pending > 0) this.#tellsDrained = true;
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let rest: Uint8Array | undefined = bytes; rest !== undefined;) {
      this.#underWay = rest.length;
      let count: number;
      try {
        count = await this.#conn.write(rest);
      } catch (error) {
        return this.#lose(faultOf(error, "write"));
      }
      rest = count < rest.length ? rest.subarray(count) : this.#nextUnsent();
    }
    this.#underWay = 0;
    if (this.#afterwards === "close") this.#close();
    else if (this.#afterwards === "end") this.#closeWrite();
    if (!this.#tellsDrained) return;
    this.#tellsDrained = false;
    this.#events?.drained();
  }

  #nextUnsent(): Uint8Array | undefined {
    const next = this.#unsent.shift();
    this.#waiting -= next?.length ?? 0;
    return next;
  }

  end(): void {
    if (this.#underWay === 0) this.#closeWrite();
    else this.#afterwards = "end";
  }

  close(): void {
    this.#events = null;
    if (this.#underWay === 0) this.#close();
    else this.#afterwards = "close";
  }

  abort(): void {
    this.#events = null;
    this.#close();
  }

  /** Where the connection has gone already, the next read tells it. */
  #closeWrite(): void {
    this.#conn.closeWrite().catch(() => {});
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  #lose(fault: Fault): void {
    if (this.#isClosed) return; // what was under way is given up
    this.#close();
    this.#events?.closed(fault);
  }
}
