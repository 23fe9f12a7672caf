// The body of a response, as it comes.

import type { CoroutineIterator } from "../bridges/for-each.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { StreamReader } from "../streams/stream-reader.ts";
import { checkCount } from "../support/checks.ts";

/**
 * What a response brings: a StreamReader, of lines in `forEach`, which gives chunks, too. Mirrors aiohttp's
 * StreamReader.
 *
 * @example
 * yield* forEach(response.content.iterChunked(65_536), (chunk) => hash.update(chunk));
 */
export class ContentReader extends StreamReader {
  /** @internal */
  static override readonly name: string = "ContentReader";

  /** What has come, as soon as there is something; no bytes at the end. Mirrors StreamReader.readany. */
  readany(): Coroutine<Uint8Array> {
    return this.read(Number.MAX_SAFE_INTEGER);
  }

  /**
   * Chunks of at most `n` bytes, as they come, for `forEach`. Mirrors StreamReader.iter_chunked.
   * @throws TypeError or RangeError for what is no whole number from 1 on
   */
  iterChunked(n: number): CoroutineIterator<Uint8Array> {
    return new Chunks(this, checkCount(n, "n"));
  }

  /** Chunks of any size, as they come, for `forEach`. Mirrors StreamReader.iter_any. */
  iterAny(): CoroutineIterator<Uint8Array> {
    return new Chunks(this, Number.MAX_SAFE_INTEGER);
  }
}

class Chunks implements CoroutineIterator<Uint8Array> {
  readonly #reader: StreamReader;
  readonly #size: number;

  constructor(reader: StreamReader, size: number) {
    this.#reader = reader;
    this.#size = size;
  }

  *anext(): Coroutine<IteratorResult<Uint8Array, undefined>> {
    const value = yield* this.#reader.read(this.#size);
    return value.length > 0 ? { done: false, value } : { done: true, value: undefined };
  }
}
