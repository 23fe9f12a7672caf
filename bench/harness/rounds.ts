// Rounds: every measurement once a round, in an order that turns with the rounds, so that a slow minute of the machine
// falls on all of them. Measurements that are compared with each other stand in one group, and so next to each other.

/** One thing that is measured again and again. */
export interface Job<R> {
  /** "gather on uvloop". */
  name: string;
  measure(): Promise<R>;
}

export interface Outcome<R> {
  /** What each job measured, in the order of the rounds. */
  results: Map<string, R[]>;
  /** Why a job failed, by its name. It is not tried again, and what it measured before does not count. */
  failures: Map<string, string>;
}

/** Where the progress goes. */
export interface Progress {
  /** A measurement begins, behind `done` of `total`. */
  begin(done: number, total: number, what: string): void;
  /** A round is over. */
  endRound(round: number, rounds: number): void;
  end(): void;
}

export async function runRounds<R>(
  groups: readonly (readonly Job<R>[])[],
  rounds: number,
  progress: Progress,
): Promise<Outcome<R>> {
  const results = new Map<string, R[]>();
  const failures = new Map<string, string>();
  const total = rounds * groups.flat().length;
  let done = 0;
  for (let round = 0; round < rounds; round++) {
    for (const group of groups) {
      for (let i = 0; i < group.length; i++) {
        const { name, measure } = group[(i + round) % group.length];
        progress.begin(done++, total, `${name}, round ${round + 1} of ${rounds}`);
        if (failures.has(name)) continue;
        try {
          const result = await measure();
          results.set(name, [...(results.get(name) ?? []), result]);
        } catch (error) {
          failures.set(name, (error as Error).message);
          results.delete(name);
        }
      }
    }
    progress.endRound(round, rounds);
  }
  progress.end();
  return { results, failures };
}

/** On a terminal a line that is written again and again, elsewhere a line a round. */
export function progressOnStderr(): Progress {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const { isTTY } = process.stderr;
  return {
    begin(done, total, what) {
      if (!isTTY) return;
      const left = done < 10 ? "" : `, ${Math.ceil((seconds() / done) * (total - done))} s left`;
      process.stderr.write(`\r\x1b[K${done} of ${total}${left}: ${what}`);
    },
    endRound(round, rounds) {
      if (!isTTY) console.error(`round ${round + 1} of ${rounds} done, ${seconds().toFixed(0)} s`);
    },
    end() {
      if (isTTY) process.stderr.write("\r\x1b[K");
    },
  };
}
