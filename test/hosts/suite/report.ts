// What the suite says of itself: a line for each test, as plain data that every host can hand over.

import { sameData } from "../../support/same-data.ts";

/** A test: how it went wrong, if it did. */
export interface Result {
  readonly name: string;
  readonly error?: string;
}

/** Milliseconds that a test may take. */
const LIMIT_MS = 60_000;
const LONGEST_ERROR = 3000;

export class Report {
  readonly results: Result[] = [];
  readonly #begin: (name: string) => void;

  /** @param begin is told of each test before it runs */
  constructor(begin: (name: string) => void = () => {}) {
    this.#begin = begin;
  }

  /** Runs a test. */
  async test(name: string, body: () => unknown): Promise<void> {
    this.#begin(name);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    });
    try {
      await Promise.race([body(), late]);
      this.results.push({ name });
    } catch (error) {
      this.results.push({ name, error: describe(error) });
    } finally {
      clearTimeout(timer);
    }
  }
}

function describe(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error);
  return text.slice(0, LONGEST_ERROR);
}

/** Throws Error unless the two are the same data. */
export function same(actual: unknown, expected: unknown): void {
  if (!sameData(actual, expected))
    throw new Error(`got ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`);
}

/** Throws Error unless a condition holds. */
export function check(condition: boolean, found: unknown): void {
  if (!condition) throw new Error(`got ${JSON.stringify(found)}`);
}

/** Lets the host do what else it has to do: a page that never does is taken for hung. */
export const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0));

export const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
