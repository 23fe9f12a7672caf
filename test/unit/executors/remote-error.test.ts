// Errors that come from a worker are of the class that they had there.

import { expect, test } from "vitest";
import * as asyncio from "../../../src/errors/asyncio.ts";
import * as base from "../../../src/errors/base.ts";
import * as os from "../../../src/errors/os.ts";
import * as broken from "../../../src/executors/errors.ts";
import { describeError, reviveError } from "../../../src/executors/remote-error.ts";

const CLASSES = [asyncio, base, os, broken]
  .flatMap((module) => Object.values(module) as { readonly prototype: unknown; readonly name: string }[])
  .filter(({ prototype }) => prototype instanceof Error);

test("there are many", () => expect(CLASSES.length).toBeGreaterThan(25));

test.each(CLASSES.map((each) => [each.name, each] as const))("%s", (_, each) => {
  const thrown = Object.setPrototypeOf(new Error("why"), each.prototype as object) as Error;
  const revived = reviveError(structuredClone(describeError(thrown))) as Error;
  expect(Object.getPrototypeOf(revived)).toBe(each.prototype);
  expect(revived.message).toBe("why");
});
