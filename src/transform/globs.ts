// Globs for paths, as expressions: `*` is part of a name, `**` any folders, `?` a letter, `{a,b}` either. Folders are
// parted by slashes of either kind.

const TOKEN = /\*\*\/|\*\*|\*|\?|\/|\{[^{}]*\}|[^*?/{]+|\{/g;
export const SLASH = "[\\\\/]";

/** The source of an expression for the paths that a glob means. */
export function globOf(glob: string): string {
  return (glob.match(TOKEN) ?? []).map(tokenOf).join("");
}

function tokenOf(token: string): string {
  if (token === "**/") return `(?:.*${SLASH})?`;
  if (token === "**") return ".*";
  if (token === "*") return "[^\\\\/]*";
  if (token === "?") return "[^\\\\/]";
  if (/^\{.*\}$/.test(token)) return `(?:${token.slice(1, -1).split(",").map(globOf).join("|")})`;
  return escaped(token);
}

/** The source of an expression for one path. */
export function escaped(path: string): string {
  const parts = path.split(/[\\/]/).map((part) => part.replace(/[\^$.|?*+()[\]{}]/g, "\\$&"));
  return parts.join(SLASH);
}
