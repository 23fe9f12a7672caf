// Unix sockets.

import { run, sleep } from "wasyncio";
import { openUnixConnection, startUnixServer } from "wasyncio/streams";
import { MEGABYTE, checksumOf, decode, encode } from "../bytes.ts";
import { check, same } from "../report.ts";
import { close, echo, faultOf, receiveAll, sendAll } from "../streams.ts";

export const UNIX = (folder: string): Record<string, () => unknown> => ({
  "Unix sockets: an echo, names, and the file is gone afterwards": () =>
    run(function* () {
      const path = `${folder}/echo.sock`;
      const server = yield* startUnixServer(echo, path);
      yield* server.with(function* () {
        same(server.sockets[0].getsockname(), path);
        const [reader, writer] = yield* openUnixConnection(path);
        same([writer.getExtraInfo("peername"), writer.getExtraInfo("sockname")], [path, ""]);
        writer.write(encode("through a file"));
        writer.writeEof();
        same(decode(yield* reader.read(-1)), "through a file");
        yield* close(writer);
      });
      same(yield* faultOf(openUnixConnection(path)), ["FileNotFoundError", "ENOENT", true]);
    }),

  "Unix sockets: 20 MB, and who sends waits": () =>
    run(function* () {
      const path = `${folder}/large.sock`;
      const total = 20 * MEGABYTE;
      const server = yield* startUnixServer(function* (reader, writer) {
        yield* sleep(0.05);
        writer.write(encode(yield* receiveAll(reader)));
        yield* close(writer);
      }, path);
      yield* server.with(function* () {
        const [reader, writer] = yield* openUnixConnection(path);
        check((yield* sendAll(writer, total)) <= 128 * 1024, "kept too much");
        writer.writeEof();
        same(decode(yield* reader.read(-1)), checksumOf(total));
        yield* close(writer);
      });
    }),

  "Unix sockets: nobody there, no folder": () =>
    run(function* () {
      same(yield* faultOf(openUnixConnection(`${folder}/nobody.sock`)), ["FileNotFoundError", "ENOENT", true]);
      const fault = yield* faultOf(startUnixServer(echo, `${folder}/none/x.sock`));
      check(["FileNotFoundError", "PermissionError"].includes((fault as string[])[0]), fault);
    }),

  "Unix sockets: a server in the place of one that was": () =>
    run(function* () {
      const path = `${folder}/again.sock`;
      for (const text of ["first", "second"]) {
        const server = yield* startUnixServer(echo, path);
        yield* server.with(function* () {
          const [reader, writer] = yield* openUnixConnection(path);
          writer.write(encode(text));
          same(decode(yield* reader.readexactly(text.length)), text);
          yield* close(writer);
        });
      }
    }),
});
