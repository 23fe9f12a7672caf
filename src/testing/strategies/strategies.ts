// From what a caller says to a strategy: a name, a name with settings, or a strategy of the caller's own.

import { format } from "../../support/format.ts";
import { checkFunction } from "../../support/checks.ts";
import type { RandomStream } from "../../support/random.ts";
import { DelayStrategy } from "./delay.ts";
import { ExhaustiveStrategy } from "./exhaustive.ts";
import { FifoStrategy } from "./fifo.ts";
import { PctStrategy } from "./pct.ts";
import { PortfolioStrategy } from "./portfolio.ts";
import { RandomStrategy } from "./random.ts";
import type { Strategy } from "./strategy.ts";
import { UniformStrategy } from "./uniform.ts";

/** The names of the strategies. */
export type StrategyName = "fifo" | "random" | "pct" | "uniform" | "delay" | "exhaustive" | "portfolio";

/** A strategy by its name, with its settings. */
export type StrategySettings =
  | { readonly strategy: Exclude<StrategyName, "pct" | "delay"> }
  /** `depth`: orderings between steps that a bug needs, from 1 to 100; default: 3. */
  | { readonly strategy: "pct"; readonly depth?: number | undefined }
  /** `bound`: how often asyncio's order is left in a run at most, from 1 to 100; default: 2. */
  | { readonly strategy: "delay"; readonly bound?: number | undefined };

/** What says which strategy to use. */
export type StrategySpec = StrategyName | StrategySettings | Strategy;

interface AnySettings {
  readonly depth?: number | undefined;
  readonly bound?: number | undefined;
}

interface Kind {
  readonly settings: readonly string[];
  make(settings: AnySettings): Strategy;
}

const KINDS: Readonly<Record<StrategyName, Kind>> = {
  fifo: { settings: [], make: () => new FifoStrategy() },
  random: { settings: [], make: () => new RandomStrategy() },
  pct: { settings: ["depth"], make: ({ depth }) => new PctStrategy(depth) },
  uniform: { settings: [], make: () => new UniformStrategy() },
  delay: { settings: ["bound"], make: ({ bound }) => new DelayStrategy(bound) },
  exhaustive: { settings: [], make: () => new ExhaustiveStrategy() },
  portfolio: { settings: [], make: () => new PortfolioStrategy() },
};

/**
 * A new strategy for a name, also with settings: `"pct"`, `{ strategy: "pct", depth: 4 }`. A strategy object is
 * returned as it is.
 *
 * Throws TypeError for what is none of these, for a setting that the strategy does not have or that is not a whole
 * number; RangeError for an unknown name, or a setting that is not from 1 to 100.
 */
export function strategyOf(spec: StrategySpec): Strategy {
  if (typeof spec === "string") return kindOf(spec).make({});
  if (typeof spec !== "object" || spec === null)
    throw new TypeError(`Invalid strategy: expected a name or an object, got ${format(spec)}`);
  if ("strategy" in spec) return withSettings(spec);
  checkStrategy(spec);
  return spec;
}

/** Has a strategy begin a run. Throws TypeError when it does not tell whether there is one. */
export function beginRun(strategy: Strategy, random: RandomStream): boolean {
  const begun: unknown = strategy.begin(random);
  if (typeof begun === "boolean") return begun;
  throw new TypeError(
    `Invalid strategy: expected a boolean from begin of ${format(strategy.name)}, got ${format(begun)}`,
  );
}

function kindOf(name: StrategyName): Kind {
  if (typeof name !== "string") throw new TypeError(`Invalid strategy: expected a name, got ${format(name)}`);
  if (Object.hasOwn(KINDS, name)) return KINDS[name];
  throw new RangeError(`Invalid strategy: expected one of ${Object.keys(KINDS).join(", ")}, got ${format(name)}`);
}

function withSettings({ strategy, ...settings }: StrategySettings): Strategy {
  const kind = kindOf(strategy);
  const unknown = Object.keys(settings).find((key) => !kind.settings.includes(key));
  if (unknown === undefined) return kind.make(settings);
  throw new TypeError(`Invalid strategy: ${strategy} has no setting ${format(unknown)}`);
}

function checkStrategy(strategy: Strategy): void {
  const missing =
    typeof strategy.name !== "string"
      ? "a name"
      : (["begin", "choose"] as const).find((name) => typeof strategy[name] !== "function");
  if (missing !== undefined)
    throw new TypeError(`Invalid strategy: expected an object with name, begin and choose, ${missing} is missing`);
  for (const name of ["learn", "end"] as const)
    if (strategy[name] !== undefined) checkFunction(strategy[name], `${name} of a strategy`);
}
