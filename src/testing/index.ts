// The door `wasyncio/testing`: virtual time, and what only tests need.

export { LeakError, OutsideError, TokenError } from "../errors/testing.ts";
export type { RandomStream } from "../support/random.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export { type Exploration, type ExploreOptions, explore } from "./explore.ts";
export type { Failure } from "./search/failure.ts";
export { History, type HistoryOptions } from "./history.ts";
export type { HistoryCall } from "./linearizability/call.ts";
export { LinearizabilityError } from "./linearizability/linearizability-error.ts";
export type { GlobalsMode, GlobalsOptions } from "./outside/globals.ts";
export type { NeverReordered } from "./search/never-reordered.ts";
export type { Leak } from "../introspection/leaks.ts";
export type { LogActor, LogFrame, LogStep, SimulationLog } from "../trace/log.ts";
export { type DifferingStep, NondeterminismError } from "./simulation/nondeterminism-error.ts";
export type { Outcome, Program, ProgramOptions } from "./simulation/program.ts";
export type { Race, RacingStep } from "./search/race.ts";
export { type RunSyncOptions, runSync } from "./run-sync.ts";
export { type SimulateOptions, type Simulation, simulate } from "./simulate.ts";
export { type SimulatedOptions, simulated } from "./simulated.ts";
export type { SimulationStatus } from "./simulation/policy.ts";
export type { Orders } from "../trace/token.ts";
export type { StrategyName, StrategySettings, StrategySpec } from "./strategies/strategies.ts";
export type { ChoicePoint, Strategy } from "./strategies/strategy.ts";
export { type SweepOptions, type SweepPoint, type SweepResult, sweep } from "./sweep.ts";
export type { SweepMode } from "./sweep/modes.ts";
export type { SweepFailure } from "./sweep/sweep-failure.ts";
export { SweepFault } from "./sweep/sweep-fault.ts";
export { VirtualEventLoop } from "./virtual-event-loop.ts";
