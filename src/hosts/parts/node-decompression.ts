// What decompresses a body, of node:zlib.

import { builtin } from "./builtins.ts";
import type { NodePipe, ZlibModule } from "./node-types.ts";

type Decompressor = (zlib: ZlibModule, first: Uint8Array) => NodePipe | undefined;

const CODINGS: Readonly<Record<string, Decompressor>> = {
  gzip: (zlib) => zlib.createGunzip(),
  "x-gzip": (zlib) => zlib.createGunzip(),
  br: (zlib) => zlib.createBrotliDecompress(),
  zstd: (zlib) => zlib.createZstdDecompress?.(),
  // It should have a header of zlib's, and many servers send none.
  deflate: (zlib, first) => ((first[0] & 15) === 8 ? zlib.createInflate() : zlib.createInflateRaw()),
};

/**
 * Calls `use` with the stream of a body's bytes as they were before they were compressed: at once with the body itself
 * where that is not compressed in a way that is known, else when its first bytes have come.
 */
export function decompress(body: NodePipe, headers: readonly string[], use: (body: NodePipe) => void): void {
  const zlib = builtin("zlib");
  const coding = codingOf(headers);
  if (zlib === undefined || !Object.hasOwn(CODINGS, coding)) return use(body);
  const begin = (first: Uint8Array): void => {
    body.off("end", finish);
    const decompressor = CODINGS[coding](zlib, first);
    body.pause();
    body.unshift(first);
    if (decompressor !== undefined) body.pipe(decompressor);
    use(decompressor ?? body);
  };
  // There are no bytes, and nothing to decompress.
  const finish = (): void => {
    body.off("data", begin);
    use(body);
  };
  body.once("data", begin);
  body.once("end", finish);
}

function codingOf(headers: readonly string[]): string {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i].toLowerCase() === "content-encoding") return headers[i + 1].trim().toLowerCase();
  return "";
}
