// Bytes to send, and a checksum of those that have come.

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
export const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const MEGABYTE = 1024 * 1024;
/** More than the buffers of a system hold for a connection, on both of its sides. */
export const MORE_THAN_BUFFERS = 48 * MEGABYTE;
export const CHUNK = 64 * 1024;

/** A checksum that sees the order of bytes; of a whole number of chunks it does not see where one ends. */
export class Checksum {
  count = 0;
  #hash = 0x811c9dc5;

  add(bytes: Uint8Array): void {
    let hash = this.#hash;
    for (let index = 0; index < bytes.length; index++) hash = Math.imul(hash ^ bytes[index], 0x01000193);
    this.#hash = hash;
    this.count += bytes.length;
  }

  text(): string {
    return `${this.count} bytes, ${(this.#hash >>> 0).toString(16)}`;
  }
}

/** Chunks of bytes that are all different. */
export function* chunks(total: number): Generator<Uint8Array, void> {
  let state = 0x9e3779b9;
  for (let start = 0; start < total; start += CHUNK) {
    const words = new Uint32Array(CHUNK / 4);
    for (let index = 0; index < words.length; index++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
    yield new Uint8Array(words.buffer).subarray(0, Math.min(CHUNK, total - start));
  }
}

/** The checksum of what `chunks` gives. */
export function checksumOf(total: number): string {
  const sum = new Checksum();
  for (const chunk of chunks(total)) sum.add(chunk);
  return sum.text();
}
