// Which names of the host a file uses: those that no scope around the use declares. They become imports, so that
// lowered files have the loop's promises and timers, and nothing global is replaced.

/** Names of the host that a lowered file imports. */
const HOST_NAMES: ReadonlySet<string> = new Set([
  "Promise",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "fetch",
  "process", // of which `nextTick` is imported
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** A use of a host's name: what stands for it in the source, and which import takes its place. */
export interface Use {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly helper: string;
  /** Whether it is `{ Promise }`, which is a key as well. */
  readonly isShorthand: boolean;
}

interface Scope {
  readonly isFunction: boolean;
  readonly outer: Scope | null;
  declared: Set<string> | null;
  uses: Use[];
}

const newScope = (isFunction: boolean, outer: Scope | null): Scope => ({ isFunction, outer, declared: null, uses: [] });

export class FreeNames {
  /** Names of any kind that the file assigns to. */
  readonly assigned = new Set<string>();
  #scope = newScope(true, null);

  static has(name: string): boolean {
    return HOST_NAMES.has(name);
  }

  /** Whether it is a timer function: each use of it asks what the name stands for, because tests put others there. */
  static isTimer(name: string): boolean {
    return /^(set|clear)/.test(name);
  }

  enter(isFunction: boolean): void {
    this.#scope = newScope(isFunction, this.#scope);
  }

  /** What is not declared in the scope is looked for in the one around it. */
  leave(): void {
    const { outer, declared, uses } = this.#scope;
    if (outer === null) return;
    for (const use of uses) if (!declared?.has(use.name)) outer.uses.push(use);
    this.#scope = outer;
  }

  declare(name: string, isVar: boolean): void {
    if (!HOST_NAMES.has(name)) return;
    let scope = this.#scope;
    while (isVar && !scope.isFunction && scope.outer !== null) scope = scope.outer;
    (scope.declared ??= new Set()).add(name);
  }

  use(use: Use): void {
    this.#scope.uses.push(use);
  }

  /**
   * The uses of the host's own, when all of the file has been seen. A file that assigns to one keeps the host's; not of
   * timers, where what it puts is found.
   */
  uses(): Use[] {
    const { declared, uses } = this.#scope;
    return uses.filter(({ name }) => !declared?.has(name) && (FreeNames.isTimer(name) || !this.assigned.has(name)));
  }
}
