// Measures what a job costs a pool of two threads, for one side: prints microseconds of processor time a job, of all
// threads of the process. Jobs are submitted many at once, or each when the one before has ended.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as wasyncio from "wasyncio";
import type * as executors from "wasyncio/executors";

export type ExecutorSide = "ours" | "piscina" | "tinypool" | "workerpool";
export type ExecutorCase = "at once" | "one by one";

type Submit = (value: number) => PromiseLike<unknown>;

const WORKERS = 2;
const AT_ONCE = 20_000;
const ONE_BY_ONE = 2000;

const [folder = "", side = "ours", name = "at once"] = process.argv.slice(2);
const jobs = `${folder}/bench/children/executor-jobs.mjs`;

/** A package that the peers are in. */
const load = async (peer: string): Promise<Record<string, never>> => {
  const file = createRequire(`${folder}/tools/executors/package.json`).resolve(peer);
  return (await import(pathToFileURL(file).href)) as Record<string, never>;
};

type Pool = new (options: object) => { run: Submit };

async function peerSubmit(): Promise<Submit> {
  const threads = { minThreads: WORKERS, maxThreads: WORKERS };
  if (side === "workerpool") {
    const { default: workerpool } = (await load(side)) as unknown as {
      default: { pool(options: object): { exec(fn: unknown, args: unknown[]): PromiseLike<unknown> } };
    };
    const pool = workerpool.pool({ minWorkers: WORKERS, maxWorkers: WORKERS, workerType: "thread" });
    return (value) => pool.exec((each: unknown) => each, [value]);
  }
  const module = (await load(side)) as unknown as { default: Pool; Piscina?: Pool };
  const pool = new (module.Piscina ?? module.default)({ filename: pathToFileURL(jobs).href, ...threads });
  return (value) => pool.run(value);
}

function report(count: number, before: NodeJS.CpuUsage): never {
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify((user + system) / count));
  process.exit(0);
}

if (side === "ours") {
  const { gather, run } = (await import(pathToFileURL(`${folder}/dist/index.js`).href)) as typeof wasyncio;
  const { ThreadPoolExecutor } = (await import(
    pathToFileURL(`${folder}/dist/executors/index.js`).href
  )) as typeof executors;
  const { echo } = (await import(pathToFileURL(jobs).href)) as { echo(value: number): number };
  await run(function* () {
    const pool = new ThreadPoolExecutor({ maxWorkers: WORKERS });
    const all = (count: number) => gather(Array.from({ length: count }, (_, index) => pool.submit(echo, index)));
    for (let round = 0; round < 2; round++) yield* all(AT_ONCE);
    const before = process.cpuUsage();
    if (name === "at once") {
      yield* all(AT_ONCE);
      report(AT_ONCE, before);
    }
    for (let index = 0; index < ONE_BY_ONE; index++) yield* pool.submit(echo, index);
    report(ONE_BY_ONE, before);
  });
} else {
  const submit = await peerSubmit();
  const all = (count: number) => Promise.all(Array.from({ length: count }, (_, index) => submit(index)));
  for (let round = 0; round < 2; round++) await all(AT_ONCE);
  const before = process.cpuUsage();
  if (name === "at once") {
    await all(AT_ONCE);
    report(AT_ONCE, before);
  }
  for (let index = 0; index < ONE_BY_ONE; index++) await submit(index);
  report(ONE_BY_ONE, before);
}
