// A child process is read line by line while it runs, and its exit code tells how it has ended.

import { forEach, run } from "wasyncio";
import { PIPE, type Process, createSubprocessShell } from "wasyncio/subprocess";
import type { StreamReader } from "wasyncio/streams";

const COUNT = "for i in 1 2 3; do echo line $i; done; exit 7";

await run(function* () {
  const process: Process = yield* createSubprocessShell(COUNT, { stdout: PIPE });
  yield* forEach(process.stdout as StreamReader, (line) => {
    console.log(new TextDecoder().decode(line).trimEnd());
  });
  console.log("exit code", yield* process.wait());
});

// Prints:
// line 1
// line 2
// line 3
// exit code 7
