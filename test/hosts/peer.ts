// The other side of connections, outside of the host: a server over node:net that does what its first line says.

import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { createServer as createSecuredServer } from "node:tls";
import { Checksum, MEGABYTE, chunks } from "./suite/bytes.ts";
import type { Pems } from "./suite/index.ts";

/** What a client may ask for. */
export type Wish = "echo" | "source" | "sink" | "answer" | "reset" | "silent" | "close";

const WISHES: Record<Wish, (socket: Socket) => void> = {
  /** Gives back what comes, to the end. */
  echo: (socket) => void socket.on("data", (data) => socket.write(data)).on("end", () => socket.end()),
  /** Sends 20 MB, and then the end. */
  source: (socket) => {
    const all = chunks(20 * MEGABYTE);
    const send = (): void => {
      let next = all.next();
      while (next.done !== true && socket.write(next.value)) next = all.next();
      if (next.done === true) socket.end();
      else socket.once("drain", send);
    };
    send();
  },
  /** Answers with the checksum of what came. */
  sink: (socket) => {
    const sum = new Checksum();
    socket.on("data", (data) => sum.add(data)).on("end", () => socket.end(sum.text()));
  },
  /** Says all that it has to say, and hears the client all the same: it is asked for by another connection. */
  answer: (socket) => {
    socket.end("that is all");
    let heard = "";
    socket.on("data", (data) => (heard += String(data))).on("end", () => (lastHeard = heard));
  },
  reset: (socket) => void socket.resetAndDestroy(),
  /** Reads nothing, and says nothing. */
  silent: (socket) => void socket.pause(),
  close: (socket) => void socket.destroy(),
};

let lastHeard = "";

/** Starts it, without TLS and with it. Gives the ports. */
export async function startPeer({ certificate, key }: Pems): Promise<{
  readonly port: number;
  readonly securedPort: number;
  close(): void;
}> {
  const sockets = new Set<Socket>();
  const options = { allowHalfOpen: true, noDelay: true };
  const serve = (socket: Socket): void => {
    socket.on("error", () => {});
    let line = "";
    socket.on("data", function read(data: Buffer): void {
      line += data.toString("latin1");
      const end = line.indexOf("\n");
      if (end < 0) return;
      socket.off("data", read);
      const rest = Buffer.from(line.slice(end + 1), "latin1");
      if (rest.length > 0) socket.unshift(rest);
      const wish = line.slice(0, end);
      if (wish === "heard") socket.end(lastHeard);
      else WISHES[wish as Wish](socket);
    });
  };
  const servers = [createServer(options, serve), createSecuredServer({ ...options, cert: certificate, key }, serve)];
  const ports: number[] = [];
  for (const server of servers) {
    server.on("connection", (socket: Socket) => {
      sockets.add(socket); // also one whose handshake never ends
      socket.on("close", () => sockets.delete(socket));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  return {
    port: ports[0],
    securedPort: ports[1],
    close: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
