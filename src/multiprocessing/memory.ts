// Memory that threads have together.

import { NotAvailableError } from "../errors/base.ts";

/** Memory for some words of 32 bits, all 0. Throws NotAvailableError where there is none to share. */
export function sharedWords(count: number): SharedArrayBuffer {
  return sharedBytes(4 * count);
}

/** Memory of some bytes, all 0. Throws NotAvailableError where there is none to share. */
export function sharedBytes(count: number): SharedArrayBuffer {
  if (typeof SharedArrayBuffer === "function") return new SharedArrayBuffer(count);
  const reason = "a page has it when it is isolated, by the headers Cross-Origin-Opener-Policy and -Embedder-Policy";
  throw new NotAvailableError("shared memory", reason);
}
