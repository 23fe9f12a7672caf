// All that is shared, as workers find it.

import { Barrier } from "./barrier.ts";
import { Condition } from "./condition.ts";
import { Event } from "./event.ts";
import { Lock } from "./lock.ts";
import { LoopHandle } from "./loop-handle.ts";
import { DictProxy, ListProxy, NamespaceProxy } from "./proxies.ts";
import { Queue } from "./queue.ts";
import { RLock } from "./rlock.ts";
import { Semaphore } from "./semaphore.ts";
import { SharedArray, Value } from "./value.ts";

/** Has this realm know all that may come in messages. */
export function knowShared(): void {
  const all = [Lock, RLock, Semaphore, Event, Condition, Barrier, Value, SharedArray, Queue, LoopHandle];
  for (const shared of [...all, DictProxy, ListProxy, NamespaceProxy]) shared.find();
}
