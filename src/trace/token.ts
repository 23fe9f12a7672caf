// Tokens: a run in one line. A token holds the settings, what was decided, and what tells whether it is that run again:
// the version of the core, and the digest at the end.
//
// "w1", four characters for the core, and base64url of these bytes, numbers as varints where nothing else is said:
//   flags      1 any order, 2 with a window, 4 with a seed, 8 with a list of decisions, 16 with a lateness,
//              32 JavaScript's order
//   digest     4 bytes, the lower half
//   window     8 bytes, float64, if there is one
//   lateness   in percent, if there is one
//   seed       if there is one
//   length     decisions up to the last that was not 0
//   decisions  a list: of each that is not 0, how many come before it since the last one, and the choice;
//              else each in as many bits as its number of candidates asks for, lowest bit first
// Whichever of the two is shorter is used: the list after shrinking, the bits before.

import { CORE_FINGERPRINT } from "../core/abi.ts";
import { TokenError } from "../errors/testing.ts";
import { format } from "../support/format.ts";

const VERSION = "w1";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SHAPE = /^w1([\w-]{4})([\w-]+)$/;

const ANY_ORDER = 1;
const WITH_WINDOW = 2;
const WITH_SEED = 4;
const LISTED = 8;
const WITH_LATENESS = 16;
const JAVASCRIPT_ORDER = 32;
const ALL_FLAGS = 63;

/**
 * Which orders may be chosen: any of what is ready, those that asyncio's own loop could take when timers are late, or
 * those of JavaScript then, where a timer waits for all jobs.
 */
export type Orders = "any" | "asyncio" | "javascript";

/** All of them. */
export const ORDERS: readonly Orders[] = ["any", "asyncio", "javascript"];

const ORDER_FLAGS: Readonly<Record<Orders, number>> = { any: ANY_ORDER, asyncio: 0, javascript: JAVASCRIPT_ORDER };

/** What a run was under, and how it ended. */
export interface RunIdentity {
  readonly orders: Orders;
  /** Seconds. */
  readonly window: number;
  /** How many percent of its length a delay may be late. */
  readonly latePercent: number;
  readonly seed: number;
  /** 16 hexadecimal digits; of a token that is read, the lower 8. */
  readonly digest: string;
}

/** The token of a run: what was chosen, and from how many candidates, at each point. */
export function writeToken(run: RunIdentity, made: readonly number[], counts: readonly number[]): string {
  const choices = made.slice(0, made.findLastIndex((choice) => choice !== 0) + 1);
  const list = new ByteWriter();
  let last = -1;
  for (const [index, choice] of choices.entries()) {
    if (choice === 0) continue;
    list.varint(index - last - 1);
    list.varint(choice);
    last = index;
  }
  const bits = new ByteWriter();
  for (const [index, choice] of choices.entries()) bits.bits(choice, bitsFor(counts[index]));
  const isList = list.bytes.length < bits.bytes.length;

  const body = new ByteWriter();
  body.bytes.push(
    ORDER_FLAGS[run.orders] |
      (run.window > 0 ? WITH_WINDOW : 0) |
      (run.seed > 0 ? WITH_SEED : 0) |
      (isList ? LISTED : 0) |
      (run.latePercent > 0 ? WITH_LATENESS : 0),
  );
  const view = new DataView(new ArrayBuffer(12));
  view.setUint32(0, Number.parseInt(run.digest.slice(8), 16));
  view.setFloat64(4, run.window);
  body.bytes.push(...new Uint8Array(view.buffer, 0, run.window > 0 ? 12 : 4));
  if (run.latePercent > 0) body.varint(run.latePercent);
  if (run.seed > 0) body.varint(run.seed);
  body.varint(choices.length);
  body.bytes.push(...(isList ? list : bits).bytes);
  return VERSION + CORE + toText(body.bytes);
}

/** What a token says: under what its run was, and what was chosen in it. */
export class TokenReader implements RunIdentity {
  readonly orders: Orders;
  readonly window: number;
  readonly latePercent: number;
  readonly seed: number;
  /** Lower half, 8 hexadecimal digits. */
  readonly digest: string;
  readonly #token: string;
  readonly #reader: ByteReader;
  readonly #isList: boolean;
  readonly #start: number;
  readonly #length: number;
  #read = 0;
  /** Decisions before the next one on the list, or -1 when that was not read. */
  #gap = -1;

  /** Throws TypeError for what is no string, TokenError when it is no token, or one of another version of the core. */
  constructor(token: string) {
    if (typeof token !== "string") throw new TypeError(`Invalid token: expected a string, got ${format(token)}`);
    const [, core, body] = SHAPE.exec(token) ?? [];
    if (core === undefined || body === undefined) throw noToken(token);
    if (core !== CORE) {
      throw new TokenError(
        `Cannot replay: token ${token} was made by another version of the scheduler core (${core}, here it is ${CORE})`,
      );
    }
    this.#token = token;
    const reader = new ByteReader(toBytes(body), token);
    const flags = reader.byte();
    const orders = ORDERS.find((each) => ORDER_FLAGS[each] === (flags & (ANY_ORDER | JAVASCRIPT_ORDER)));
    if (flags > ALL_FLAGS || orders === undefined) throw noToken(token);
    this.orders = orders;
    const view = new DataView(new ArrayBuffer(12));
    for (let index = 0; index < (flags & WITH_WINDOW ? 12 : 4); index++) view.setUint8(index, reader.byte());
    this.digest = view.getUint32(0).toString(16).padStart(8, "0");
    this.window = view.getFloat64(4);
    this.latePercent = flags & WITH_LATENESS ? reader.varint() : 0;
    this.seed = flags & WITH_SEED ? reader.varint() : 0;
    this.#length = reader.varint();
    if (
      !(this.window >= 0 && this.window < Infinity) ||
      !Number.isSafeInteger(this.latePercent) ||
      !Number.isSafeInteger(this.seed) ||
      !Number.isSafeInteger(this.#length)
    )
      throw new TokenError(`Cannot replay: token ${token} is damaged`);
    this.#isList = (flags & LISTED) !== 0;
    this.#reader = reader;
    this.#start = reader.place;
  }

  /** Goes back to the first decision. */
  rewind(): void {
    this.#reader.goTo(this.#start);
    this.#read = 0;
    this.#gap = -1;
  }

  /** The next decision, among `count` candidates. Throws TokenError when the token's run had more of them there. */
  next(count: number): number {
    if (this.#read === this.#length) return 0;
    this.#read++;
    const choice = this.#isList ? this.#listed() : this.#reader.bits(bitsFor(count));
    if (choice >= count) throw this.#anotherProgram(`${count} could run where ${choice + 1} could`);
    return choice;
  }

  /** Throws TokenError when a run that ended with this digest was not the one that the token is of. */
  verify(digest: string): void {
    if (this.#read < this.#length)
      throw this.#anotherProgram(`it ended after ${this.#read} of ${this.#length} decisions`);
    if (digest.slice(8) !== this.digest) throw this.#anotherProgram("its steps are others");
  }

  #listed(): number {
    if (this.#gap < 0) this.#gap = this.#reader.varint();
    return this.#gap-- > 0 ? 0 : this.#reader.varint();
  }

  #anotherProgram(difference: string): TokenError {
    return new TokenError(
      `Cannot replay: token ${this.#token} was made by another version of the program, or under other options: ${difference}`,
    );
  }
}

/** The version of the core, in four characters. */
const CORE = toText([CORE_FINGERPRINT >>> 16, (CORE_FINGERPRINT >>> 8) & 255, CORE_FINGERPRINT & 255]);

function noToken(token: string): TokenError {
  return new TokenError(`Cannot replay: ${format(token)} is no token of this library's`);
}

function bitsFor(count: number): number {
  return 32 - Math.clz32(count - 1);
}

class ByteWriter {
  readonly bytes: number[] = [];
  #free = 0;

  varint(value: number): void {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) this.bytes.push((value % 0x80) | 0x80);
    this.bytes.push(value);
  }

  bits(value: number, width: number): void {
    for (let bit = 0; bit < width; bit++) {
      if (this.#free === 0) {
        this.bytes.push(0);
        this.#free = 8;
      }
      const last = this.bytes.length - 1;
      this.bytes[last] = this.bytes[last] | (((value >>> bit) & 1) << (8 - this.#free--));
    }
  }
}

class ByteReader {
  place = 0;
  readonly #bytes: readonly number[];
  readonly #token: string;
  #left = 0;

  constructor(bytes: readonly number[], token: string) {
    this.#bytes = bytes;
    this.#token = token;
  }

  goTo(place: number): void {
    this.place = place;
    this.#left = 0;
  }

  byte(): number {
    const byte = this.#bytes[this.place++];
    this.#left = 0;
    if (byte === undefined) throw new TokenError(`Cannot replay: token ${this.#token} is cut short`);
    return byte;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    let byte: number;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  bits(width: number): number {
    let value = 0;
    for (let bit = 0; bit < width; bit++) {
      if (this.#left === 0) {
        this.byte();
        this.#left = 8;
      }
      value |= ((this.#bytes[this.place - 1] >>> (8 - this.#left--)) & 1) << bit;
    }
    return value;
  }
}

function toText(bytes: readonly number[]): string {
  const writer = [];
  for (let bit = 0; bit < 8 * bytes.length; bit += 6) {
    const [first = 0, second = 0] = bytes.slice(bit >> 3);
    writer.push(ALPHABET[(((first << 8) | second) >>> (10 - (bit & 7))) & 63]);
  }
  return writer.join("");
}

function toBytes(text: string): number[] {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    value = ((value << 6) | ALPHABET.indexOf(character)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >>> bits) & 255);
  }
  return bytes;
}
