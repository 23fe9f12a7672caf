// Source maps of texts whose lines have not moved: a map has to give the columns only.

import type { Piece } from "./edits.ts";

/** A source map, version 3. */
export interface SourceMap {
  readonly version: 3;
  readonly sources: string[];
  readonly sourcesContent: string[];
  readonly names: string[];
  readonly mappings: string;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Each word and each sign of the source is a place of its own; what was inserted has the place where it stands. */
export function mapOf(pieces: readonly Piece[], file: string, code: string): SourceMap {
  let mappings = "";
  let column = 0; // in the result
  let sourceColumn = 0;
  let lastColumn = 0; // of the segment before, which the next one is told against
  let lastSourceColumn = 0;
  let lineBreaks = 0; // since the segment before
  let beginsLine = true;
  const mark = (): void => {
    if (!beginsLine) mappings += ",";
    mappings += `${digits(column - lastColumn)}A${digits(lineBreaks)}${digits(sourceColumn - lastSourceColumn)}`;
    [lastColumn, lastSourceColumn, lineBreaks, beginsLine] = [column, sourceColumn, 0, false];
  };
  for (const { text, at, isSource } of pieces) {
    if (!isSource) {
      mark();
      column += text.length;
      continue;
    }
    sourceColumn = at - (code.lastIndexOf("\n", at - 1) + 1);
    for (const word of text.match(/\w+|\n|[^\w\n]/g) ?? []) {
      if (word === "\n") {
        mappings += ";";
        [column, lastColumn, sourceColumn, beginsLine] = [0, 0, 0, true];
        lineBreaks++;
        continue;
      }
      mark();
      column += word.length;
      sourceColumn += word.length;
    }
  }
  return { version: 3, sources: [file], sourcesContent: [code], names: [], mappings };
}

/** A number as source maps write it: base 64, five bits a digit, the lowest first, the sign in the lowest bit. */
function digits(value: number): string {
  let left = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const rest = left >>> 5;
    text += DIGITS[(left & 31) | (rest > 0 ? 32 : 0)];
    left = rest;
  } while (left > 0);
  return text;
}
