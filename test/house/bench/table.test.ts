import { expect, test } from "vitest";
import { summarize } from "../../../bench/harness/statistics.ts";
import { formatCell, formatTable } from "../../../bench/harness/table.ts";

test("a row has our median, the peers' with their ratio to it, and the ranges below", () => {
  const rows = [
    { title: "sleep", summaries: [summarize([40, 41, 44]), summarize([38, 20.5]), summarize([4059, 5000, 3000])] },
    { title: "lock", summaries: [summarize([5.25]), null, summarize([1234567])] },
  ];
  expect(formatTable(["wasyncio", "native", "uvloop"], rows)).toBe(
    [
      "ns per operation   wasyncio     native                 uvloop",
      "sleep                    41   29 0.71x            4,059 99.0x",
      "                     40..44     21..38           3,000..5,000",
      "lock                    5.3          -      1,234,567 235156x",
      "                   5.3..5.3              1,234,567..1,234,567",
    ].join("\n"),
  );
});

test("where our side failed, the peers have no ratio", () => {
  const text = formatTable(["wasyncio", "native"], [{ title: "sleep", summaries: [null, summarize([30])] }]);
  expect(text.split("\n")[1]).toBe("sleep                     -       30");
});

test("a figure beside one that is 0 has no ratio", () => {
  expect(formatCell(summarize([3]), summarize([0]))).toBe("3.0");
});
