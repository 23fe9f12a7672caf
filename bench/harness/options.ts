// The options that the instruments share, and what their values may be.

import { statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_ENGINE, ENGINES, type Engine, type EngineName, findEngine } from "./engine.ts";
import { describeLoad, describeMachine } from "./machine.ts";

export interface CommonOptions {
  rounds: number;
  host: EngineName;
  json?: string;
}

/** A command with the options that every instrument has. */
export function createCommand(
  name: string,
  description: string,
  rounds: number,
  hosts: readonly string[] = ENGINES,
): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .option("--rounds <number>", "how often each measurement is made", positiveInteger, rounds)
    .addOption(
      new Option("--host <engine>", "the engine that all sides of JavaScript run on")
        .choices(hosts)
        .default(DEFAULT_ENGINE),
    )
    .option("--json <file>", "write all figures to a file", writableFile)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** Parses names separated by commas into those of `known`, in its order. */
export function listOf<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    const unknown = names.filter((name) => !known.includes(name as T));
    if (unknown.length > 0) throw new InvalidArgumentError(`Unknown: ${unknown.join(", ")}.`);
    return known.filter((name) => names.includes(name));
  };
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1.");
  return Number(text);
}

export function writableFile(file: string): string {
  const folder = dirname(resolve(file));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new InvalidArgumentError(`No folder ${folder}.`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new InvalidArgumentError("It is a folder.");
  return file;
}

export function checkout(folder: string): string {
  if (!statSync(resolve(folder, "dist/index.js"), { throwIfNoEntry: false })) {
    throw new InvalidArgumentError(`No built checkout: ${folder}.`);
  }
  return folder;
}

/** The engine that was asked for; without it the process ends, and says so. */
export const requireEngine = async (name: EngineName): Promise<Engine> => required(await findEngine(name));

/** What was found; with a reason why it was not, the process ends, and says so. */
export function required<T>(found: T | string): T {
  if (typeof found !== "string") return found;
  console.error(`bench: ${found}`);
  process.exit(2);
}

/** Where and when figures were made. */
export interface Run {
  readonly date: string;
  readonly machine: string;
  /** Says that the machine was busy; null: it was not. */
  readonly busy: string | null;
}

/** For the file of figures: taken before the first of them. */
export function describeRun(): Run {
  return { date: new Date().toISOString(), machine: describeMachine(), busy: describeLoad() };
}

export function writeJson(file: string | undefined, figures: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

/** Ends a run: says what was wrong with it, and writes what was measured. */
export function conclude<F extends Run>(
  file: string | undefined,
  failures: ReadonlyMap<string, string>,
  figures: F,
): void {
  if (figures.busy !== null) console.log(figures.busy);
  for (const [key, message] of failures) console.log(`${key} failed: ${message}`);
  process.exitCode = failures.size > 0 ? 1 : 0;
  writeJson(file, { ...figures, failures: Object.fromEntries(failures) });
}
