// The door `wasyncio/testing`: virtual time, and what only tests need.

export { DeadlockError, LeakError, OutsideError, TokenError } from "../errors.ts";
export type { RandomStream } from "../runtime/random.ts";
export { type Exploration, type ExploreOptions, explore } from "./explore.ts";
export type { Failure } from "./failure.ts";
export type { GlobalsMode, GlobalsOptions } from "./globals.ts";
export type { Leak } from "./leaks.ts";
export type { LogActor, LogFrame, LogStep, SimulationLog } from "./log.ts";
export { type DifferingStep, NondeterminismError } from "./nondeterminism-error.ts";
export type { Outcome, Program, ProgramOptions } from "./program.ts";
export type { Race, RacingStep } from "./race.ts";
export { type SimulateOptions, type Simulation, simulate } from "./simulate.ts";
export { type SimulatedOptions, simulated } from "./simulated.ts";
export type { Orders, SimulationStatus } from "./simulation-loop.ts";
export type { StrategyName, StrategySettings, StrategySpec } from "./strategies/strategies.ts";
export type { ChoicePoint, Strategy } from "./strategies/strategy.ts";
export { type SweepOptions, type SweepPoint, type SweepResult, sweep } from "./sweep.ts";
export type { SweepMode } from "./sweep/modes.ts";
export type { SweepFailure } from "./sweep/sweep-failure.ts";
export { SweepFault } from "./sweep/sweep-fault.ts";
export { VirtualEventLoop } from "./virtual-event-loop.ts";
