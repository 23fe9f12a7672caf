// A form with files, as multipart/form-data. Not by the host's own encoding, which gives promises alone: a form
// without files is bytes at once, so that it can be sent in virtual time, too.

import { concat } from "../streams/bytes.ts";
import type { RequestBody } from "./body.ts";

const encoder = new TextEncoder();

/** The body of a form. */
export function multipart(form: FormData): RequestBody {
  const entries = [...form];
  const boundary = boundaryFor(entries);
  const parts: (Uint8Array | Blob)[] = [];
  for (const [name, value] of entries) {
    const isText = typeof value === "string";
    const filename = isText ? "" : `; filename="${escaped(value.name)}"`;
    const type = isText ? "" : `\r\nContent-Type: ${value.type || "application/octet-stream"}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"${filename}${type}\r\n\r\n`;
    parts.push(encoder.encode(head), isText ? encoder.encode(withCrLf(value)) : value, encoder.encode("\r\n"));
  }
  parts.push(encoder.encode(`--${boundary}--\r\n`));
  const length = parts.reduce((sum, part) => sum + (part instanceof Blob ? part.size : part.length), 0);
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  const content = bytes.length === parts.length ? concat(bytes) : { [Symbol.asyncIterator]: () => inTurn(parts) };
  return { content, length, contentType: `multipart/form-data; boundary=${boundary}`, isRepeatable: true };
}

/** A boundary that is in no part: of texts that can be seen, of files nobody can guess one. */
function boundaryFor(entries: readonly (readonly [string, FormDataEntryValue])[]): string {
  if (entries.some(([, value]) => typeof value !== "string")) return `wasyncio-${crypto.randomUUID()}`;
  const text = entries.flat().join("\n");
  let number = 0;
  while (text.includes(`wasyncio-${number}`)) number++;
  return `wasyncio-${number}`;
}

async function* inTurn(parts: readonly (Uint8Array | Blob)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Blob) yield* chunksOf(part);
    else yield part;
  }
}

/** The bytes of a Blob, each time that they are asked for. */
export function chunksOf(blob: Blob): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      const reader = blob.stream().getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    },
  };
}

function withCrLf(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, "\r\n");
}

/** As browsers write names. */
function escaped(name: string): string {
  return name.replaceAll(/\r\n?|\n/g, "%0D%0A").replaceAll('"', "%22");
}
