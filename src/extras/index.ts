// The door `wasyncio/extras`: what asyncio does not have and programs need beside it.

export { retry, type RetryOptions, type RetryWait } from "./retry.ts";
export { RateLimiter } from "./rate-limiter.ts";
export { openChannel, ReceiveChannel, SendChannel } from "./open-channel.ts";
export type { ChannelStatistics } from "./channel-end.ts";
export { BrokenResourceError, ClosedResourceError, EndOfStream, WouldBlock } from "./errors.ts";
export { memoize, once, type MemoizeOptions, type Memoized } from "./memoize.ts";
export { every, type EveryOptions } from "./every.ts";
export { Broadcast } from "./broadcast.ts";
export { Subscription, type SubscribeOptions } from "./subscription.ts";
export { mapConcurrently, type MapConcurrentlyOptions } from "../tasks/map-concurrently.ts";
