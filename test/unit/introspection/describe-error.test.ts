import { expect, test } from "vitest";
import { describeError } from "../../../src/introspection/describe-error.ts";

test("an error that groups share is told in full once", () => {
  let failure: Error = new RangeError("shared");
  for (let depth = 0; depth < 20; depth++) failure = new AggregateError([failure, failure], "both");
  const lines = describeError(failure);
  expect(lines).toHaveLength(41);
  expect(lines.join("\n").match(/RangeError: shared/g)).toHaveLength(1);
});
