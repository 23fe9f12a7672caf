import { expect, test } from "vitest";
import { type EventLoop, NotAvailableError, newEventLoop, runCoroutineThreadsafe, toThread } from "wasyncio";
import { nothing } from "../../support/coroutines.ts";
import { attempt } from "../../support/outcomes.ts";

test("what needs threads says that it is not available yet", () => {
  const loop: EventLoop = newEventLoop();
  const calls: [name: string, call: () => unknown][] = [
    ["toThread", () => toThread(() => 1)],
    ["runCoroutineThreadsafe", () => runCoroutineThreadsafe(nothing(), loop)],
    ["runInExecutor", () => loop.runInExecutor(null, () => 1)],
    ["setDefaultExecutor", () => loop.setDefaultExecutor(null)],
    ["shutdownDefaultExecutor", () => loop.shutdownDefaultExecutor()],
  ];
  for (const [name, call] of calls) {
    expect(call).toThrow(NotAvailableError);
    expect(attempt(call)).toBe(`NotAvailableError('Cannot use ${name}: it is not available yet')`);
  }
  loop.close();
});
