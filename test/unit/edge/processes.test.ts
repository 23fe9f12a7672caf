// The loop of all requests in a process of its own: when it lets that end.

import { describe, expect, test } from "vitest";
import { runInNode } from "../../support/processes.ts";

const imports = `
  import { Event, run, sleep, wrapFuture } from "wasyncio";
  import { background, handler } from "wasyncio/edge";
  import { serve } from "wasyncio/node-http";
  const get = () => new Request("http://localhost/");\n`;

describe("a process on Node", () => {
  test("ends when no request goes on, though the loop waits for more", async () => {
    const program = `
      const fetch = handler(function* () {
        background(function* () { yield* sleep(0.01); console.log("behind the answer"); }());
        return new Response("hello");
      });
      console.log(await (await fetch(get())).text());`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "hello\nbehind the answer\n", stderr: "" });
  });

  test("that nothing keeps alive answers 500 to requests that wait, and the loop serves on", async () => {
    const program = `
      const event = new Event();
      const fetch = handler(function* () {
        try {
          yield* event.wait();
        } finally {
          console.log("cleaned up");
        }
        return new Response("woken");
      });
      console.log((await fetch(get())).status);
      event.set();
      console.log((await fetch(get())).status);`;
    const { end, stdout, stderr } = await runInNode(imports + program);
    expect([end, stdout]).toEqual([0, "500\ncleaned up\ncleaned up\n200\n"]);
    expect(stderr).toContain("DeadlockError: Cannot go on: nothing is scheduled");
  });

  test("serves inside a program, which its requests can end", async () => {
    const program = `
      await run(function* () {
        const stop = new Event();
        const server = yield* wrapFuture(serve(handler(function* () {
          stop.set();
          yield* sleep(0);
          return new Response("stopping");
        }), { host: "127.0.0.1" }));
        const asked = fetch(server.url).then((response) => response.text()).then(console.log);
        yield* stop.wait();
        yield* wrapFuture(server.close());
        yield* wrapFuture(asked);
      });
      console.log("over");`;
    expect(await runInNode(imports + program)).toEqual({ end: 0, stdout: "stopping\nover\n", stderr: "" });
  });
});
