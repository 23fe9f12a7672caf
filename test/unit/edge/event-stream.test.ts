// eventStream: what server-sent events look like on the wire. That they come at the pace of their reader, and end with
// the client, is in stream-of.test.ts.

import { describe, expect, test } from "vitest";
import { type SendEvent, type ServerSentEvent, eventStream } from "wasyncio/edge";
import { Traces, answer } from "../../support/requests.ts";
import type { Coroutine } from "wasyncio";

/** The response of a handler whose events are these. */
async function responseOf(body: (send: SendEvent) => Coroutine<unknown>, init?: ResponseInit): Promise<Response> {
  const traces = new Traces();
  return answer(
    function* () {
      return eventStream(body, init);
    },
    { traces, loopFactory: traces.realLoop },
  );
}

const textOf = async (event: ServerSentEvent | string): Promise<string> =>
  (await responseOf((send) => send(event))).text();

describe("an event", () => {
  test.each<[string, ServerSentEvent | string, string]>([
    ["a text", "hello", "data: hello\n\n"],
    ["an empty text", "", "data: \n\n"],
    ["lines of any kind", "a\nb\r\nc\rd", "data: a\ndata: b\ndata: c\ndata: d\n\n"],
    ["a type", { event: "x", data: "" }, "event: x\ndata: \n\n"],
    ["all of it", { event: "x", id: "7", retry: 0, data: "d" }, "event: x\nid: 7\nretry: 0\ndata: d\n\n"],
  ])("may be %s", async (_, event, text) => {
    expect(await textOf(event)).toBe(text);
  });

  test.each<[string, unknown, string]>([
    ["no data", { event: "x" }, "expected a text as data"],
    ["an id of two lines", { data: "", id: "1\nevent: y" }, "expected one line for id"],
    ["a type of two lines", { data: "", event: "1\r" }, "expected one line for event"],
    ["a retry that is no number", { data: "", retry: "1" }, "expected whole milliseconds for retry"],
  ])("is refused with %s", async (_, event, message) => {
    const errors: unknown[] = [];
    const response = await responseOf(function* (send) {
      try {
        yield* send(event as ServerSentEvent);
      } catch (error) {
        errors.push(error);
      }
    });
    await response.text();
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(String(errors[0])).toContain(message);
  });
});

describe("a response of events", () => {
  test("says what it is, and that it is not to be kept", async () => {
    const { status, headers } = await responseOf((send) => send("x"));
    expect([status, headers.get("content-type"), headers.get("cache-control")]).toEqual([
      200,
      "text/event-stream",
      "no-cache",
    ]);
  });

  test("has the headers and the status that it is given", async () => {
    const init = { status: 201, headers: { "x-a": "b", "cache-control": "private" } };
    const { status, headers } = await responseOf((send) => send("x"), init);
    expect([status, headers.get("x-a"), headers.get("cache-control")]).toEqual([201, "b", "private"]);
    expect(headers.get("content-type")).toBe("text/event-stream");
  });

  test("takes a function", () => {
    expect(() => eventStream("x" as never)).toThrow(TypeError);
  });
});
