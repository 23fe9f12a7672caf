// Traces: a program looks on at what a session does.

import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction, checkNames } from "../support/checks.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import type { ClientResponse } from "./client-response.ts";
import type { ConnectionWatcher } from "./exchange.ts";

/** What a trace is told of a request. */
export interface TraceParams {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The same object for all that belongs to one call, for what a trace wants to keep. Mirrors trace_request_ctx. */
  readonly context: Record<string, unknown>;
}

/** A function of a trace: what it gives is waited for. */
export type TraceHook<E> = (event: E) => Awaitable<unknown> | void;

/** What a session tells of its requests. Mirrors aiohttp.TraceConfig. */
export interface TraceConfig {
  onRequestStart?: TraceHook<TraceParams>;
  /** There is no place, and the request waits for one. */
  onConnectionQueuedStart?: TraceHook<TraceParams>;
  onConnectionQueuedEnd?: TraceHook<TraceParams>;
  /** A connection is being made, where the host tells. Not waited for. */
  onConnectionCreateStart?: (event: TraceParams) => void;
  onConnectionCreateEnd?: (event: TraceParams) => void;
  onRequestRedirect?: TraceHook<TraceParams & { readonly response: ClientResponse }>;
  /** A request has failed and is made again, `attempt` by number from 2 on. */
  onRequestRetry?: TraceHook<TraceParams & { readonly attempt: number; readonly error: unknown }>;
  /** The answer has begun. */
  onRequestEnd?: TraceHook<TraceParams & { readonly response: ClientResponse }>;
  onRequestException?: TraceHook<TraceParams & { readonly exception: unknown }>;
}

const NAMES: readonly (keyof TraceConfig)[] = [
  "onRequestStart",
  "onConnectionQueuedStart",
  "onConnectionQueuedEnd",
  "onConnectionCreateStart",
  "onConnectionCreateEnd",
  "onRequestRedirect",
  "onRequestRetry",
  "onRequestEnd",
  "onRequestException",
];

/** Throws TypeError for what is no list of traces. Returns a copy. */
export function checkTraces(traces: readonly TraceConfig[]): readonly TraceConfig[] {
  if (!Array.isArray(traces)) throw new TypeError("Invalid traces: expected an array");
  for (const trace of traces) {
    checkNames(trace, NAMES, "trace");
    for (const name of Object.keys(trace)) checkFunction(trace[name as keyof TraceConfig] as Function, name);
  }
  return [...traces];
}

/** What the traces of a session are told of one call. */
export class Tracing implements ConnectionWatcher {
  readonly #traces: readonly TraceConfig[];
  readonly #params: TraceParams;

  constructor(traces: readonly TraceConfig[], params: TraceParams) {
    this.#traces = traces;
    this.#params = params;
  }

  /** Tells all, one after the other, and waits for each. */
  *tell<N extends keyof TraceConfig>(name: N, more: More<N>): Coroutine<void> {
    const params = { ...this.#params, ...more };
    for (const trace of this.#traces) {
      const outcome = (trace[name] as TraceHook<typeof params> | undefined)?.(params);
      if (outcome !== undefined) yield* awaitedOf(outcome, name);
    }
  }

  connecting(): void {
    for (const trace of this.#traces) trace.onConnectionCreateStart?.(this.#params);
  }

  connected(): void {
    for (const trace of this.#traces) trace.onConnectionCreateEnd?.(this.#params);
  }
}

/** What a hook is told beside what all are. */
type More<N extends keyof TraceConfig> = Omit<Parameters<NonNullable<TraceConfig[N]>>[0], keyof TraceParams>;
