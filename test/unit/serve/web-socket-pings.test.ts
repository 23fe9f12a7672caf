// When a client is pinged, and when it is given up, in virtual time: its side is played.

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { VirtualEventLoop } from "wasyncio/testing";
import type { WebSocket } from "ws";
import { WebSocketPings } from "../../../src/serve/web-socket-pings.ts";

/** What happens until a time: pings, and the end. The client answers as many pings, each after a second. */
function play(
  until: number,
  timeout: number | null,
  { answers = Infinity, pauseEnds = 0, stops = Infinity } = {},
): string {
  const loop = new VirtualEventLoop();
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${what} ${loop.time()}`);
  let left = answers;
  const socket = Object.assign(new EventEmitter(), {
    ping() {
      note("ping");
      if (left-- > 0) loop.callLater(1, () => socket.emit("pong"));
    },
  });
  const pings = new WebSocketPings(socket as never as WebSocket, loop, 20, timeout, {
    isPaused: () => loop.time() < pauseEnds,
    fail: () => note("end"),
  });
  if (stops < Infinity) loop.callAt(stops, () => pings.stop());
  loop.callAt(until, () => loop.stop());
  loop.runForeverSync();
  loop.close();
  return log.join();
}

test("the next ping comes an interval behind the last one", () => {
  expect(play(70, 20)).toBe("ping 20,ping 40,ping 60");
});

test("a client that answers none is given up once", () => {
  expect(play(200, 20, { answers: 1 })).toBe("ping 20,ping 40,end 60");
});

test("one that is not read has time", () => {
  expect(play(200, 20, { answers: 0, pauseEnds: 70 })).toBe("ping 20,end 80");
});

test("without a timeout answers count for nothing", () => {
  expect(play(70, null, { answers: 0 })).toBe("ping 20,ping 40,ping 60");
});

test("behind the end of the connection there are none", () => {
  expect(play(200, 20, { stops: 41, answers: 1 })).toBe("ping 20,ping 40");
});
