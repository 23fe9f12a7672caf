// `test.simulated`: simulated programs as vitest's tests, with the token of a failure as an annotation, which reporters
// print.

import { type TestAPI, type TestContext, type TestOptions, test as vitestTest } from "vitest";
import { format } from "../support/format.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Program } from "../testing/simulation/program.ts";
import { expectPromises } from "./expect-promises.ts";
import { SIMULATED_OPTIONS, type SimulatedOptions, runTest } from "../testing/simulated.ts";

/** Options of a simulated test: those of `simulated`, and vitest's own: `timeout` in milliseconds, `retry`... */
export interface SimulatedTestOptions<T> extends SimulatedOptions<T>, TestOptions {}

type Name = string | Function;

/** Registers a test. */
interface Register {
  <T>(name: Name, program: Program<T>): void;
  <T>(name: Name, options: SimulatedTestOptions<T>, program: Program<T>): void;
}

/** Registers a test for each case: the program gets its values. The name has vitest's placeholders. */
export interface SimulatedEach<A extends readonly unknown[]> {
  <T>(name: Name, program: (...values: A) => Awaitable<T>): void;
  <T>(name: Name, options: SimulatedTestOptions<T>, program: (...values: A) => Awaitable<T>): void;
}

/** Registers tests that are simulated, or explored when their options have `runs` or a `strategy`. */
export interface SimulatedTest extends Register {
  /** Only this one and others like it. */
  readonly only: Register;
  readonly skip: Register;
  /** The test has to fail. */
  readonly fails: Register;
  /** A test that is not written yet. */
  todo(name: Name): void;
  /** A test for each case: an array gives the program its items, anything else itself. */
  each<A extends readonly unknown[] | [unknown]>(cases: readonly A[]): SimulatedEach<A>;
  each<A>(cases: readonly A[]): SimulatedEach<[A]>;
}

/**
 * vitest's own `test`, which here has `test.simulated` too: a test whose body is a `function*` that runs in a
 * simulation.
 *
 * @example
 * import { expect } from "vitest";
 * import { test } from "wasyncio/vitest";
 *
 * test.simulated("transfers keep the sum", { runs: 1000 }, function* () {
 *   const bank = new Bank();
 *   yield* gather(bank.transfer(1, 2, 10), bank.transfer(2, 1, 5));
 *   expect(bank.sum()).toBe(100);
 * });
 */
export const test: TestAPI & { readonly simulated: SimulatedTest } = new Proxy(
  vitestTest as TestAPI & { readonly simulated: SimulatedTest },
  { get: (target, key) => (key === "simulated" ? simulated : (Reflect.get(target, key) as unknown)) },
);

/** The names of vitest's own options. */
const VITEST_OPTIONS = [
  "timeout",
  "retry",
  "repeats",
  "concurrent",
  "sequential",
  "skip",
  "only",
  "todo",
  "fails",
  "tags",
  "meta",
];

type Body = (context: TestContext) => Promise<void>;

const simulated: SimulatedTest = Object.assign(registering(vitestTest), {
  only: registering(vitestTest.only),
  skip: registering(vitestTest.skip),
  fails: registering(vitestTest.fails),
  todo: (name: Name): void => vitestTest.todo(name),
  each: (cases: readonly unknown[]) => registeringEach(cases),
});

function registering(register: (name: Name, options: TestOptions, body: Body) => void): Register {
  return (name: Name, ...rest: readonly unknown[]): void => {
    const { options, program } = parse<() => Awaitable<unknown>>(rest);
    register(name, { ...options }, (context) => runIn(context, program, options));
  };
}

function registeringEach(cases: readonly unknown[]): SimulatedEach<unknown[]> {
  if (!Array.isArray(cases)) throw new TypeError(`Invalid cases: expected an array, got ${format(cases)}`);
  return (name: Name, ...rest: readonly unknown[]): void => {
    const { options, program } = parse<(...values: unknown[]) => Awaitable<unknown>>(rest);
    vitestTest.for(cases)(name, { ...options }, (values: unknown, context) =>
      runIn(context, () => program(...(Array.isArray(values) ? values : [values])), options),
    );
  };
}

/** What stands behind a test's name: options, if there are any, and the program. */
function parse<P extends Function>(rest: readonly unknown[]): { options: SimulatedTestOptions<unknown>; program: P } {
  const [options, program] = rest.length === 1 ? [{}, rest[0]] : rest;
  return {
    options: checkNames(options as object, [...SIMULATED_OPTIONS, ...VITEST_OPTIONS]),
    program: checkFunction(program as P, "program"),
  };
}

async function runIn(
  context: TestContext,
  program: Program<unknown>,
  options: SimulatedTestOptions<unknown>,
): Promise<void> {
  expectPromises();
  const failure = runTest(program, options);
  if (failure === null) return;
  // Vitest has annotations from 3.2 on.
  await (context as Partial<TestContext>).annotate?.(failure.token, "replay");
  throw failure.error;
}
