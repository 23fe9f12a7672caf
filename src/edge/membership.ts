// What a task belongs to: it stands in the task's context, so that the tasks which that one makes belong there, too.

import { RuntimeError } from "../errors/base.ts";
import { ContextVar } from "../runtime/context.ts";
import type { Exchange } from "./exchange.ts";

/** What a task belongs to. */
export interface Membership {
  readonly exchange: Exchange;
  /** Whether it outlives the response. */
  readonly isLasting: boolean;
}

export const membership = new ContextVar<Membership | null>("wasyncio/edge", { default: null });

/** The exchange that the current task belongs to. Throws RuntimeError when there is none; `user` names who asks. */
export function currentExchange(user: string): Exchange {
  const exchange = membership.get()?.exchange;
  if (exchange !== undefined) return exchange;
  throw new RuntimeError(`Cannot use ${user}: no request is being handled`);
}
