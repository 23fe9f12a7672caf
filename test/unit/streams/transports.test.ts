import { describe, expect, test } from "vitest";
import {
  BaseTransport,
  DatagramTransport,
  NotImplementedError,
  Protocol,
  ReadTransport,
  Transport,
  WriteTransport,
} from "wasyncio/streams";
import { bytes, text } from "../../support/bytes.ts";

const BASE = ["isClosing", "close", "setProtocol", "getProtocol"];
const READ = [...BASE, "isReading", "pauseReading", "resumeReading"];
const WRITE = [
  ...BASE,
  "setWriteBufferLimits",
  "getWriteBufferSize",
  "getWriteBufferLimits",
  "write",
  "writeEof",
  "canWriteEof",
  "abort",
];

describe.each([
  [BaseTransport, BASE],
  [ReadTransport, READ],
  [WriteTransport, WRITE],
  [Transport, [...new Set([...READ, ...WRITE])]],
  [DatagramTransport, [...BASE, "sendto", "abort"]],
] as const)("%o", (type, methods) => {
  test.each(methods)("%s throws NotImplementedError", (method) => {
    const transport = new type() as unknown as Record<string, (argument: unknown) => unknown>;
    expect(() => transport[method](new Protocol())).toThrow(NotImplementedError);
  });

  test("knows what it was made with", () => {
    const transport = new type({ peername: ["::1", 80], nothing: undefined });
    expect(transport.getExtraInfo("peername")).toEqual(["::1", 80]);
    expect(transport.getExtraInfo("nothing", 1)).toBe(undefined);
    expect(transport.getExtraInfo("sockname")).toBe(null);
    expect(transport.getExtraInfo("sockname", "default")).toBe("default");
    expect(transport.getExtraInfo("constructor")).toBe(null);
    expect(new type().getExtraInfo("peername")).toBe(null);
  });
});

test("a Transport is a ReadTransport and a WriteTransport", () => {
  class Own extends Transport {}
  class OwnRead extends ReadTransport {}
  for (const transport of [new Transport(), new Own()]) {
    expect([BaseTransport, ReadTransport, WriteTransport, Transport].map((type) => transport instanceof type)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  }
  expect((new Transport() as unknown) instanceof OwnRead).toBe(false);
  expect([new OwnRead() instanceof ReadTransport, new ReadTransport() instanceof OwnRead]).toEqual([true, false]);
  expect([new ReadTransport() instanceof Transport, new WriteTransport() instanceof ReadTransport]).toEqual([
    false,
    false,
  ]);
  expect([null, 1, {}].map((value) => (value as unknown) instanceof ReadTransport)).toEqual([false, false, false]);
});

test("writelines writes all in one call, and refuses what is not a list of Uint8Arrays", () => {
  const written: string[] = [];
  class Collecting extends WriteTransport {
    override write(data: Uint8Array): void {
      written.push(text(data));
    }
  }
  const transport = new Collecting();
  transport.writelines([bytes("a"), bytes(""), bytes("bc")]);
  transport.writelines(new Set([bytes("d")]));
  transport.writelines([]);
  expect(written).toEqual(["abc", "d", ""]);
  for (const bad of ["abc", bytes("abc"), [1], null])
    expect(() => transport.writelines(bad as never)).toThrow(TypeError);
  expect(written).toHaveLength(3);
});
