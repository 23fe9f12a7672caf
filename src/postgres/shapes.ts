// What becomes of rows, and of arguments.

import { format } from "../support/format.ts";
import { prepareValue } from "./driver.ts";
import type { Columns, RawRow } from "./requests.ts";

/** A row, by the names of its columns. Of columns with the same name the last one counts. */
export type Row = { [column: string]: unknown };

/** A row as a plain object. */
export function recordOf<R extends object = Row>(row: RawRow, { names, parsers, empty }: Columns): R {
  const record: Row = { ...empty };
  for (let index = 0; index < names.length; index++) record[names[index]] = valueOf(row, parsers, index);
  return record as R;
}

/** The value of the first column. */
export function firstValue<V>(row: RawRow, { parsers }: Columns): V {
  return valueOf(row, parsers, 0) as V;
}

function valueOf(row: RawRow, parsers: Columns["parsers"], index: number): unknown {
  const text = row[index] ?? null;
  return text === null ? null : parsers[index](text);
}

/** The protocol counts the values of a statement in 16 bits. */
const MOST_VALUES = 65_535;

/** Throws TypeError for a text that cannot be sent: a zero would end it early. Returns it. */
export function checkText(text: string, what: string): string {
  if (!text.includes("\0")) return text;
  throw new TypeError(`Invalid ${what}: there is a zero character in it`);
}

/** Values as they are sent. Throws what the conversion of one throws. */
export function prepareValues(values: readonly unknown[]): unknown[] {
  if (!Array.isArray(values)) throw new TypeError(`Invalid args: expected a list of values, got ${format(values)}`);
  if (values.length > MOST_VALUES)
    throw new RangeError(`Cannot send ${values.length} values with a statement: ${MOST_VALUES} is the most`);
  return values.map(prepared);
}

function prepared(value: unknown): unknown {
  if (typeof value !== "function" && typeof value !== "symbol") return prepareValue(value);
  throw new TypeError(`Cannot send a ${typeof value} to the server`);
}

/** Values of many runs, as they are sent. */
export function prepareAll(args: Iterable<readonly unknown[]>): unknown[][] {
  if (typeof (args as Partial<typeof args> | null)?.[Symbol.iterator] === "function")
    return Array.from(args, (values) => prepareValues(values));
  throw new TypeError(`Invalid args: expected lists of values, got ${format(args)}`);
}
