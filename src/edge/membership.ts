// What a task belongs to: it stands in the task's context, so that the tasks which that one makes belong there, too.

import { RuntimeError } from "../errors/base.ts";
import { type Context, type ContextCarrier, copyContext } from "../runtime/context.ts";
import { ContextVar } from "../runtime/context-var.ts";
import type { Exchange } from "./exchange.ts";

/** What a task belongs to. */
export interface Membership {
  readonly exchange: Exchange;
  /** Whether it outlives the response. */
  readonly isLasting: boolean;
}

export const membership = new ContextVar<Membership | null>("wasyncio/edge", { default: null });

/** A copy of the current context, in which tasks belong to another exchange, or in another way. */
export function contextOfMember(member: Membership): Context {
  const context = copyContext();
  context.values = new Map(context.values).set(membership, member); // as `context.run` and `set`, at a fraction
  return context;
}

/** What a task belongs to whose values a carrier has. */
export function membershipIn(carrier: ContextCarrier): Membership | null {
  return (carrier.values.get(membership) as Membership | undefined) ?? null;
}

/** The exchange that the current task belongs to. Throws RuntimeError when there is none; `user` names who asks. */
export function currentExchange(user: string): Exchange {
  const exchange = membership.get()?.exchange;
  if (exchange !== undefined) return exchange;
  throw new RuntimeError(`Cannot use ${user}: no request is being handled`);
}
