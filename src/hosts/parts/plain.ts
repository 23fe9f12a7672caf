// Bytes as programs get them: arrays of their own, and not Node's Buffers, of which some methods do something else.

const { Buffer } = globalThis as unknown as { Buffer: { allocUnsafeSlow(size: number): Uint8Array } };
/** From so many bytes on a copy is made in an array that is not cleared before. */
const LARGE = 16 * 1024;

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
  if (bytes.length < LARGE) return new Uint8Array(bytes);
  const copy = plain(Buffer.allocUnsafeSlow(bytes.length));
  copy.set(bytes);
  return copy;
}
