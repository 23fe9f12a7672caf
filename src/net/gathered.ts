// Bytes that are sent together when the turn ends. They are copied, because the program may change its arrays by then;
// the room for that is used again as soon as the system has taken them.

const LEAST_ROOM = 1024;
/** Room that is not in use: what a burst has needed beyond that is let go of. */
const spare: Uint8Array[] = [];
const MOST_SPARE = 16;
const NONE = new Uint8Array();

/** What a transport has gathered in a turn. */
export class Gathered {
  #bytes: Uint8Array = NONE;
  #length = 0;

  /** Number of bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds a copy of `data` at the end. */
  append(data: Uint8Array): void {
    const length = this.#length + data.length;
    if (length > this.#bytes.length) this.#makeRoom(length);
    this.#bytes.set(data, this.#length);
    this.#length = length;
  }

  #makeRoom(length: number): void {
    const before = this.#bytes;
    let room = before === NONE ? spare.pop() : undefined;
    if (room === undefined || room.length < length) room = new Uint8Array(Math.max(LEAST_ROOM, 2 * length));
    room.set(before.subarray(0, this.#length));
    this.#bytes = room;
  }

  /** Takes all bytes, in an array that is the caller's, or may be given back. */
  takeAll(): Uint8Array {
    const data = this.#bytes.subarray(0, this.#length);
    this.#bytes = NONE;
    this.#length = 0;
    return data;
  }
}

/** Nobody has any use for an array of `takeAll` any more. */
export function giveBack({ buffer }: Uint8Array): void {
  if (spare.length < MOST_SPARE) spare.push(new Uint8Array(buffer));
}
