// Frames of WebSocket (RFC 6455, chapter 5): what messages, and what is said about the connection, are sent in.

import { randomFillSync } from "node:crypto";
import type { Coroutine } from "wasyncio";
import type { StreamReader } from "wasyncio/streams";

/** What a frame is for. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;
const OPCODES = [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG];

const FINAL = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** Lengths that do not fit into seven bits stand behind one of these, in so many bytes. */
const IN_TWO_BYTES = 126;
const IN_EIGHT_BYTES = 127;
const MOST_IN_CONTROL = 125;

/** Codes with which a connection is closed for what was wrong with a frame. */
export const PROTOCOL_ERROR = 1002;
export const TOO_BIG = 1009;

/** The other side has sent what is not allowed: the connection is closed with this code. */
export class FrameError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A frame. */
export interface Frame {
  readonly opcode: number;
  /** Whether a message ends with it. */
  readonly isFinal: boolean;
  readonly payload: Uint8Array;
}

/** Whether a frame is about the connection: such ones may come between those of a message. */
export const isControl = (opcode: number): boolean => opcode >= CLOSE;

/**
 * Reads a frame.
 * @param isMasked whether it has to be: a client's frames are, a server's are not
 * @param mostBytes of its payload
 * @throws FrameError for one that is not allowed
 * @throws IncompleteReadError when the connection has ended
 */
export function* readFrame(reader: StreamReader, isMasked: boolean, mostBytes: number): Coroutine<Frame> {
  const [first, second] = yield* reader.readexactly(2);
  const opcode = first & OPCODE;
  const isFinal = (first & FINAL) !== 0;
  if ((first & RESERVED) !== 0) throw new FrameError(PROTOCOL_ERROR, "a reserved bit is set");
  if (!OPCODES.includes(opcode)) throw new FrameError(PROTOCOL_ERROR, `unknown opcode ${opcode}`);
  if (((second & MASKED) !== 0) !== isMasked)
    throw new FrameError(PROTOCOL_ERROR, `a frame that is ${isMasked ? "not " : ""}masked`);
  const short = second & LENGTH;
  if (isControl(opcode) && (!isFinal || short > MOST_IN_CONTROL))
    throw new FrameError(PROTOCOL_ERROR, "a control frame that is too long, or in pieces");
  const length = short < IN_TWO_BYTES ? short : yield* readLength(reader, short === IN_TWO_BYTES ? 2 : 8);
  if (length > mostBytes) throw new FrameError(TOO_BIG, `${length} bytes are too many`);
  const mask = isMasked ? yield* reader.readexactly(4) : null;
  const payload = yield* reader.readexactly(length);
  if (mask !== null) applyMask(payload, mask);
  return { opcode, isFinal, payload };
}

function* readLength(reader: StreamReader, bytes: 2 | 8): Coroutine<number> {
  const data = yield* reader.readexactly(bytes);
  return data.reduce((length, byte) => length * 256 + byte, 0); // beyond 2 ** 53 not exact, and too big anyway
}

/** The bytes of a frame; its payload is copied. */
export function encodeFrame({ opcode, isFinal, payload }: Frame, isMasked: boolean): Uint8Array {
  const { length } = payload;
  const extended = length < IN_TWO_BYTES ? 0 : length < 0x1_0000 ? 2 : 8;
  const start = 2 + extended + (isMasked ? 4 : 0);
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  frame[0] = opcode | (isFinal ? FINAL : 0);
  frame[1] = (isMasked ? MASKED : 0) | (extended === 0 ? length : extended === 2 ? IN_TWO_BYTES : IN_EIGHT_BYTES);
  if (extended === 2) view.setUint16(2, length);
  else if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, start);
  if (isMasked) applyMask(frame.subarray(start), randomFillSync(frame.subarray(start - 4, start)));
  return frame;
}

/** Masks a payload where it stands, or takes its mask off. */
function applyMask(payload: Uint8Array, mask: Uint8Array): void {
  for (let index = 0; index < payload.length; index++) payload[index] ^= mask[index & 3];
}
