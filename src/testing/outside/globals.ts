// What stands behind the host's timers, clocks and `fetch` while a simulation runs. It runs inside one call, so nobody
// else sees it; afterwards everything is as it was.
//
// The jobs of the engine run when the simulation is over: `queueMicrotask` and `process.nextTick` say so, and promises
// by their `constructor`, which engines read for each `then` and `await` of one.

import { RuntimeError } from "../../errors/base.ts";
import type { EventLoop } from "../../runtime/event-loop.ts";
import { format } from "../../support/format.ts";
import { constructorOfPromises, refusing, refusingToPrograms } from "./refusals.ts";
import { VirtualClock, dateWith } from "./virtual-clock.ts";
import { VirtualTimers } from "./virtual-timers.ts";

/**
 * What the host's timers are in a simulation. "refused": they throw OutsideError at the call, as `fetch`,
 * `queueMicrotask` and `process.nextTick` do; a promise that is awaited, or given reactions, makes the run fail with
 * one. "virtual": they and the host's clocks run on the simulation's time; all else is as with "refused". "real":
 * nothing is replaced, and no timer fires. With "virtual" the time stands still inside a step: a program that asks a
 * clock until it has moved asks for ever.
 */
export type GlobalsMode = "refused" | "virtual" | "real";

export interface GlobalsOptions {
  /** What the host's timers and clocks are. Default: "refused". */
  globals?: GlobalsMode;
  /**
   * Virtual time 0 on the calendar, for "virtual": a date, or milliseconds since 1970. Default: 2000-01-01T00:00:00Z.
   */
  epoch?: Date | number;
}

/** What is replaced now. */
export interface ReplacedGlobals {
  /**
   * Begins a run: the virtual timers and clocks are this loop's. Throws TypeError or RangeError for an epoch that is no
   * point of time.
   */
  begin(loop: EventLoop): void;
  /** Puts back what was there before. Throws RuntimeError for what the program has frozen, when all else is back. */
  restore(): void;
}

/** A property of the host's that is another one while a simulation runs. */
interface Replacement {
  readonly owner: object;
  readonly key: string;
  readonly descriptor: PropertyDescriptor;
}

/** The timers and clocks of a run. */
interface VirtualWorld {
  readonly timers: VirtualTimers;
  readonly clock: VirtualClock;
}

/** That of the run that goes on, or null. */
let world: VirtualWorld | null = null;

/**
 * Replaces the host's timers and clocks until `restore` is called; `begin` comes first in each run.
 * Throws RangeError for a mode that there is not, RuntimeError where the host's are frozen.
 */
export function replaceGlobals({ globals = "refused", epoch }: GlobalsOptions): ReplacedGlobals {
  const outer = world;
  const putBack = replace(replacementsFor(globals));
  return {
    begin: (loop) => {
      if (globals === "virtual") world = { timers: new VirtualTimers(loop), clock: new VirtualClock(loop, epoch) };
    },
    restore: () => {
      world = outer;
      putBack();
    },
  };
}

/** Defines properties anew. Returns what defines them as they were. */
function replace(replacements: readonly Replacement[]): () => void {
  const before: (PropertyDescriptor | undefined)[] = [];
  /** Gives the names of those that cannot be put back: a program may have frozen them. */
  const putBack = (): string[] =>
    before.flatMap((descriptor, index) => {
      const { owner, key } = replacements[index];
      const isBack =
        descriptor === undefined ? Reflect.deleteProperty(owner, key) : Reflect.defineProperty(owner, key, descriptor);
      return isBack ? [] : [key];
    });
  for (const { owner, key, descriptor } of replacements) {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    if (!Reflect.defineProperty(owner, key, descriptor)) {
      putBack();
      throw new RuntimeError(
        `Cannot replace ${key} for a simulation, it is frozen: use simulate(..., { globals: "real" })`,
      );
    }
    before.push(own);
  }
  return () => {
    const frozen = putBack();
    if (frozen.length > 0)
      throw new RuntimeError(`Cannot put back ${frozen.join(", ")} after a simulation: the program has frozen it`);
  };
}

function replacementsFor(mode: GlobalsMode): readonly Replacement[] {
  switch (mode) {
    case "refused":
      return (refused ??= [...unavailable(), ...refusedTimers()]).filter(isReplaced);
    case "virtual":
      return (virtual ??= [...unavailable(), ...virtualTimers(), ...virtualClocks()]).filter(isReplaced);
    case "real":
      return [];
    default:
      throw new RangeError(`Invalid globals: expected "refused", "virtual" or "real", got ${format(mode)}`);
  }
}

// Made when the first simulation asks: importing looks at nothing.
let refused: readonly Replacement[] | undefined;
let virtual: readonly Replacement[] | undefined;

const host = globalThis as unknown as Record<string, unknown>;
const hostFetch = host["fetch"];

/**
 * A `fetch` that a test has put in the place of the host's own is part of what is simulated. Promises that are frozen,
 * with all that is the language's, cannot be watched.
 */
function isReplaced({ owner, key }: Replacement): boolean {
  if (owner === Promise.prototype) return !Object.isFrozen(owner);
  return key !== "fetch" || host[key] === hostFetch;
}

/** What cannot happen at all. */
function unavailable(): readonly Replacement[] {
  return [
    ...functions(host, "requestAnimationFrame", refusing("requestAnimationFrame", "use sleep or callLater")),
    ...functions(host, "requestIdleCallback", refusing("requestIdleCallback", "use sleep or callLater")),
    ...functions(host, "queueMicrotask", refusing("queueMicrotask", "use callSoon")),
    ...refusedTicks(),
    ...watchedPromises(),
    ...functions(host, "fetch", refusing("fetch", "give the program something that stands in for it")),
  ];
}

/** `process.nextTick`, where the host has it: its streams and others call that, too. */
function refusedTicks(): readonly Replacement[] {
  const process = host["process"] as { nextTick?: Function } | undefined;
  if (typeof process?.nextTick !== "function") return [];
  return functions(process, "nextTick", refusingToPrograms("process.nextTick", "use callSoon", process.nextTick));
}

function watchedPromises(): readonly Replacement[] {
  const descriptor = { get: constructorOfPromises, configurable: true, enumerable: false };
  return [{ owner: Promise.prototype, key: "constructor", descriptor }];
}

function refusedTimers(): readonly Replacement[] {
  const instead = (own: string): string => `use ${own}, or simulate(..., { globals: "virtual" })`;
  const refuse = (key: string): Replacement[] => functions(host, key, refusing(key, instead("sleep or callLater")));
  return [
    ...["setTimeout", "setInterval", "setImmediate"].flatMap(refuse),
    ...functions(AbortSignal, "timeout", refusing("AbortSignal.timeout", instead("timeout or waitFor"))),
  ];
}

function virtualTimers(): readonly Replacement[] {
  type Callback = (...args: unknown[]) => unknown;
  const timers = (): VirtualTimers => (world as VirtualWorld).timers;
  return [
    ...functions(host, "setTimeout", (callback: Callback, delay?: unknown, ...args: unknown[]) =>
      timers().setTimeout(callback, delay, args),
    ),
    ...functions(host, "setInterval", (callback: Callback, delay?: unknown, ...args: unknown[]) =>
      timers().setInterval(callback, delay, args),
    ),
    ...functions(host, "setImmediate", (callback: Callback, ...args: unknown[]) =>
      timers().setImmediate(callback, args),
    ),
    ...["clearTimeout", "clearInterval", "clearImmediate"].flatMap((key) => {
      const clearReal = host[key] as (timer: unknown) => void;
      return functions(host, key, (timer?: unknown) => {
        if (!timers().clear(timer)) clearReal(timer); // one that was set outside
      });
    }),
    ...functions(AbortSignal, "timeout", (ms: unknown) => timers().abortAfter(ms)),
  ];
}

function virtualClocks(): readonly Replacement[] {
  const clock = (): VirtualClock => (world as VirtualWorld).clock;
  const now = (): number => clock().date();
  return [
    { owner: host, key: "Date", descriptor: valueOf(dateWith(now)) },
    ...functions(performance, "now", () => clock().elapsed()),
    {
      owner: performance,
      key: "timeOrigin",
      descriptor: { get: () => clock().epoch, configurable: true, enumerable: true },
    },
    ...virtualFormats(now),
    ...virtualProcess(() => clock().elapsed()),
    ...refusedTemporal(),
  ];
}

/** What tells the time by Temporal, where the host has it: refused by its name. */
function refusedTemporal(): readonly Replacement[] {
  const now = (host["Temporal"] as { Now: object } | undefined)?.Now ?? {};
  return Object.getOwnPropertyNames(now)
    .filter((key) => key !== "timeZoneId")
    .flatMap((key) => functions(now, key, refusing(`Temporal.Now.${key}`, "use Date")));
}

/** `Intl.DateTimeFormat` formats now when it is given no date. */
function virtualFormats(now: () => number): readonly Replacement[] {
  type Format = Intl.DateTimeFormat;
  const { prototype } = Intl.DateTimeFormat;
  const format = Object.getOwnPropertyDescriptor(prototype, "format")?.get as (this: Format) => Format["format"];
  const { formatToParts } = prototype;
  const get = function (this: Format): Format["format"] {
    const ofDate = format.call(this);
    return (date) => ofDate(date ?? now());
  };
  const toParts = function (this: Format, date?: Date | number): Intl.DateTimeFormatPart[] {
    return formatToParts.call(this, date ?? now());
  };
  return [
    { owner: prototype, key: "format", descriptor: { get, configurable: true, enumerable: false } },
    ...functions(prototype, "formatToParts", toParts),
  ];
}

/** The clocks of `process`, where the host has them: they count from virtual time 0. */
function virtualProcess(elapsedMs: () => number): readonly Replacement[] {
  const nanoseconds = (): number => Math.round(elapsedMs() * 1e6);
  const since = ([seconds, rest]: readonly [number, number] = [0, 0]): [number, number] => {
    const passed = nanoseconds() - seconds * 1e9 - rest;
    return [Math.floor(passed / 1e9), passed - 1e9 * Math.floor(passed / 1e9)];
  };
  const hrtime = Object.assign((time?: readonly [number, number]) => since(time), {
    bigint: () => BigInt(nanoseconds()),
  });
  const process = host["process"];
  if (typeof process !== "object" || process === null) return [];
  return [...functions(process, "hrtime", hrtime), ...functions(process, "uptime", () => elapsedMs() / 1e3)];
}

/** The replacement of a function, where the host has it. */
function functions(owner: object, key: string, value: Function): Replacement[] {
  return key in owner ? [{ owner, key, descriptor: valueOf(value) }] : [];
}

function valueOf(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: true };
}
