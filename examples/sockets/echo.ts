// A TCP server that sends back what it gets, and a client, both with streams.

import { type Coroutine, run } from "wasyncio";
import { type StreamReader, type StreamWriter, openConnection, startServer } from "wasyncio/streams";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function* handleEcho(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  const data = yield* reader.read(100);
  const [host] = writer.getExtraInfo("peername") as [string, number];
  console.log(`server: received ${decode(data)} from ${host}`);
  writer.write(data);
  yield* writer.drain();
  writer.close();
  yield* writer.waitClosed();
}

function* client(port: number, message: string): Coroutine<void> {
  const [reader, writer] = yield* openConnection("127.0.0.1", port);
  writer.write(encode(message));
  const data = yield* reader.read(100);
  console.log(`client: received ${decode(data)}`);
  writer.close();
  yield* writer.waitClosed();
}

function* main(): Coroutine<void> {
  const server = yield* startServer(handleEcho, "127.0.0.1", 0); // 0: any port that is free
  yield* server.with(function* () {
    const [, port] = server.sockets[0].getsockname() as [string, number];
    yield* client(port, "Hello World!");
  });
  console.log("closed");
}

await run(main());

// Prints:
// server: received Hello World! from 127.0.0.1
// client: received Hello World!
// closed
