// streamOf: bodies that coroutines write, for readers that are slow, go away, or never come.

import { describe, expect, test } from "vitest";
import { type Coroutine, CancelledError, Event, createTask, gather, getRunningLoop, sleep, wrapFuture } from "wasyncio";
import { type WriteChunk, background, streamOf } from "wasyncio/edge";
import { LOOPS, Traces, answer, get, textOf } from "../../support/requests.ts";

const decode = (chunk: Uint8Array | undefined): string => new TextDecoder().decode(chunk);

/** The answer of a handler that returns a body at once, in real time. */
function stream(
  body: (write: WriteChunk) => Coroutine<void>,
  { traces, request }: { traces: Traces; request?: Request },
): Promise<Response> {
  const handle = function* (): Coroutine<Response> {
    return new Response(streamOf(body));
  };
  return answer(handle, { traces, loopFactory: traces.realLoop, ...(request === undefined ? {} : { request }) });
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  return (response.body as ReadableStream<Uint8Array>).getReader();
}

/** Lets the host do what waits. */
const turns = async (count = 5): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe.each(LOOPS)("with a loop that is '%s'", (kind) => {
  describe("a body", () => {
    test("is what the coroutine writes: texts and bytes", async () => {
      const traces = new Traces(kind);
      const response = await stream(
        function* (write) {
          yield* write("grüße ");
          yield* write("");
          yield* write(new Uint8Array());
          yield* write(new TextEncoder().encode("bytes "));
          yield* sleep(0);
          yield* write("end");
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 grüße bytes end");
      await traces.ended();
      expect([traces.made, traces.errors]).toEqual([1, []]);
    });

    test("may be empty", async () => {
      const traces = new Traces(kind);
      expect(await textOf(await stream(function* () {}, { traces }))).toBe("200 ");
      await traces.ended();
    });

    test("is begun when it is first read, and goes on as it is read on", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      const response = await stream(
        function* (write) {
          for (const letter of "abc") {
            log.push(`write ${letter}`);
            yield* write(letter);
          }
          log.push("end");
        },
        { traces },
      );
      const reader = readerOf(response);
      await turns();
      expect(log).toEqual([]);
      expect(decode((await reader.read()).value)).toBe("a");
      await turns();
      expect(log).toEqual(["write a", "write b"]);
      expect(decode((await reader.read()).value)).toBe("b");
      expect(decode((await reader.read()).value)).toBe("c");
      expect((await reader.read()).done).toBe(true);
      expect(log).toEqual(["write a", "write b", "write c", "end"]);
      await traces.ended();
    });

    test("is asked for once a chunk, however many reads there are at once", async () => {
      const traces = new Traces(kind);
      const written: number[] = [];
      const response = await stream(
        function* (write) {
          for (let i = 0; i < 100; i++) {
            yield* write(String(i));
            written.push(i);
          }
        },
        { traces },
      );
      const reader = readerOf(response);
      const chunks = await Promise.all(Array.from({ length: 10 }, () => reader.read()));
      await turns();
      expect(chunks.map(({ value }) => decode(value)).join(" ")).toBe("0 1 2 3 4 5 6 7 8 9");
      expect(written.length).toBe(10);
      await reader.cancel();
      await traces.ended();
    });

    test("may be written by several tasks, in the order of their writes", async () => {
      const traces = new Traces(kind);
      const response = await stream(
        function* (write) {
          yield* gather(write("a"), write("b"), write("c"));
        },
        { traces },
      );
      expect(await textOf(response)).toBe("200 abc");
      await traces.ended();
    });

    test("may come from the request's own body, and be read by the handler itself", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          const inner = new Response(
            streamOf(function* (write) {
              yield* write("in");
              yield* write("ner");
            }),
          );
          const text = yield* wrapFuture(inner.text());
          return new Response(
            streamOf(function* (write) {
              yield* write(text);
            })
              .pipeThrough(new TextDecoderStream())
              .pipeThrough(new TextEncoderStream()),
          );
        },
        { traces, loopFactory: traces.realLoop },
      );
      expect(await textOf(response)).toBe("200 inner");
      await traces.ended();
      expect(traces.made).toBe(1);
    });

    test("goes on with background tasks and with tasks of its own, but not with tasks that the handler left behind", async () => {
      const traces = new Traces(kind);
      function* load(name: string): Coroutine<string> {
        yield* sleep(0);
        yield* sleep(0);
        return name;
      }
      const response = await answer(
        function* () {
          const lasting = background(load("background"));
          const left = createTask(load("left"));
          return new Response(
            streamOf(function* (write) {
              yield* write(`${yield* lasting} ${yield* createTask(load("own"))} `);
              try {
                yield* left;
              } catch (error) {
                yield* write(String(error));
              }
            }),
          );
        },
        { traces, loopFactory: traces.realLoop },
      );
      expect(await textOf(response)).toBe("200 background own CancelledError");
      await traces.ended();
    });

    test("holds nothing when it is thrown away unread", async () => {
      const traces = new Traces(kind);
      await answer(
        function* () {
          streamOf(function* () {});
          return new Response("another");
        },
        { traces, loopFactory: traces.realLoop },
      );
      await Promise.all(traces.waiting); // the host waits for nothing; the loop is the garbage collector's
      expect(traces.slotsLeft).toBe(0);
    });

    test("is not begun for a HEAD request", async () => {
      const traces = new Traces(kind);
      let begun = false;
      const response = await stream(
        function* (write) {
          begun = true;
          yield* write("x");
        },
        { traces, request: get({ method: "HEAD" }) },
      );
      await traces.ended();
      expect([response.status, await response.text(), begun]).toEqual([200, "", false]);
    });

    test("is not begun when its response comes behind the deadline", async () => {
      const traces = new Traces(kind);
      let begun = false;
      const response = await answer(
        function* () {
          try {
            yield* sleep(10);
          } catch {
            // takes no notice
          }
          return new Response(
            streamOf(function* () {
              begun = true;
            }),
          );
        },
        { traces, deadline: 1 },
      );
      await traces.ended();
      expect([response.status, begun]).toEqual([504, false]);
    });
  });

  describe("a reader that goes away", () => {
    test("cancels the coroutine, and waits for its clean-up", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      const response = await stream(
        function* (write) {
          try {
            for (;;) yield* write("x");
          } catch (error) {
            log.push(String(error));
            throw error;
          } finally {
            yield* sleep(0);
            log.push("cleaned up");
          }
        },
        { traces },
      );
      const reader = readerOf(response);
      for (let i = 0; i < 3; i++) await reader.read();
      await reader.cancel("enough");
      expect(log).toEqual(["CancelledError: the reader went away", "cleaned up"]);
      await traces.ended();
      expect(traces.errors).toEqual([]);
    });

    test("before it has read anything keeps the coroutine from beginning", async () => {
      const traces = new Traces(kind);
      let begun = false;
      const response = await stream(
        function* () {
          begun = true;
        },
        { traces },
      );
      await response.body?.cancel();
      await traces.ended();
      expect(begun).toBe(false);
    });

    test("with a chunk on its way, and while the coroutine waits for something else", async () => {
      for (const moment of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
        const traces = new Traces(kind);
        const log: string[] = [];
        const response = await stream(
          function* (write) {
            try {
              yield* write("a");
              yield* new Event().wait();
            } finally {
              log.push("left");
            }
          },
          { traces },
        );
        const reader = readerOf(response);
        await reader.read();
        const read = reader.read();
        await turns(moment);
        await reader.cancel();
        expect((await read).done).toBe(true);
        await traces.ended();
        expect(log).toEqual(["left"]);
      }
    });

    test("is taken notice of by a coroutine that goes on writing: it may not", async () => {
      const traces = new Traces(kind);
      const response = await stream(
        function* (write) {
          try {
            for (;;) yield* write("x");
          } catch {
            yield* write("y");
          }
        },
        { traces },
      );
      const reader = readerOf(response);
      await reader.read();
      await reader.cancel();
      await traces.ended();
      expect(traces.errors.map(String)).toEqual(["RuntimeError: Cannot write: the body has ended"]);
    });
  });

  describe("a client that goes away", () => {
    test("cancels the coroutine and breaks the stream off", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const log: string[] = [];
      const response = await stream(
        function* (write) {
          try {
            for (;;) yield* write("x");
          } catch (error) {
            log.push(String(error));
            throw error;
          }
        },
        { traces, request: get({ signal: controller.signal }) },
      );
      const reader = readerOf(response);
      await reader.read();
      controller.abort(new Error("gone"));
      await expect(reader.read()).rejects.toThrow("gone");
      await traces.ended();
      expect(log).toEqual(["CancelledError: the request was aborted"]);
      expect(traces.errors).toEqual([]);
    });

    test("is told once to the coroutine, though the host cancels the stream as well", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const log: string[] = [];
      const response = await stream(
        function* (write) {
          try {
            for (;;) yield* write("x");
          } finally {
            for (let i = 0; i < 3; i++) yield* sleep(0);
            log.push("cleaned up");
          }
        },
        { traces, request: get({ signal: controller.signal }) },
      );
      const reader = readerOf(response);
      await reader.read();
      controller.abort(new Error("gone"));
      await reader.cancel();
      await traces.ended();
      expect([log, traces.errors]).toEqual([["cleaned up"], []]);
    });

    test("before the body is read ends it", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const response = await stream(function* () {}, { traces, request: get({ signal: controller.signal }) });
      controller.abort(new Error("gone"));
      await expect(response.text()).rejects.toThrow("gone");
      await traces.ended();
    });

    test("behind the end of the body changes nothing", async () => {
      const traces = new Traces(kind);
      const controller = new AbortController();
      const body = function* (write: WriteChunk): Coroutine<void> {
        yield* write("all");
      };
      const response = await stream(body, { traces, request: get({ signal: controller.signal }) });
      expect(await textOf(response)).toBe("200 all");
      controller.abort();
      await traces.ended();
    });
  });

  describe("a coroutine that fails", () => {
    test("breaks the stream off with its error, which is reported", async () => {
      const traces = new Traces(kind);
      const response = await stream(
        function* (write) {
          yield* write("begun");
          throw new Error("broken");
        },
        { traces },
      );
      await expect(response.text()).rejects.toThrow("broken");
      await traces.ended();
      expect(traces.errors.map(String)).toEqual(["Error: broken"]);
    });

    test("or cancels itself breaks it off, and is not reported", async () => {
      const traces = new Traces(kind);
      const response = await stream(
        function* () {
          throw new CancelledError("by itself");
        },
        { traces },
      );
      await expect(response.text()).rejects.toThrow("by itself");
      await traces.ended();
      expect(traces.errors).toEqual([]);
    });

    test("or is no coroutine breaks it off", async () => {
      const traces = new Traces(kind);
      const response = await stream((() => "text") as never, { traces });
      const message = "Cannot await what the body returned: expected a coroutine, got 'text'";
      await expect(response.text()).rejects.toThrow(message);
      await traces.ended();
      expect(traces.errors.map(String)).toEqual([`TypeError: ${message}`]);
    });

    test("or that nothing can ever wake breaks it off", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          return new Response(streamOf(() => new Event().wait()));
        },
        { traces }, // in virtual time that can be told
      );
      await expect(response.text()).rejects.toThrow("Cannot go on: nothing is scheduled");
      await Promise.all(traces.waiting);
      expect(traces.errors.map((error) => (error as Error).name)).toEqual(["DeadlockError"]);
      if (kind === "request") expect(traces.closed).toBe(1);
      else await traces.ended();
    });

    test("leaves no writers behind that it has begun", async () => {
      const traces = new Traces(kind);
      const log: string[] = [];
      const response = await stream(
        function* (write) {
          createTask(
            (function* () {
              try {
                yield* write("1");
                yield* write("2");
                yield* write("3");
              } catch (error) {
                log.push(String(error));
                throw error;
              }
            })(),
          );
          yield* write("0");
        },
        { traces },
      );
      const text = await response.text();
      expect("0123".startsWith(text)).toBe(true);
      await traces.ended();
      expect(log.length).toBe(1);
    });
  });

  describe("wrong arguments are refused", () => {
    test("at the call", async () => {
      const traces = new Traces(kind);
      const response = await answer(
        function* () {
          expect(() => streamOf("x" as never)).toThrow(new TypeError("Invalid body: expected a function, got 'x'"));
          return new Response(
            streamOf(function* (write) {
              expect(() => write(1 as never)).toThrow(
                new TypeError("Cannot write: expected a Uint8Array or a string, got 1"),
              );
              expect(() => write([1] as never)).toThrow(TypeError);
              yield* write("ok");
            }),
          );
        },
        { traces, loopFactory: traces.realLoop },
      );
      expect(await textOf(response)).toBe("200 ok");
      expect(() => streamOf(function* () {})).toThrow("Cannot use streamOf: no request is being handled");
      expect(() => getRunningLoop()).toThrow();
      await traces.ended();
      expect(traces.errors).toEqual([]);
    });
  });
});
