// The same conversation as python/datagrams.py, over the endpoints of this library.

import { type Coroutine, Event, type Future, getRunningLoop } from "wasyncio";
import { DatagramProtocol, type DatagramTransport, type InetAddress, createDatagramEndpoint } from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

class Server extends DatagramProtocol {
  readonly #over: Future<void>;
  #transport: DatagramTransport | null = null;

  constructor(over: Future<void>) {
    super();
    this.#over = over;
  }

  override connectionMade(transport: DatagramTransport): void {
    this.#transport = transport;
  }

  override datagramReceived(data: Uint8Array, addr: unknown): void {
    if (text(data) === "end") this.#over.setResult();
    else this.#transport?.sendto(bytes(text(data).toUpperCase()), addr);
  }
}

class Client extends DatagramProtocol {
  readonly #trace: unknown[][];
  readonly #told = new Event();

  constructor(trace: unknown[][]) {
    super();
    this.#trace = trace;
  }

  #tell(...entry: unknown[]): void {
    this.#trace.push(entry);
    this.#told.set();
  }

  *until(count: number): Coroutine<void> {
    while (this.#trace.length < count) {
      this.#told.clear();
      yield* this.#told.wait();
    }
  }

  override connectionMade(transport: DatagramTransport): void {
    this.#tell("made", transport.isClosing());
  }

  override datagramReceived(data: Uint8Array, addr: unknown): void {
    this.#tell("received", data.length, text(data.subarray(0, 20)), (addr as InetAddress)[0]);
  }

  override errorReceived(exc: Error): void {
    this.#tell("error", exc.name);
  }

  override connectionLost(exc: Error | null): void {
    this.#tell("lost", exc);
  }
}

/** Serves until somebody says "end". */
export function* serve(listening: (port: number) => void): Coroutine<void> {
  const over = getRunningLoop().createFuture();
  const [transport] = yield* createDatagramEndpoint(() => new Server(over), { localAddr: ["127.0.0.1", 0] });
  listening((transport.getExtraInfo("sockname") as InetAddress)[1]);
  yield* over;
  transport.close();
}

/** Asks a server, and returns what it was told. */
export function* ask(port: number): Coroutine<unknown[][]> {
  const trace: unknown[][] = [];
  const remoteAddr = ["127.0.0.1", port] as const;
  const [transport, protocol] = yield* createDatagramEndpoint(() => new Client(trace), { remoteAddr });
  const peer = transport.getExtraInfo("peername") as InetAddress;
  trace.push(["peer", peer[0] === "127.0.0.1" && peer[1] === port]);
  transport.sendto(bytes("a"));
  yield* protocol.until(3);
  transport.sendto(bytes("bb"), peer);
  yield* protocol.until(4);
  transport.sendto(bytes("c".repeat(30_000)));
  yield* protocol.until(5);
  try {
    transport.sendto(bytes("x"), ["127.0.0.1", 1]);
  } catch (error) {
    trace.push(["refused", (error as RangeError).message.split(":")[0]]);
  }
  trace.push(["buffered", transport.getWriteBufferSize(), transport.getExtraInfo("nothing", [])]);
  transport.sendto(bytes("end"));
  transport.close();
  transport.close();
  trace.push(["closing", transport.isClosing()]);
  yield* protocol.until(9);
  return trace;
}

/** Asks where nobody is. */
export function* askNobody(port: number): Coroutine<unknown[][]> {
  const trace: unknown[][] = [];
  const remoteAddr = ["127.0.0.1", port] as const;
  const [transport, protocol] = yield* createDatagramEndpoint(() => new Client(trace), { remoteAddr });
  transport.sendto(bytes("x"));
  yield* protocol.until(2);
  trace.push(["closing", transport.isClosing()]);
  transport.abort();
  yield* protocol.until(4);
  return trace;
}
