// Loaded into a process of tests before them: the files of the library and its tests are lowered as they are loaded,
// and a loop runs in real time. Async functions that the runner calls are tasks of it. Tests of runners that go by
// callbacks are started in it: their class is in a file of the runner, which `?starts=` names.

import { createRequire } from "node:module";
import { DeadlockError, Future, getRunningLoop, run } from "wasyncio";
import "wasyncio/register";

let loop;
const ended = run(function* () {
  loop = getRunningLoop();
  yield* new Future();
});
// Nothing is left to do: the process ends.
ended.catch((error) => {
  if (!(error instanceof DeadlockError)) throw error;
});

const starts = new URL(import.meta.url).searchParams.get("starts");
if (starts !== null) {
  const { prototype } = createRequire(import.meta.url)(starts);
  const start = prototype.run;
  prototype.run = function (...args) {
    loop.callSoon(() => Reflect.apply(start, this, args));
  };
}
