import { expect, test } from "vitest";
import { newEventLoop, runCoroutineThreadsafe } from "wasyncio";
import { nothing } from "../../support/coroutines.ts";
import { attempt } from "../../support/outcomes.ts";

test("what needs other threads to have a hold of a loop says that it is not available yet", () => {
  const loop = newEventLoop();
  expect(attempt(() => runCoroutineThreadsafe(nothing(), loop))).toBe(
    "NotAvailableError('Cannot use runCoroutineThreadsafe: it is not available yet')",
  );
  loop.close();
});
