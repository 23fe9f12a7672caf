import { expect, test } from "vitest";
import { PlaceNames, frameOf } from "../../../src/introspection/places.ts";

test.each([
  ["run (/app/src/a.ts:3:14)", "run", "/app/src/a.ts"],
  ["/app/src/a.ts:3:14", "(anonymous)", "/app/src/a.ts"],
  ["new Cache (file:///app/a.ts:3:14)", "new Cache", "file:///app/a.ts"],
  ["load (/app (old)/a.ts:3:14)", "load", "/app (old)/a.ts"],
  ["/app (old)/a.ts:3:14", "(anonymous)", "/app (old)/a.ts"],
  ["/node_modules/@scope/a.js:3:14", "(anonymous)", "/node_modules/@scope/a.js"],
  ["load@https://example.org/a.js:3:14", "load", "https://example.org/a.js"],
  ["@/app/a.js:3:14", "(anonymous)", "/app/a.js"],
  ["C:\\app\\a.ts:3:14", "(anonymous)", "C:\\app\\a.ts"],
])("a line %s is a place", (line, name, file) => {
  expect(frameOf(line)).toEqual({ name, file, line: 3, column: 14 });
});

test("a line that tells no place is a name", () => {
  expect(frameOf("<native>")).toEqual({ name: "<native>", file: "", line: 0, column: 0 });
});

test.each<[string[], string[]]>([
  [["/app/src/a.ts"], ["a.ts:1"]],
  [
    ["/app/src/a.ts", "/app/src/b.ts"],
    ["a.ts:1", "b.ts:1"],
  ],
  [
    ["/app/src/a.ts", "file:///app/test/x/b.ts", "/app/src/a.ts"],
    ["src/a.ts:1", "test/x/b.ts:1", "src/a.ts:1"],
  ],
  [
    ["/app/src/a.ts", "/apple/b.ts"],
    ["/app/src/a.ts:1", "/apple/b.ts:1"],
  ],
  [
    ["https://a.org/x.js", "https://b.org/x.js"],
    ["a.org/x.js:1", "b.org/x.js:1"],
  ],
  [
    ["C:\\app\\a.ts", "C:\\app\\lib\\b.ts"],
    ["a.ts:1", "lib\\b.ts:1"],
  ],
  [
    ["/app/a.ts", "b.ts"],
    ["/app/a.ts:1", "b.ts:1"],
  ],
])("%j are shown as %j", (files, names) => {
  const frames = files.map((file) => ({ name: "", file, line: 1, column: 1 }));
  const places = new PlaceNames([...frames, null]);
  expect(frames.map((frame) => places.nameOf(frame))).toEqual(names);
});
