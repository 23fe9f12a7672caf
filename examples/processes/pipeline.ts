// Two child processes in a row: what the first one writes is changed on its way to the second one.

import { type Coroutine, forEach, gather, run } from "wasyncio";
import type { StreamReader, StreamWriter } from "wasyncio/streams";
import { PIPE, createSubprocessExec } from "wasyncio/subprocess";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function* shout(from: StreamReader, to: StreamWriter): Coroutine<void> {
  yield* forEach(from, function* (line): Coroutine<void> {
    to.write(encode(decode(line).toUpperCase()));
    yield* to.drain(); // a reader that is slow holds the first process up, and not the memory
  });
  to.close();
}

await run(function* () {
  const [first, second] = yield* gather(
    createSubprocessExec("printf", ["pear\napple\nfig\n"], { stdout: PIPE }),
    createSubprocessExec("sort", [], { stdin: PIPE, stdout: PIPE }),
  );
  const [sorted] = yield* gather(
    (second.stdout as StreamReader).read(),
    shout(first.stdout as StreamReader, second.stdin as StreamWriter),
  );
  console.log(decode(sorted).trimEnd());
  console.log(yield* gather(first.wait(), second.wait()));
});

// Prints:
// APPLE
// FIG
// PEAR
// [ 0, 0 ]
