// A server of lines that ends in order: `serveForever` goes on until it is cancelled, and then waits for its clients.

import { type Coroutine, CancelledError, createTask, forEach, gather, run } from "wasyncio";
import { type Server, type StreamReader, type StreamWriter, openConnection, startServer } from "wasyncio/streams";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).trimEnd();

function* handle(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  yield* forEach(reader, function* (line) {
    writer.write(encode(`echo: ${decode(line)}\n`));
    yield* writer.drain();
  });
  writer.close();
}

function* client(server: Server, lines: readonly string[]): Coroutine<readonly string[]> {
  const [, port] = server.sockets[0].getsockname() as [string, number];
  const [reader, writer] = yield* openConnection("127.0.0.1", port);
  const answers: string[] = [];
  for (const line of lines) {
    writer.write(encode(`${line}\n`));
    answers.push(decode(yield* reader.readline()));
  }
  writer.close();
  yield* writer.waitClosed();
  return answers;
}

function* main(): Coroutine<void> {
  const server = yield* startServer(handle, "127.0.0.1", 0);
  const serving = createTask(server.serveForever());
  console.log(yield* gather(client(server, ["one", "two"]), client(server, ["three"])));
  serving.cancel();
  try {
    yield* serving;
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    console.log("served:", server.isServing());
  }
}

await run(main());

// Prints:
// [ [ 'echo: one', 'echo: two' ], [ 'echo: three' ] ]
// served: false
