// Messages of the domain name system (RFC 1035): what a server of addresses reads and writes of them.

/** Types of records and classes, as the protocol numbers them. */
const TYPE_A = 1;
const TYPE_ANY = 255;
const CLASS_IN = 1;

/** How a query was answered. */
export const NO_ERROR = 0;
export const FORMAT_ERROR = 1;
export const NAME_ERROR = 3;
export const NOT_IMPLEMENTED = 4;

/** Bytes of a header, and most bytes of a message over UDP. */
const HEADER_SIZE = 12;
const MOST_BYTES = 512;

const FLAG_RESPONSE = 0x8000;
const FLAG_AUTHORITATIVE = 0x0400;
const FLAG_TRUNCATED = 0x0200;
const FLAG_RECURSION_DESIRED = 0x0100;
const OPCODE = 0x7800;

/** What somebody asks. */
export interface Query {
  readonly id: number;
  readonly flags: number;
  /** In lower case, without a dot at its end. */
  readonly name: string;
  readonly type: number;
  /** The question as it came: an answer repeats it. */
  readonly question: Uint8Array;
}

/** Whether IPv4 addresses are an answer to a query. */
export const asksForAddresses = ({ type }: Query): boolean => type === TYPE_A || type === TYPE_ANY;

/** Whether a query is a standard one: others are for servers that can do more. */
export const isStandard = ({ flags }: Query): boolean => (flags & OPCODE) === 0;

/** Reads a query. Returns null for what is none, and a query without a question for one that is not well formed. */
export function parse(message: Uint8Array): Query | null {
  if (message.length < HEADER_SIZE) return null;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const id = view.getUint16(0);
  const flags = view.getUint16(2);
  if ((flags & FLAG_RESPONSE) !== 0) return null; // never answer an answer
  const malformed: Query = { id, flags, name: "", type: 0, question: new Uint8Array() };
  if (view.getUint16(4) !== 1) return malformed;
  const labels: string[] = [];
  let end = HEADER_SIZE;
  for (;;) {
    const length = message[end++];
    if (length === 0) break;
    if (length === undefined || length > 63 || end + length > message.length) return malformed;
    labels.push(String.fromCharCode(...message.subarray(end, end + length)));
    end += length;
  }
  if (end + 4 > message.length || view.getUint16(end + 2) !== CLASS_IN) return malformed;
  const question = message.slice(HEADER_SIZE, end + 4);
  return { id, flags, name: labels.join(".").toLowerCase(), type: view.getUint16(end), question };
}

/** The answer to a query: addresses, which are valid for `ttl` seconds, and how it went. */
export function answer(query: Query, code: number, addresses: readonly string[], ttl: number): Uint8Array {
  const records = addresses.map((address) => record(address, ttl));
  const length = records.reduce((total, each) => total + each.length, HEADER_SIZE + query.question.length);
  const isTruncated = length > MOST_BYTES;
  const sent = isTruncated ? [] : records;
  const message = new Uint8Array(isTruncated ? HEADER_SIZE + query.question.length : length);
  const view = new DataView(message.buffer);
  const kept = query.flags & (OPCODE | FLAG_RECURSION_DESIRED);
  view.setUint16(0, query.id);
  view.setUint16(2, FLAG_RESPONSE | FLAG_AUTHORITATIVE | kept | (isTruncated ? FLAG_TRUNCATED : 0) | code);
  view.setUint16(4, query.question.length > 0 ? 1 : 0);
  view.setUint16(6, sent.length);
  let end = HEADER_SIZE;
  for (const part of [query.question, ...sent]) {
    message.set(part, end);
    end += part.length;
  }
  return message;
}

/** A record of an address, under the name of the question. */
function record(address: string, ttl: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xc000 | HEADER_SIZE); // "the name at the beginning of the question"
  view.setUint16(2, TYPE_A);
  view.setUint16(4, CLASS_IN);
  view.setUint32(6, ttl);
  view.setUint16(10, 4);
  bytes.set(address.split(".").map(Number), 12);
  return bytes;
}
