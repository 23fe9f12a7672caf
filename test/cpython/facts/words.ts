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

/**
 * What CPython's texts tell beside, of which JavaScript knows nothing: modules, addresses, files and lines, names of
 * coroutines.
 */
const UNTOLD: [python: RegExp, javaScript: string][] = [
  [/<locks\./g, "<"],
  [/(?: object)? at 0xADDR|, id=0xADDR/g, ""],
  [/ at FILE:LINE/g, ""],
  [/\bcoro=<[^>]*>/g, "coro=<>"],
  [/ _(?=\w+[=[])/g, " "],
  [/^(\w+)\((?:'.*')?\)$/s, "$1('')"], // an error: its class
];

/** A trace with only that in it which other words cannot change. */
export function withoutWords(trace: Trace): Trace {
  if (Array.isArray(trace)) return trace.map(withoutWords);
  if (typeof trace !== "string") return trace;
  return UNTOLD.reduce((text, [python, javaScript]) => text.replace(python, javaScript), trace);
}
