// nc and socat, which send what they read and print what they get, at the other end; both end their half when there is
// no more to read.

import { join } from "node:path";
import { expect } from "vitest";
import { type Coroutine, createTask, run, wrapFuture } from "wasyncio";
import {
  type StreamReader,
  type StreamWriter,
  type Streams,
  openConnection,
  openUnixConnection,
  startServer,
  startUnixServer,
} from "wasyncio/streams";
import { bytes, text } from "../support/bytes.ts";
import { run as runProgram } from "../support/processes.ts";
import { freePort, portOf } from "../support/servers.ts";
import { testWith, untilConnected, withFolder, withProgram } from "./tool.ts";

/** Gives everything back when all has come. */
function* backInOne(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  writer.write(yield* reader.read());
  writer.close();
  yield* writer.waitClosed();
}

/** Gives everything back as it comes. */
function* back(reader: StreamReader, writer: StreamWriter): Coroutine<void> {
  while (!reader.atEof()) {
    writer.write(yield* reader.read(1000));
    yield* writer.drain();
  }
  writer.close();
  yield* writer.waitClosed();
}

/** Sends a text, ends its half, and reads to the end. */
function* exchanged([reader, writer]: Streams, sent: string): Coroutine<string> {
  writer.write(bytes(sent));
  writer.writeEof();
  const received = yield* reader.read();
  writer.close();
  yield* writer.waitClosed();
  return text(received);
}

const much = "a line of text\n".repeat(20_000);
const shell = (command: string) => wrapFuture(runProgram(["sh", "-c", command]));
/** Prints `much`. */
const PRINT = `yes 'a line of text' | head -n 20000`;

for (const [name, serve] of Object.entries({ "as it comes": back, "when all has come": backInOne })) {
  testWith("nc")(`nc gets everything back ${name}`, async () => {
    await run(function* () {
      const server = yield* startServer(serve, "127.0.0.1", 0);
      const { stdout } = yield* shell(`${PRINT} | nc -N 127.0.0.1 ${portOf(server)}`);
      expect(stdout).toBe(much);
      server.close();
      yield* server.waitClosed();
    });
  });

  testWith("socat")(`socat gets everything back from a path ${name}`, async () => {
    await withFolder((folder) =>
      run(function* () {
        const path = join(folder, "socket");
        const server = yield* startUnixServer(serve, path);
        const { stdout } = yield* shell(`${PRINT} | socat -t 60 - UNIX-CONNECT:${path}`);
        expect(stdout).toBe(much);
        server.close();
        yield* server.waitClosed();
      }),
    );
  });
}

testWith("nc")("nc listens, and prints what it gets", async () => {
  const port = await run(freePort());
  const listening = runProgram(["sh", "-c", `printf 'from nc' | nc -N -l 127.0.0.1 ${port}`]);
  const received = await run(function* () {
    return yield* exchanged(yield* untilConnected(() => openConnection("127.0.0.1", port)), "to nc");
  });
  expect([received, (await listening).stdout]).toEqual(["from nc", "to nc"]);
});

testWith("socat")("socat gives back what it gets at a path, to the end of each half", async () => {
  await withFolder((folder) => {
    const path = join(folder, "socket");
    return withProgram(["socat", "-t", "60", `UNIX-LISTEN:${path},fork`, "EXEC:cat"], () =>
      run(function* () {
        for (const sent of ["short", much, ""]) {
          const streams = yield* untilConnected(() => openUnixConnection(path));
          expect((yield* exchanged(streams, sent)) === sent).toBe(true);
        }
      }),
    );
  });
});

testWith("socat")("socat stands between our two ends", async () => {
  await withFolder((folder) =>
    run(function* () {
      const path = join(folder, "socket");
      const server = yield* startServer(back, "127.0.0.1", 0);
      function* client(): Coroutine<string> {
        return yield* exchanged(yield* untilConnected(() => openUnixConnection(path)), much);
      }
      const command = ["socat", "-t", "60", `UNIX-LISTEN:${path},fork`, `TCP:127.0.0.1:${portOf(server)}`];
      const received = yield* wrapFuture(withProgram(command, async () => await createTask(client())));
      expect(received === much).toBe(true);
      server.close();
      yield* server.waitClosed();
    }),
  );
});
