// A host in the hands of the test: it says when a turn comes and what time it is, and remembers what it was asked for.

import type { Host, HostEvents } from "wasyncio";

export class ManualHost implements Host {
  resolution = 1e-6;
  slice = 0.004;
  /** The time, in seconds. */
  time = 0;
  /** What the loop asked for: "soon", or the deadline that it waits for. */
  readonly requests: ("soon" | number)[] = [];
  readonly reports: [level: string, text: string, error?: unknown][] = [];
  readonly environment: (name: string) => string | undefined;
  closed = false;
  /** What the loop said last of somebody outside who is to wake it. */
  expecting = false;
  #events: HostEvents | null = null;

  constructor(environment: Record<string, string> = {}) {
    this.environment = (name) => environment[name];
  }

  /** The loop gets a turn. */
  turn(): void {
    this.#events?.turn();
  }

  /** Nothing can wake the loop any more. */
  exhaust(): void {
    this.#events?.exhausted();
  }

  get serving(): boolean {
    return this.#events !== null;
  }

  now(): number {
    return this.time;
  }

  start(events: HostEvents): void {
    this.#events = events;
  }

  wakeSoon(): void {
    this.requests.push("soon");
  }

  wakeAt(deadline: number): void {
    this.requests.push(deadline);
  }

  keepAlive(expecting: boolean): void {
    this.expecting = expecting;
  }

  stop(): void {
    this.#events = null;
  }

  close(): void {
    this.closed = true;
  }

  report(level: "error" | "warning" | "debug", text: string, error?: unknown): void {
    this.reports.push(error === undefined ? [level, text] : [level, text, error]);
  }
}
