// Random programs over one stream, and random races: data that asyncio and we both run.

import { Random, Weights } from "../../support/random.ts";

/** What a task does next: a name and its arguments. */
export type Op = readonly [name: string, ...args: unknown[]];

/** Tasks that share a reader, its protocol, a transport and a writer. */
export interface StreamProgram {
  readonly kind: "streams";
  readonly limit: number;
  /** Whether the transport can be paused. */
  readonly pausable: boolean;
  readonly tls: boolean;
  /** What the protocol does when the connection is made. */
  readonly client: "none" | "plain" | "failing" | "reading";
  readonly tasks: readonly (readonly Op[])[];
}

/** How an attempt of a race goes: it gives way, waits, and ends; "broken" ends the list of attempts by an error. */
export type Attempt = readonly [steps: number, wait: number, end: "win" | "fail" | "stubborn" | "slow" | "broken"];

export interface RaceProgram {
  readonly kind: "race";
  readonly delay: number | null;
  readonly eager: boolean;
  readonly attempts: readonly Attempt[];
  readonly cancels: readonly (readonly [at: number, message: string])[];
}

export type Program = StreamProgram | RaceProgram;

const OPS = new Weights([
  ["feed", 24],
  ["eof", 2],
  ["error", 1],
  ["read", 10],
  ["exactly", 8],
  ["line", 8],
  ["until", 10],
  ["lines", 3],
  ["within", 8],
  ["spin", 12],
  ["sleep", 5],
  ["cancel", 8],
  ["show", 4],
  ["feedOnResume", 3],
  ["made", 4],
  ["received", 4],
  ["eofReceived", 1],
  ["lost", 2],
  ["pauseWriting", 3],
  ["resumeWriting", 3],
  ["drain", 6],
  ["waitClosed", 2],
  ["close", 1],
] as const);
const READS = new Weights([
  ["read", 2],
  ["exactly", 2],
  ["line", 2],
  ["until", 2],
  ["drain", 1],
  ["waitClosed", 1],
] as const);
const LETTERS = ["a", "a", "a", "b", "b", ";", ";", "\n", "\n", "é"];
const SEPARATORS = ["\n", ";", "ab", ";\n", "ba;", "aab", "é"];

/** A program for each number of a seed: one in five is a race. */
export function generate(seed: number, index: number): Program {
  const random = new Random(seed, index);
  return index % 5 === 4 ? generateRace(random) : generateStreams(random);
}

function generateStreams(random: Random): StreamProgram {
  const tasks = Array.from({ length: 1 + random.below(4) }, () =>
    Array.from({ length: 1 + random.below(9) }, () => generateOp(random, random.weighted(OPS))),
  );
  // Most readers begin with a connection, else nothing pauses.
  if (random.chance(60)) tasks[0].unshift(["made"]);
  return {
    kind: "streams",
    limit: random.pick([1, 2, 3, 5, 8, 65_536]),
    pausable: random.chance(85),
    tls: random.chance(20),
    client: random.pick(["none", "none", "plain", "failing", "reading"]),
    tasks,
  };
}

function generateOp(random: Random, name: string): Op {
  switch (name) {
    case "feed":
    case "received":
    case "feedOnResume":
      return [name, text(random)];
    case "read":
      return random.chance(20) ? [name] : [name, random.below(9)];
    case "exactly":
      return [name, random.chance(3) ? -1 : random.below(9)];
    case "until":
      return [name, separators(random)];
    case "lines":
      return [name, 1 + random.below(4)];
    case "within":
      return [name, random.pick([0.5, 1, 1.5, 3]), generateOp(random, random.weighted(READS))];
    case "spin":
      return [name, 1 + random.below(4)];
    case "sleep":
      return [name, random.pick([0.5, 1, 2])];
    case "cancel":
      return [name, random.below(4)];
    case "error":
      return [name, "error"];
    case "lost":
      return [name, random.chance(50) ? null : "lost"];
    default:
      return [name];
  }
}

function text(random: Random): string {
  return Array.from({ length: random.below(random.chance(30) ? 14 : 5) }, () => random.pick(LETTERS)).join("");
}

function separators(random: Random): string[] {
  const list = Array.from({ length: 1 + random.below(3) }, () => random.pick(SEPARATORS));
  return random.chance(2) ? [...list, ""] : list;
}

function generateRace(random: Random): RaceProgram {
  const ends = ["win", "fail", "fail", "fail", "stubborn", "slow"] as const;
  return {
    kind: "race",
    delay: random.pick([null, 0, 1, 1, 2, 0.5]),
    eager: random.chance(25),
    attempts: Array.from(
      { length: random.below(6) },
      () => [random.below(3), random.pick([0, 0, 1, 2, 4]), random.chance(4) ? "broken" : random.pick(ends)] as const,
    ),
    cancels: Array.from({ length: random.chance(40) ? 1 + random.below(2) : 0 }, () => [
      random.pick([0, 0.5, 1, 2, 3]),
      random.pick(["", "stop"]),
    ]),
  };
}
