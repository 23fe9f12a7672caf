// The libraries whose own tests are run, and how. Versions are those of the checkouts.

/** What runs tests, and prints them as TAP. */
export type RunnerName = "ava" | "mocha" | "node" | "tape";

export interface Suite {
  /** The library, and the folder of its checkout. */
  readonly name: string;
  /** On GitHub. */
  readonly repository: string;
  readonly runner: RunnerName;
  /** Its files of tests, as a glob. Default: test.js */
  readonly files?: string;
}

const of = (owner: string, name: string, runner: RunnerName, files?: string): Suite => ({
  name,
  repository: `${owner}/${name}`,
  runner,
  ...(files === undefined ? {} : { files }),
});

export const suites: readonly Suite[] = [
  of("sindresorhus", "delay", "node"),
  of("mcollina", "fastq", "tape", "test/*.js"),
  of("IndigoUnited", "node-promise-retry", "mocha", "test/*.js"),
  of("nodeshift", "opossum", "tape", "test/*.js"),
  of("sindresorhus", "p-all", "ava"),
  of("sindresorhus", "p-any", "ava"),
  of("sindresorhus", "p-debounce", "node"),
  of("sindresorhus", "p-event", "ava"),
  of("sindresorhus", "p-filter", "ava"),
  of("sindresorhus", "p-lazy", "ava"),
  of("sindresorhus", "p-limit", "ava"),
  of("sindresorhus", "p-locate", "ava"),
  of("sindresorhus", "p-map", "ava"),
  of("sindresorhus", "p-props", "ava"),
  of("sindresorhus", "p-queue", "node", "test/*.ts"),
  of("sindresorhus", "p-reduce", "ava"),
  of("sindresorhus", "p-retry", "ava"),
  of("sindresorhus", "p-settle", "ava"),
  of("sindresorhus", "p-some", "ava"),
  of("sindresorhus", "p-throttle", "ava", "tests/*.js"),
  of("sindresorhus", "p-timeout", "ava"),
  of("sindresorhus", "p-wait-for", "ava"),
  of("sindresorhus", "p-waterfall", "ava"),
];
