// The same with protocols: callbacks instead of coroutines, and a future that says when the connection is lost.

import { type Coroutine, type Future, getRunningLoop, run } from "wasyncio";
import { Protocol, type Transport, createConnection, createServer } from "wasyncio/streams";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

class EchoServer extends Protocol {
  #transport: Transport | null = null;

  override connectionMade(transport: Transport): void {
    const [host] = transport.getExtraInfo("peername") as [string, number];
    console.log(`server: connection from ${host}`);
    this.#transport = transport;
  }

  override dataReceived(data: Uint8Array): void {
    console.log(`server: received ${decode(data)}`);
    this.#transport?.write(data);
    this.#transport?.close();
  }
}

class EchoClient extends Protocol {
  readonly #message: string;
  readonly #lost: Future<void>;

  constructor(message: string, lost: Future<void>) {
    super();
    this.#message = message;
    this.#lost = lost;
  }

  override connectionMade(transport: Transport): void {
    transport.write(encode(this.#message));
  }

  override dataReceived(data: Uint8Array): void {
    console.log(`client: received ${decode(data)}`);
  }

  override connectionLost(): void {
    console.log("client: the server has closed the connection");
    this.#lost.setResult();
  }
}

function* main(): Coroutine<void> {
  const server = yield* createServer(() => new EchoServer(), "127.0.0.1", 0);
  yield* server.with(function* () {
    const [, port] = server.sockets[0].getsockname() as [string, number];
    const lost = getRunningLoop().createFuture();
    const [transport] = yield* createConnection(() => new EchoClient("Hello World!", lost), "127.0.0.1", port);
    try {
      yield* lost;
    } finally {
      transport.close();
    }
  });
}

await run(main());

// Prints:
// server: connection from 127.0.0.1
// server: received Hello World!
// client: received Hello World!
// client: the server has closed the connection
