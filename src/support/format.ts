// How values look in messages: one line of bounded length, never throwing.

const LONGEST_TEXT = 1000;
const MOST_ITEMS = 20;
const DEEPEST_LIST = 4;

/**
 * A short text for any value: strings quoted, errors as Name('message'), functions by name, own objects by their
 * toString.
 */
export function format(value: unknown): string {
  return formatAt(value, 0);
}

/** Name of a function, for messages; any other value as `format` has it. */
export function nameOf(fn: unknown): string {
  return typeof fn === "function" ? nameOfFunction(fn) : format(fn);
}

function formatAt(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return `<function ${nameOfFunction(value)}>`;
    case "object":
      return value === null ? "null" : formatObject(value, depth);
    default:
      return String(value);
  }
}

function nameOfFunction(fn: object): string {
  const name = attempt(() => (fn as { name: unknown }).name);
  return typeof name === "string" && name !== "" ? name : "(anonymous)";
}

function quote(text: string): string {
  const escaped = JSON.stringify(shorten(text)).slice(1, -1).replaceAll('\\"', '"');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function formatObject(value: object, depth: number): string {
  return (
    attempt(() => describeObject(value, depth)) ?? attempt(() => Object.prototype.toString.call(value)) ?? "[object]"
  );
}

function describeObject(value: object, depth: number): string {
  if (value instanceof Error) return `${value.name}(${value.message === "" ? "" : quote(value.message)})`;
  if (Array.isArray(value)) return formatList(value, depth);
  if (value.toString !== Object.prototype.toString) return shorten(String(value).replaceAll(/\s*[\r\n]\s*/g, " "));
  const json = JSON.stringify(value);
  return json === undefined || json === "{}" ? Object.prototype.toString.call(value) : shorten(json);
}

function formatList(list: readonly unknown[], depth: number): string {
  if (depth === DEEPEST_LIST) return "[...]";
  const items = list.slice(0, MOST_ITEMS).map((item) => formatAt(item, depth + 1));
  if (list.length > MOST_ITEMS) items.push("...");
  return `[${items.join(", ")}]`;
}

function shorten(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...` : text;
}

/** What `describe` gives, or undefined: a value that cannot be shown must not hide the message it stands in. */
function attempt<T>(describe: () => T): T | undefined {
  try {
    return describe();
  } catch {
    return undefined;
  }
}
