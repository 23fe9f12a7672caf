// The door `wasyncio/lowered`: what modules call whose async functions were lowered to generators. No program imports
// it by hand.

export { aiter, yieldStar } from "../promises/async-iteration.ts";
export { agen, yield_ } from "../promises/async-generator.ts";
export { await_, call, calling, d, pass, run, runAs } from "../promises/await.ts";
export { stack } from "../promises/disposal.ts";
export { fetch, nextTick, queueMicrotask } from "../promises/host-functions.ts";
export { named } from "../promises/named.ts";
export { LoopPromise as Promise } from "../promises/promise.ts";
export { superOf } from "../promises/super-of.ts";
export { timer } from "../promises/timer-names.ts";
