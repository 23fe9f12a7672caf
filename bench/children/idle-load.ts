// `idle-load.mjs PORT COUNT`: opens so many connections to an echo server, has one message sent back on each, and keeps
// them. Prints their number.

import { type Socket, connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const AT_A_TIME = 100;
const message = new Uint8Array(100).fill(120);
message[99] = 10;
const sockets: Socket[] = [];

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(message));
    sockets.push(socket.once("data", () => resolve()).on("error", reject));
  });
}

while (sockets.length < count)
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count - sockets.length) }, open));
console.log(JSON.stringify(sockets.length));
