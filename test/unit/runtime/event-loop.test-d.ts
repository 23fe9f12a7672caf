import { expectTypeOf, test } from "vitest";
import type { Context, EventLoop, Handle, TimerHandle } from "wasyncio";

declare const loop: EventLoop;
declare const context: Context;
declare function optional(number: number, text?: string): void;
declare function variadic(...values: unknown[]): void;

test("callbacks get the arguments that they take", () => {
  expectTypeOf(loop.callSoon(console.log, "text", 5)).toEqualTypeOf<Handle>();
  expectTypeOf(loop.callLater(1, variadic, 1, { two: 2 })).toEqualTypeOf<TimerHandle>();
  expectTypeOf(loop.callAt(1, optional, 1)).toEqualTypeOf<TimerHandle>();
  loop.callSoonThreadsafe(optional, 1, "text");
  loop.callSoon((number, text) => [number.toFixed(), text.length], 5, "text");
  loop.callSoon(() => {});
  loop.addSignalHandler("SIGTERM", optional, 1, "text");
});

test("options may follow the arguments", () => {
  loop.callSoon(() => {}, { context });
  loop.callSoon(optional, 1, "text", { context });
  loop.callLater(1, variadic, 1, { context });
  loop.addSignalHandler("SIGTERM", optional, 1, { context });
});

test("missing and wrong arguments do not compile", () => {
  // @ts-expect-error an argument is missing
  loop.callSoon(optional);
  // @ts-expect-error it is no number
  loop.callSoon(optional, "text");
  // @ts-expect-error it takes none
  loop.callLater(1, () => {}, 1);
  // @ts-expect-error signals have names
  loop.addSignalHandler(15, () => {});
  // @ts-expect-error null is no delay
  loop.callLater(null, () => {});
});
