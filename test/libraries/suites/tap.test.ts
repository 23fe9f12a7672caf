// What the runners say, read.

import { expect, test } from "vitest";
import { count, readTap, worse } from "./tap.ts";

const NATIVELY = `TAP version 13
ok 1 - first
    ok 1 - inside
ok 2 same name
ok 3 same name
not ok 4 - fails always
ok 5 - left out # SKIP
1..5`;

test("tests are counted by name, and what is skipped is not", () => {
  expect(count(readTap(NATIVELY))).toEqual({ passed: 4, all: 5 });
});

test("what passes less often is told, and what did not run; what fails natively is not", () => {
  const lowered = "ok 1 - first\nok 2 same name\nnot ok 3 same name\n";
  expect(worse(readTap(NATIVELY), readTap(lowered))).toEqual(["inside", "same name"]);
  expect(worse(readTap(NATIVELY), readTap(NATIVELY))).toEqual([]);
});
