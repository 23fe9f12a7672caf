// How values look in messages: one line, never throwing.

/** A short text for any value: strings quoted, errors as Name('message'), functions by name, own objects by their toString. */
export function format(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "function":
      return `<function ${value.name || "(anonymous)"}>`;
    case "object":
      return value === null ? "null" : formatObject(value);
    default:
      return String(value);
  }
}

/** Name of a function, for messages. */
export function nameOf(fn: unknown): string {
  return typeof fn === "function" ? fn.name || "(anonymous)" : format(fn);
}

function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function formatObject(value: object): string {
  try {
    if (value instanceof Error) return `${value.name}(${value.message === "" ? "" : quote(value.message)})`;
    if (Array.isArray(value)) return `[${value.map(format).join(", ")}]`;
    if (value.toString !== Object.prototype.toString) return String(value);
    const json = JSON.stringify(value);
    return json === undefined || json === "{}" ? Object.prototype.toString.call(value) : json;
  } catch {
    // A value that cannot be shown must not hide the message it stands in.
    return Object.prototype.toString.call(value);
  }
}
