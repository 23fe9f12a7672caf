// The bytes that a reader holds: a stretch of one array, taken from at its front and added to at its end.
//
// What is added to an empty buffer becomes its array, and is given as it is when all of it is taken at once: so the
// bytes of one message are not copied here at all, and an empty buffer has no array. Else taking moves the front, not
// the bytes; adding moves them only when there is no room behind them, and then makes as much room as there are bytes:
// so a byte is copied in once, out once, and in between once more on average. A list of chunks would save a copy, but a
// separator may lie across chunks, and searching one array is what engines are fast at.
//
// Behind the bytes that may be taken there may be some that have come, but were not told yet.

const NONE = new Uint8Array();
const LEAST_CAPACITY = 1024;
/** Fewer bytes are copied: an array of its own costs more than that. */
const LEAST_GIVEN = 16 * 1024;

export class ByteBuffer {
  #bytes: Uint8Array = NONE;
  #start = 0;
  #end = 0;
  /** Where those end that were not told: at `#end` when there are none. */
  #untold = 0;

  /** Number of bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Adds a copy of `data` at the end. */
  append(data: Uint8Array): void {
    const untold = this.takeUntold();
    this.addUntold(this.#isEmpty ? new Uint8Array(data) : data);
    this.tell(data.length);
    if (untold !== NONE) this.addUntold(untold);
  }

  get #isEmpty(): boolean {
    return this.#start === this.#untold;
  }

  /** Adds an array, which is the buffer's from now on, behind all others: it is among the bytes when it is told. */
  addUntold(data: Uint8Array): void {
    if (this.#isEmpty) {
      this.#bytes = data;
      this.#untold = data.length;
      return;
    }
    if (this.#untold + data.length > this.#bytes.length) this.#makeRoom(data.length);
    this.#bytes.set(data, this.#untold);
    this.#untold += data.length;
  }

  /** The first `count` bytes that were not told are among the bytes now. */
  tell(count: number): void {
    this.#end += count;
  }

  /** Takes the bytes that were not told. */
  takeUntold(): Uint8Array {
    if (this.#untold === this.#end) return NONE;
    const data = this.#bytes.slice(this.#end, this.#untold);
    this.#untold = this.#end;
    if (this.#isEmpty) this.#empty();
    return data;
  }

  /** Puts bytes back in front of the others. */
  prepend(chunks: readonly Uint8Array[]): void {
    const rest = this.takeAll();
    for (const chunk of [...chunks, rest]) this.append(chunk);
  }

  /** Takes up to `count` bytes off the front. Returns them in an array of their own. */
  take(count: number): Uint8Array {
    const size = Math.min(count, this.length);
    const bytes = this.#bytes;
    if (size === this.#untold && size >= bytes.length / 2 && (size === bytes.length || size >= LEAST_GIVEN)) {
      this.#empty();
      return size === bytes.length ? bytes : bytes.subarray(0, size);
    }
    const data = bytes.slice(this.#start, this.#start + size);
    this.drop(size);
    return data;
  }

  /** Takes all bytes. */
  takeAll(): Uint8Array {
    return this.take(this.length);
  }

  /** Drops up to `count` bytes off the front. */
  drop(count: number): void {
    this.#start += Math.min(count, this.length);
    if (this.#isEmpty) this.#empty();
  }

  #empty(): void {
    this.#bytes = NONE;
    this.#start = 0;
    this.#end = 0;
    this.#untold = 0;
  }

  /** Whether the bytes at an index are those of `pattern`. */
  startsWith(pattern: Uint8Array, index: number): boolean {
    return index + pattern.length <= this.length && this.#matches(pattern, this.#start + index);
  }

  /**
   * Index of the first occurrence of `pattern`, which is not empty, from index `from` on and ending not behind `to`; or
   * -1.
   */
  find(pattern: Uint8Array, from: number, to: number): number {
    const stop = this.#start + to - pattern.length + 1;
    let place = this.#start + from - 1;
    do {
      place = this.#findByte(pattern[0], place + 1, stop);
    } while (place >= 0 && !this.#matches(pattern, place));
    return place < 0 ? -1 : place - this.#start;
  }

  /** The first place of a byte from `from` on and before `stop`, or -1. */
  #findByte(byte: number, from: number, stop: number): number {
    if (from >= stop) return -1;
    const bytes = this.#bytes;
    // The byte at `stop` is made a match for the time of the search, so that nothing behind it is looked at: a view of
    // the stretch would do that too, but costs more than the search in a short line. Writing behind the array's end
    // does nothing.
    const covered = bytes[stop];
    bytes[stop] = byte;
    const place = bytes.indexOf(byte, from);
    bytes[stop] = covered;
    return place < stop ? place : -1;
  }

  #matches(pattern: Uint8Array, place: number): boolean {
    for (let index = 0; index < pattern.length; index++) {
      if (this.#bytes[place + index] !== pattern[index]) return false;
    }
    return true;
  }

  /**
   * Makes room for `count` bytes behind the end: by moving all to the front where that frees half of the array, else by
   * a new one, which has room for as many again.
   */
  #makeRoom(count: number): void {
    const kept = this.#untold - this.#start;
    const needed = kept + count;
    if (needed <= this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#start, this.#untold);
    } else {
      const bytes = new Uint8Array(Math.max(LEAST_CAPACITY, 2 * needed));
      bytes.set(this.#bytes.subarray(this.#start, this.#untold));
      this.#bytes = bytes;
    }
    this.#end -= this.#start;
    this.#untold = kept;
    this.#start = 0;
  }
}
