// The protocol of Redis over our streams: what a client and a server need of it.

import { type Coroutine, IncompleteReadError } from "wasyncio";
import type { StreamReader, StreamWriter } from "wasyncio/streams";
import { bytes, text } from "../support/bytes.ts";

/** A reply, as far as it is told apart here. */
export type Reply = string | number | null | Error | Reply[];

/** The bytes of a command. */
export function encode(parts: readonly string[]): Uint8Array {
  const bulk = (part: string): string => `$${bytes(part).length}\r\n${part}\r\n`;
  return bytes(`*${parts.length}\r\n${parts.map(bulk).join("")}`);
}

/** Reads a reply, or a command, which is an array of texts. */
export function* decode(reader: StreamReader): Coroutine<Reply> {
  const line = text(yield* reader.readuntil("\r\n")).slice(0, -2);
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case "-":
      return new Error(rest);
    case ":":
      return Number(rest);
    case "$": {
      if (rest === "-1") return null;
      const data = yield* reader.readexactly(Number(rest) + 2);
      return text(data.subarray(0, -2));
    }
    case "*": {
      const replies: Reply[] = [];
      for (let left = Number(rest); left > 0; left--) replies.push(yield* decode(reader));
      return replies;
    }
    default:
      return line.split(" "); // a command without lengths
  }
}

/** A server of a few commands. */
export function store() {
  const values = new Map<string, string>();
  function answer([command, key = "", value = ""]: readonly string[]): string {
    switch (command.toUpperCase()) {
      case "PING":
        return "+PONG\r\n";
      case "SET":
        values.set(key, value);
        return "+OK\r\n";
      case "GET": {
        const found = values.get(key);
        return found === undefined ? "$-1\r\n" : `$${bytes(found).length}\r\n${found}\r\n`;
      }
      case "INCR": {
        const next = Number(values.get(key) ?? 0) + 1;
        values.set(key, String(next));
        return `:${next}\r\n`;
      }
      default:
        return "*0\r\n"; // CONFIG, which benchmarks ask for
    }
  }
  return function* (reader: StreamReader, writer: StreamWriter): Coroutine<void> {
    try {
      for (;;) {
        writer.write(bytes(answer((yield* decode(reader)) as string[])));
        yield* writer.drain();
      }
    } catch (error) {
      if (!(error instanceof IncompleteReadError)) throw error; // the client has gone
    } finally {
      writer.close();
    }
  };
}
