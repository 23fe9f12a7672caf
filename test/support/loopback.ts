// A connection in memory: what one end writes comes to the other in an iteration of its own, as from a socket.

import type { EventLoop } from "wasyncio";
import {
  type ClientConnected,
  type Protocol,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  Transport,
} from "wasyncio/streams";

/** One of its two ends. */
class Loopback extends Transport {
  readonly #loop: EventLoop;
  readonly #protocol: Protocol;
  #peer: Loopback | null = null;
  #isClosing = false;

  constructor(loop: EventLoop, protocol: Protocol) {
    super();
    this.#loop = loop;
    this.#protocol = protocol;
  }

  connect(peer: Loopback): void {
    this.#peer = peer;
    this.#protocol.connectionMade(this);
  }

  override write(data: Uint8Array): void {
    const peer = this.#peer as Loopback;
    if (this.#isClosing) return; // as asyncio's: what is written behind the end is dropped without a word
    this.#loop.callSoon(() => {
      if (!peer.#isClosing) peer.#protocol.dataReceived(data);
    });
  }

  override isClosing(): boolean {
    return this.#isClosing;
  }

  override close(): void {
    if (this.#isClosing) return;
    const peer = this.#peer as Loopback;
    this.#isClosing = true;
    this.#loop.callSoon(() => {
      this.#protocol.connectionLost(null);
      if (!peer.#isClosing && peer.#protocol.eofReceived() !== true) peer.close();
    });
  }
}

/**
 * What asyncio.start_server and open_connection make together: the streams of a client, whose server runs
 * `clientConnected`.
 */
export function openLoopback(loop: EventLoop, clientConnected: ClientConnected): [StreamReader, StreamWriter] {
  const reader = new StreamReader(undefined, loop);
  const protocol = new StreamReaderProtocol(reader, null, loop);
  const client = new Loopback(loop, protocol);
  const server = new Loopback(loop, new StreamReaderProtocol(new StreamReader(undefined, loop), clientConnected, loop));
  client.connect(server);
  server.connect(client);
  return [reader, new StreamWriter(client, protocol, reader, loop)];
}
