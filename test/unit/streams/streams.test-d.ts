// The types of `wasyncio/streams`.

import { expectTypeOf, test } from "vitest";
import type { Coroutine, CoroutineIterator } from "wasyncio";
import {
  type ClientConnected,
  type RaceOutcome,
  type ReadTransport,
  type Separator,
  type StreamReader,
  StreamReaderProtocol,
  type Transport,
  type WriteTransport,
  staggeredRace,
} from "wasyncio/streams";

test("every type is what it says", () => {
  expectTypeOf<StreamReader["read"]>().returns.toEqualTypeOf<Coroutine<Uint8Array>>();
  expectTypeOf<StreamReader>().toExtend<CoroutineIterator<Uint8Array>>();
  expectTypeOf<StreamReader>().toExtend<AsyncIterable<Uint8Array>>();
  expectTypeOf<Separator>().toEqualTypeOf<Uint8Array | string>();
  expectTypeOf<Transport>().toExtend<ReadTransport>();
  expectTypeOf<Transport>().toExtend<WriteTransport>();
  expectTypeOf<RaceOutcome<number>>().toEqualTypeOf<[number | null, number | null, unknown[]]>();
});

test("a race gives what its attempts give", () => {
  function* attempt(): Coroutine<string> {
    return "";
  }
  expectTypeOf(staggeredRace([attempt], 1)).toEqualTypeOf<Coroutine<RaceOutcome<string>>>();
  expectTypeOf(staggeredRace([async () => 1], null)).toEqualTypeOf<Coroutine<RaceOutcome<number>>>();
});

test("a server's callback is a function or a coroutine function", () => {
  expectTypeOf<(reader: StreamReader) => void>().toExtend<ClientConnected>();
  expectTypeOf<(reader: StreamReader) => Coroutine<number>>().toExtend<ClientConnected>();
  // @ts-expect-error: an async function cannot wait for a reader
  new StreamReaderProtocol(null, async (reader) => void reader.read());
});
