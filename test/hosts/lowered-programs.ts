// Random async functions for the suite: lowered, as code of the bundle, with what they do on V8's own promises.

import { type Lowered, lowerAsync } from "wasyncio/transform";
import { randomAsyncProgram } from "../support/async-programs.ts";
import { runNatively } from "../support/native-run.ts";
import { Random } from "../support/random.ts";

const SEED = 271_828_182;
const COUNT = 300;

/** A module whose default export is a list of `LoweredProgram`. */
export function loweredPrograms(): string {
  const programs = Array.from({ length: COUNT }, (_, stream) => {
    const code = randomAsyncProgram(new Random(SEED, stream));
    const trace = runNatively(`${code}\nreturn main();`);
    const lowered = lowerAsync(code, { file: `${stream}.cjs` }) as Lowered;
    return `{ start(log) { ${lowered.code}\nreturn main(); }, trace: ${JSON.stringify(trace)} }`;
  });
  // A program's own import is a `require`, since it stands in a function.
  return `import * as lowered from "wasyncio/lowered";
const require = () => lowered;
export default [${programs.join(",\n")}];`;
}
