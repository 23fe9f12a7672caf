// A queue whose workers, Redis and submitter are killed, each at random moments, while jobs go through it.

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Running, start } from "../support/processes.ts";
import { Random } from "../support/random.ts";
import { RedisServer } from "../support/redis.ts";

/** Whom to kill. */
const VICTIMS = ["worker", "redis", "submitter"] as const;
type Victim = (typeof VICTIMS)[number];

/** What came of it. */
export interface Killings {
  /** How often jobs were run. */
  readonly runs: number;
  /** How many jobs were run more than once. */
  readonly repeated: number;
  /** What is wrong: none when each job gave its result, once. */
  readonly reports: readonly string[];
}

/** Bytes that a job notes when it has run. */
const NOTE = 8;

const WORKERS = 2;
const JOBS = "test/soak/queue-jobs.mjs";
const SUBMITTER = "test/soak/queue-submitter.mjs";

/** Sends `count` jobs, and kills each of the victims `kills` times. */
export async function playKills(
  seed: number,
  count: number,
  kills: number,
  log: (line: string) => void,
): Promise<Killings> {
  const random = new Random(seed, 0);
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-soak-"));
  const [ledger, results] = [join(folder, "ledger"), join(folder, "results")];
  const redis = await RedisServer.start();
  const startNode = (...command: string[]): Running => start([process.execPath, ...command], { limit: null });
  const where = ["--queue", "soak", "--connection", redis.url];
  const startWorker = (): Running => startNode("dist/cli/main.js", "worker", ...where, "--lock", "10", JOBS);
  const startSubmitter = (): Running => startNode(SUBMITTER, redis.url, String(count), ledger, results);
  const workers = Array.from({ length: WORKERS }, startWorker);
  let submitter = startSubmitter();

  const kill: Record<Victim, () => Promise<void>> = {
    async worker() {
      const index = random.below(WORKERS);
      await killed(workers[index]);
      workers[index] = startWorker();
    },
    async redis() {
      await redis.kill();
      await delay(random.below(1000));
      await redis.start();
    },
    async submitter() {
      await killed(submitter);
      submitter = startSubmitter();
    },
  };

  try {
    const moments = VICTIMS.flatMap((victim) =>
      Array.from({ length: kills }, () => ({ victim, at: 1 + random.below(Math.floor(0.9 * count)) })),
    ).sort((left, right) => left.at - right.at);
    for (const { victim, at } of moments) {
      while (sizeOf(ledger) / NOTE < at) await delay(2);
      log(`kill -9 of the ${victim} after ${sizeOf(ledger) / NOTE} runs`);
      await kill[victim]();
    }
    const { end, stderr } = await submitter.ended;
    const runs = linesOf(ledger);
    const ended = end === 0 ? [] : [`the submitter ended with ${end}: ${stderr}`];
    return {
      runs: runs.length,
      repeated: [...countsOf(runs).values()].filter((times) => times > 1).length,
      reports: [...ended, ...faultsIn(linesOf(results), count)],
    };
  } finally {
    await Promise.all([submitter, ...workers].map(killed));
    await redis.stop();
    rmSync(folder, { recursive: true });
  }
}

async function killed({ child, ended }: Running): Promise<void> {
  child.kill("SIGKILL");
  await ended;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const linesOf = (file: string): string[] =>
  readFileSync(file, "utf8")
    .trim()
    .split(/\s*\n\s*/);

function countsOf(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** What is wrong with results: each is to be there, and once. */
function faultsIn(results: readonly string[], count: number): string[] {
  const counts = countsOf(results);
  const expected = new Set(Array.from({ length: count }, (_, number) => `square-${number} ${number * number}`));
  const lost = [...expected].filter((line) => !counts.has(line));
  const wrong = [...counts].filter(([line, times]) => times > 1 || !expected.has(line));
  return [
    ...lost.map((line) => `lost: ${line}`),
    ...wrong.map(([line, times]) => `${times} times, in place of once or not at all: ${line}`),
  ];
}
