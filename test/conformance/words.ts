// A trace of CPython's in the words of JavaScript: names of classes and methods, and how values are written.

import type { Trace } from "./fact.ts";

const WORDS: [python: RegExp, javaScript: string | ((...match: string[]) => string)][] = [
  [/\bValueError\b/g, "RangeError"],
  [/\bNone\b/g, "null"],
  [/\bTrue\b/g, "true"],
  [/\bFalse\b/g, "false"],
  [/\bAn asyncio\.Future\b/g, "A Future"],
  [/\basyncio\./g, ""],
  [/\b(\d+)\.0\b/g, "$1"],
  [/Error\((\d+)\)/g, "Error('$1')"], // an error's message is a text here, whatever it was made with
  [/(Error|Exit|Interrupt)\("(.*?)"\)/g, "$1('$2')"],
  [/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())],
];

export function inJavaScript(trace: Trace): Trace {
  if (Array.isArray(trace)) return trace.map(inJavaScript);
  if (typeof trace !== "string") return trace;
  return WORDS.reduce((text, [python, javaScript]) => text.replace(python, javaScript as string), trace);
}

/** A trace as data: `undefined` is null, as None is. */
export function asData(trace: Trace): Trace {
  return JSON.parse(JSON.stringify(trace ?? null)) as Trace;
}

/** Whether two traces differ in their texts only: the same values and the same classes of errors in the same places. */
export function sameButForWords(left: Trace, right: Trace): boolean {
  if (typeof left === "string") return typeof right === "string" && classOf(left) === classOf(right);
  if (!Array.isArray(left) || !Array.isArray(right)) return left === right;
  return left.length === right.length && left.every((entry, index) => sameButForWords(entry, right[index]));
}

/** "TypeError" of "TypeError('x')", else "". */
function classOf(text: string): string {
  return /^\w+(?=\()/.exec(text)?.[0] ?? "";
}
