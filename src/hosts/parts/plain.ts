// Bytes as programs get them: not Node's Buffers, of which some methods do something else.

/** The same bytes as a Uint8Array of its own kind, whose `slice` copies. */
export function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
