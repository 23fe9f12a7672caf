// Comments are at most 120 characters wide, as the code is: the formatter sees to the code alone. Docstrings have one
// dialect, which CONTRIBUTING.md describes.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path/posix";
import { describe, expect, test } from "vitest";
import { root } from "../../scripts/exec.mjs";

const WIDTH = 120;
const FOLDERS = ["src", "assembly", "scripts", "test", "bench", "examples"];

/** A line that is a comment, or part of one that runs over several lines. */
const OWN_LINE = /^\s*(\/\/|\/\*|\*)(\s|\*|$)/;
const TEXTS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
/** A comment that is nothing but an address, which cannot be wrapped. */
const ADDRESS = /^\s*(\/\/|\*)\s*\S*https?:\/\/\S+$/;

/** Whether a line of code is a comment, or has one at its end. */
function hasComment(line: string): boolean {
  return OWN_LINE.test(line) || line.replaceAll(TEXTS, "").includes(" // ");
}

/** The lines that are too wide for a reason that a comment has, with their places. */
function tooWide(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const isTooWide = line.length > WIDTH && hasComment(line) && !ADDRESS.test(line);
    return isTooWide ? [`${file}:${index + 1} ${line.trim()}`] : [];
  });
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return files.filter((file) => /\.(ts|mjs|css)$/.test(file)).map((file) => `${folder}/${file.replaceAll("\\", "/")}`);
}

test.each(FOLDERS)("no comment in %s/ is wider than 120 characters", (folder) => {
  const files = sourcesIn(folder);
  expect(files).not.toEqual([]);
  expect(files.flatMap((file) => tooWide(file, readFileSync(join(root, file), "utf8")))).toEqual([]);
});

describe("docstrings in src/", () => {
  const docstrings = sourcesIn("src").flatMap((file) =>
    (readFileSync(join(root, file), "utf8").match(/\/\*\*[^]*?\*\//g) ?? []).map((text) => `${file}: ${text}`),
  );
  const found = (form: RegExp) => docstrings.filter((text) => form.test(text));

  test("name what they mirror in one form", () => {
    expect(docstrings.length).toBeGreaterThan(1000);
    expect(found(/: (asyncio|contextvars)\.\w/)).toEqual([]);
  });

  test("say errors in tags without braces, and not in tags and in prose", () => {
    expect(found(/@throws \{/)).toEqual([]);
    expect(
      found(/\b(Throws|Rejects with) [A-Z][^]*@(param|throws|returns)|@(param|throws|returns)[^]*Throws [A-Z]/),
    ).toEqual([]);
  });
});

test("this test sees comments, not texts", () => {
  const wide = "x".repeat(WIDTH);
  const complaints = (line: string) => tooWide("x.ts", line).length;
  expect([`// ${wide}`, `  /** ${wide} */`, `   * ${wide}`, `f(); // ${wide}`].map(complaints)).toEqual([1, 1, 1, 1]);
  expect([`f("a // ${wide}");`, `// https://a.example/${wide}`, `const x = a * ${wide};`].map(complaints)).toEqual([
    0, 0, 0,
  ]);
});
