// `echo-load.mjs PORT PID CONNECTIONS SIZE COUNT LINE`: messages to an echo server, one under way on each connection.
// Prints the processor time of the server for each, in microseconds: all of its threads, as Linux counts it.

import { readFileSync, readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";

const [port, pid, connections, size, count, line] = process.argv.slice(2).map(Number);
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

const sockets = await Promise.all(Array.from({ length: connections }, () => open()));

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket)).on("error", reject);
  });
}

/** Sends so many messages, and waits for all of them to come back. */
function send(total: number): Promise<void> {
  let left = total;
  const over = sockets.map(
    (socket) =>
      new Promise<void>((resolve, reject) => {
        let due = 0;
        const next = (): void => {
          if (left-- <= 0) {
            socket.removeAllListeners("data");
            return resolve();
          }
          due = size;
          socket.write(message);
        };
        socket.on("data", (data) => {
          due -= data.length;
          if (due === 0) next();
        });
        socket.once("close", () => reject(new Error("the server has closed a connection")));
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
