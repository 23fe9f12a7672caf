// A stream reader takes bytes as they come and gives them as they are asked for: lines, messages, so many bytes.

import { type Coroutine, createTask, forEach, run, sleep } from "wasyncio";
import { StreamReader } from "wasyncio/streams";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The other side: what it sends comes in pieces that mean nothing. */
function* send(reader: StreamReader): Coroutine<void> {
  for (const piece of ["HELLO wor", "ld\r", "\nDATA 5 abc", "deEOF\nfirst\nsec", "ond\nlast"]) {
    yield* sleep(0.01);
    reader.feedData(encode(piece));
  }
  reader.feedEof();
}

function* main(): Coroutine<void> {
  const reader = new StreamReader();
  createTask(send(reader));

  console.log("greeting:", decode(yield* reader.readuntil("\r\n")).trimEnd());
  const header = decode(yield* reader.readexactly("DATA 5 ".length));
  console.log("data:", decode(yield* reader.readexactly(Number(header.split(" ")[1]))));
  console.log("end:", decode(yield* reader.readline()).trimEnd());
  yield* forEach(reader, (line) => console.log("line:", decode(line).trimEnd()));
  console.log("nothing more:", reader.atEof());
}

await run(main());

// Prints:
// greeting: HELLO world
// data: abcde
// end: EOF
// line: first
// line: second
// line: last
// nothing more: true
