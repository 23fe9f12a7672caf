// The names that lowering writes into a file: imports from `wasyncio/lowered`, and variables of its own. All begin with
// a mark that the file has nowhere.

import type { Format } from "./source.ts";

/** What lowered files import their helpers from. */
export const LOWERED = "wasyncio/lowered";

/** What they import in the place of modules of the host's, by the names of those. */
const MODULES: ReadonlyMap<string, string> = new Map([["timers/promises", `${LOWERED}-timers`]]);

/** What a lowered file imports in the place of a module; undefined: that one. */
export const moduleFor = (name: string): string | undefined => MODULES.get(name.replace(/^node:/, ""));

/** The names that lowered files import. */
export const OURS: RegExp = new RegExp(`^(${[LOWERED, ...MODULES.values()].join("|")})$`);

/** Helpers whose names are words of the language. */
const RESERVED: Readonly<Record<string, string>> = { await: "await_", yield: "yield_" };

export class Helpers {
  readonly #mark: string;
  readonly #used = new Set<string>();

  constructor(code: string) {
    let mark = "$w";
    while (code.includes(mark)) mark += "$";
    this.#mark = mark;
  }

  /** The name of an imported helper. */
  use(helper: string): string {
    this.#used.add(helper);
    return `${this.#mark}_${helper}`;
  }

  /** A name of the file's own. */
  own(name: string | number): string {
    return `${this.#mark}${name}`;
  }

  /** The statement that imports what was used, if there is any. */
  imports(format: Format): string {
    if (this.#used.size === 0) return "";
    const names = [...this.#used].sort().map((name) => [RESERVED[name] ?? name, `${this.#mark}_${name}`]);
    return format === "module"
      ? `import { ${names.map((pair) => pair.join(" as ")).join(", ")} } from "${LOWERED}"; `
      : `const { ${names.map((pair) => pair.join(": ")).join(", ")} } = require("${LOWERED}"); `;
  }
}
