// `echo-load.mjs TRANSPORT PORT PID CONNECTIONS SIZE COUNT LINE`: messages to an echo server over tcp, tls or udp, one
// under way on each connection. Prints the processor time of the server for each, in microseconds: all of its threads,
// as Linux counts it.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

export type Transport = "tcp" | "tls" | "udp";

/** This end of a connection; of datagrams one is a message. */
interface Connection {
  send(): void;
  /** Has a function called with the number of bytes that came. */
  receive(received: (count: number) => void): void;
}

const transport = process.argv[2] as Transport;
const [port, pid, connections, size, count, line] = process.argv.slice(3).map(Number);
const host = "127.0.0.1";
const message = new Uint8Array(size).fill(120);
for (let end = line - 1; end < size; end += line) message[end] = 10;

/** Nanoseconds that the server has run. */
function processorTime(): number {
  const folder = `/proc/${pid}/task`;
  const times = readdirSync(folder).map((task) =>
    Number(readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return times.reduce((sum, time) => sum + time, 0);
}

const opened = await Promise.all(Array.from({ length: connections }, transport === "udp" ? openDatagrams : openStream));

async function openStream(): Promise<Connection> {
  const isTls = transport === "tls";
  const socket = isTls ? connectTls({ port, host, rejectUnauthorized: false }) : connect({ port, host });
  await once(socket.setNoDelay(true), isTls ? "secureConnect" : "connect");
  socket.once("close", () => {
    throw new Error("the server has closed a connection");
  });
  return {
    send: () => void socket.write(message),
    receive: (received) => void socket.removeAllListeners("data").on("data", (data) => received(data.length)),
  };
}

async function openDatagrams(): Promise<Connection> {
  const socket = createSocket("udp4");
  socket.connect(port, host);
  await once(socket, "connect");
  return {
    send: () => socket.send(message),
    receive: (received) => void socket.removeAllListeners("message").on("message", (data) => received(data.length)),
  };
}

/** Sends so many messages, and waits for all of them to come back. */
function send(total: number): Promise<void> {
  let left = total;
  const over = opened.map(
    (connection) =>
      new Promise<void>((resolve) => {
        let due = 0;
        const next = (): void => {
          if (left-- <= 0) return resolve();
          due = size;
          connection.send();
        };
        connection.receive((received) => {
          due -= received;
          if (due === 0) next();
        });
        next();
      }),
  );
  return Promise.all(over).then(() => {});
}

// By then the engines have compiled what they will.
await send(count);
const before = processorTime();
await send(count);
const after = processorTime();
console.log(JSON.stringify((after - before) / 1000 / count));
process.exit();
