import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { VirtualEventLoop } from "wasyncio/testing";
import { checkBytes, checkError, chunksOf, concat, encodeSeparators } from "../../../src/streams/bytes.ts";
import { attempt } from "../../support/outcomes.ts";
import { bytes, text } from "../../support/bytes.ts";

test("bytes are Uint8Arrays, Buffers, and those of other realms", () => {
  for (const data of [new Uint8Array(1), Buffer.from("x"), runInNewContext("new Uint8Array(1)")]) {
    expect(attempt(() => checkBytes(data))).toBe(undefined);
  }
});

test.each([
  ["x"],
  [[1]],
  [new ArrayBuffer(1)],
  [new Uint16Array(1)],
  [new DataView(new ArrayBuffer(1))],
  [null],
  [undefined],
  [{}],
])("%o are no bytes", (data) => {
  expect(() => checkBytes(data)).toThrow(/^Invalid data: expected a Uint8Array, got /);
  expect(() => checkBytes(data)).toThrow(TypeError);
});

test("errors are errors, also of other realms", () => {
  for (const error of [new Error("x"), new DOMException("x"), runInNewContext("new Error('x')")]) {
    expect(attempt(() => checkError(error))).toBe(undefined);
  }
  for (const error of ["x", null, undefined, { message: "x" }, Error])
    expect(() => checkError(error)).toThrow(TypeError);
});

test("chunks are those of any iterable, taken once", () => {
  function* chunks() {
    yield bytes("a");
    yield bytes("b");
  }
  expect(chunksOf(chunks()).map(text)).toEqual(["a", "b"]);
  for (const bad of ["ab", bytes("ab"), null, undefined, 5, {}, ["a"], [bytes("a"), null]]) {
    expect(() => chunksOf(bad as never)).toThrow(TypeError);
  }
});

test("chunks are not those of a future, and what gives something else is asked for no more", () => {
  const loop = new VirtualEventLoop();
  const future = loop.createFuture();
  future.cancel();
  expect(() => chunksOf(future as never)).toThrow(
    /^Invalid data: expected a list of Uint8Arrays, got <Future cancelled/,
  );
  loop.close();
  let given = 0;
  const iterable = (function* () {
    for (;;) yield given++;
  })();
  expect(() => chunksOf(iterable as never)).toThrow(TypeError);
  expect([given, iterable.next().done]).toEqual([1, true]);
});

test("joining gives a new array", () => {
  const chunk = bytes("ab");
  expect(text(concat([chunk, bytes(""), bytes("c")]))).toBe("abc");
  expect(concat([chunk])).not.toBe(chunk);
  expect(concat([])).toEqual(new Uint8Array());
});

test("separators come as bytes, the shortest first, those of one length in their order", () => {
  const list = (separators: Parameters<typeof encodeSeparators>[0]) => encodeSeparators(separators).map(text);
  expect(list("\r\n")).toEqual(["\r\n"]);
  expect(list(bytes("x"))).toEqual(["x"]);
  expect(list(["abc", bytes("b"), "é", "a"])).toEqual(["b", "a", "é", "abc"]);
});

test.each([
  [null, "TypeError('Invalid separator: expected a Uint8Array or a string, got null')"],
  [10, "TypeError('Invalid separator: expected a Uint8Array or a string, got 10')"],
  [[10], "TypeError('Invalid separator: expected a Uint8Array or a string, got 10')"],
  [[], "RangeError('Separator should contain at least one element')"],
  ["", "RangeError('Separator should be at least one-byte string')"],
  [["a", ""], "RangeError('Separator should be at least one-byte string')"],
])("%o is no separator", (separator, error) => {
  expect(attempt(() => encodeSeparators(separator as never))).toBe(error);
});
