// What all real hosts have in common: a clock, a console, and one timer, armed for the loop's earliest deadline. What
// they differ in comes in parts: how a turn is asked for above all.
//
// Timers may be late, or early by the coarseness of the clock, as much as the host likes: the core orders what is due
// by deadline and age, and what is not due yet is waited for again. So clamped timers and throttled background tabs
// change when, never what first.

import type { Host, HostEvents } from "../../drivers/clock.ts";
import { inMicrotask } from "./in-microtask.ts";
import { reportToConsole } from "./report.ts";

/** asyncio's MAXIMUM_SELECT_TIMEOUT, a day: longer waits are armed again. */
const LONGEST_TIMER_MS = 86_400_000;

/** Where a loop's turns come from. */
export interface TurnSource {
  request(): void;
  cancel(): void;
}

/** Tells the loops that run when nothing keeps their host alive any more. */
export interface Exhaustion {
  watch(events: HostEvents): void;
  unwatch(events: HostEvents): void;
}

/** What a host is made of. The optional ones are absent where there is no such thing. */
export interface HostParts extends Pick<
  Host,
  | "sharedByRequests"
  | "requestSignalsTakeLong"
  | "bareError"
  | "onInterrupt"
  | "signals"
  | "keepAlive"
  | "onCollected"
  | "environment"
  | "contexts"
  | "contextsTakeLong"
> {
  /** How a loop that waited gets its turn. */
  readonly waking: (turn: () => void) => TurnSource;
  /**
   * How a loop that has used up its slice gets its next one, where that is another way: it has to let all others go
   * first.
   */
  readonly yielding?: (turn: () => void) => TurnSource;
  readonly exhaustion?: Exhaustion;
  /** Gives back what the other parts hold. */
  readonly release?: () => void;
}

/** A host of these parts. */
export function createTimerHost({ waking, yielding, exhaustion, release, ...others }: HostParts): Host {
  return Object.assign(new TimerHost(waking, yielding ?? null, exhaustion ?? null, release ?? null), others);
}

/** A timer of the host's: where programs end by themselves, it can be told not to keep one alive. */
interface Unreferenceable {
  unref?(): void;
}

class TimerHost implements Host {
  readonly resolution = 1e-6;
  readonly slice = 0.004;
  readonly report = reportToConsole;
  #events: HostEvents | null = null;
  readonly #soon: TurnSource;
  readonly #yielding: TurnSource;
  readonly #exhaustion: Exhaustion | null;
  readonly #release: (() => void) | null;
  #requested = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #armedFor = Infinity;
  /** Whether the process lives as long as the timer is armed. */
  #keepsAlive = true;
  readonly #onTimer: () => void;
  /** The host's as they are when the loop is made: what a test puts there later is not for the loop. */
  readonly #timers = { setTimeout, clearTimeout };
  readonly #now = performance.now.bind(performance);

  constructor(
    waking: HostParts["waking"],
    yielding: HostParts["waking"] | null,
    exhaustion: Exhaustion | null,
    release: (() => void) | null,
  ) {
    const turn = (): void => {
      this.#requested = false;
      this.#events?.turn();
    };
    const takeTurn = inMicrotask(() => this.#events?.turn());
    this.#onTimer = () => {
      this.#armedFor = Infinity;
      this.#timer = null;
      takeTurn();
    };
    this.#soon = waking(turn);
    this.#yielding = yielding === null ? this.#soon : yielding(turn);
    this.#exhaustion = exhaustion;
    this.#release = release;
  }

  now(): number {
    return this.#now() / 1000;
  }

  seed(): string {
    return crypto.getRandomValues(new Uint32Array(4)).join();
  }

  start(events: HostEvents): void {
    this.#events = events;
    this.#exhaustion?.watch(events);
  }

  wakeSoon(): void {
    this.#request(this.#soon);
  }

  yieldTurn(): void {
    this.#request(this.#yielding);
  }

  #request(source: TurnSource): void {
    if (this.#requested) return;
    this.#requested = true;
    source.request();
  }

  wakeAt(deadline: number, keepsAlive = true): void {
    if (deadline === this.#armedFor && keepsAlive === this.#keepsAlive) return;
    this.#disarm();
    if (deadline === Infinity) return;
    this.#armedFor = deadline;
    this.#keepsAlive = keepsAlive;
    const delayMs = Math.min(Math.max(0, Math.ceil((deadline - this.now()) * 1000)), LONGEST_TIMER_MS);
    const { setTimeout } = this.#timers; // browsers refuse it as a method
    this.#timer = setTimeout(this.#onTimer, delayMs);
    if (!keepsAlive) (this.#timer as Unreferenceable).unref?.();
  }

  stop(): void {
    if (this.#events !== null) this.#exhaustion?.unwatch(this.#events);
    this.#events = null;
    this.#disarm();
    this.#soon.cancel();
    if (this.#yielding !== this.#soon) this.#yielding.cancel();
    this.#requested = false;
  }

  close(): void {
    this.stop();
    this.#release?.();
  }

  #disarm(): void {
    const { clearTimeout } = this.#timers;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#armedFor = Infinity;
  }
}
