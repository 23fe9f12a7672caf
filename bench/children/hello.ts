// `hello.mjs DOORS SIDE`: a server that says hello, as an app of ours or a plain async function behind node:http.
// Prints { port }.

import type * as Wasyncio from "wasyncio";
import type * as NodeHttp from "wasyncio/node-http";
import type * as Serve from "wasyncio/serve";

export type HelloSide = "app" | "plain";

const [doors, side] = process.argv.slice(2) as [string, HelloSide];
const [{ run }, { serve }, { serveApp }] = (await Promise.all(doors.split(",").map((door) => import(door)))) as [
  typeof Wasyncio,
  typeof NodeHttp,
  typeof Serve,
];
const ready = ({ port }: { port: number }): void => console.log(JSON.stringify({ port }));

if (side === "plain") {
  ready(await serve(async () => new Response("hello"), { host: "127.0.0.1" }));
} else {
  const app: Serve.App = {
    *fetch() {
      return new Response("hello");
    },
  };
  await run(() => serveApp(app, { port: 0, onListening: ready }));
}
