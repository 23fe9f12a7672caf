// Bytes as programs get them: arrays of their own, and not Node's Buffers, of which some methods do something else.

/** The same bytes as a Uint8Array of its own kind, whose `slice` copies. */
export function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** As `plain`; bytes that lie in a larger array, as those of Node's pool do, are copied. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? plain(bytes) : ownCopy(bytes);
}

/** A copy of bytes that somebody else may have, too. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
  return plain(bytes).slice();
}
