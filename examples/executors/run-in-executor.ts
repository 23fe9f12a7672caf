// Functions that compute, beside tasks: `runInExecutor` gives futures, which `gather` and `asCompleted` take.

import { asCompleted, gather, run, sleep } from "wasyncio";
import { ProcessPoolExecutor, job, runInExecutor } from "wasyncio/executors";

const countWords = job(import.meta, function countWords(lines: string[]) {
  const counts = new Map<string, number>();
  for (const word of lines.flatMap((line) => line.split(" "))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
});

const countFor = job(import.meta, function countFor(milliseconds: number) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
  return milliseconds;
});

function* tick() {
  yield* sleep(0);
  console.log("the loop is free");
}

await run(function* () {
  const text = ["a rose is a rose", "is a rose", "a thorn is a thorn"];
  yield* new ProcessPoolExecutor({ maxWorkers: 2 }).with(function* (pool) {
    const partitions = [text.slice(0, 2), text.slice(2)];
    const [first, second] = yield* gather(
      gather(partitions.map((lines) => runInExecutor(pool, countWords, lines))),
      tick(),
    );
    const [left = new Map<string, number>(), right = new Map<string, number>()] = first;
    for (const [word, count] of right) left.set(word, (left.get(word) ?? 0) + count);
    console.log(left, second);

    for (const next of asCompleted([500, 1].map((time) => runInExecutor(pool, countFor, time))))
      console.log(`${yield* next} ms`);
  });
});

// Prints:
// the loop is free
// Map(4) { 'a' => 5, 'rose' => 3, 'is' => 3, 'thorn' => 2 } undefined
// 1 ms
// 500 ms
