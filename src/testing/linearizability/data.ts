// Data: what can be copied and compared by its contents. States of models, arguments and results are data; whatever
// else stands in them, an instance of a program's class for example, is what it is by its identity alone.

/** A copy of data, in which nothing is shared with it but what is no data; `refuse` is called with that. */
export function copyOf<T>(value: T, refuse?: (opaque: object) => void): T {
  return new Copying(refuse).copy(value) as T;
}

class Copying {
  readonly #copies = new Map<object, object>();
  readonly #refuse: ((opaque: object) => void) | undefined;

  constructor(refuse: ((opaque: object) => void) | undefined) {
    this.#refuse = refuse;
  }

  copy(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    return this.#copies.get(value) ?? this.#copyObject(value);
  }

  #copyObject(value: object): object {
    switch (kindOf(value)) {
      case "array": {
        const copy = this.#noted(value, [] as unknown[]);
        for (const item of value as unknown[]) copy.push(this.copy(item));
        return copy;
      }
      case "map": {
        const copy = this.#noted(value, new Map());
        for (const [key, item] of value as Map<unknown, unknown>) copy.set(this.copy(key), this.copy(item));
        return copy;
      }
      case "set": {
        const copy = this.#noted(value, new Set());
        for (const item of value as Set<unknown>) copy.add(this.copy(item));
        return copy;
      }
      case "plain": {
        const copy: Record<string, unknown> = this.#noted(value, {});
        for (const [name, item] of Object.entries(value)) copy[name] = this.copy(item);
        return copy;
      }
      case "date":
        return new Date(value as Date);
      case "bytes":
        return Uint8Array.from(value as Uint8Array);
      case "error":
        return value;
      case "opaque":
        this.#refuse?.(value);
        return value;
    }
  }

  /** Before its items are copied: one of them may be the value itself. */
  #noted<T extends object>(value: object, copy: T): T {
    this.#copies.set(value, copy);
    return copy;
  }
}

/**
 * Texts of data, the same for the same contents, while what is no data has a number for each identity. `unordered`:
 * whether the order of properties, of a Map and of a Set makes no difference. It does in a state, which a model may go
 * through in that order.
 */
export class Keys {
  readonly #numbers = new Map<unknown, number>();

  keyOf(value: unknown, unordered = false): string {
    return this.#keyIn(value, unordered, []);
  }

  #keyIn(value: unknown, unordered: boolean, outer: readonly object[]): string {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function" || typeof value === "symbol") return this.#numberOf(value);
    if (typeof value !== "object" || value === null) return String(value);
    if (outer.includes(value)) return `^${outer.indexOf(value)}`; // it is inside of itself
    const inner = [...outer, value];
    const key = (each: unknown): string => this.#keyIn(each, unordered, inner);
    const pair = ([name, each]: readonly [unknown, unknown]): string => `${key(name)}:${key(each)}`;
    const all = (texts: string[]): string => (unordered ? texts.sort() : texts).join();
    switch (kindOf(value)) {
      case "array":
        return `[${Array.from(value as unknown[], key).join()}]`;
      case "map":
        return `Map{${all(Array.from(value as Map<unknown, unknown>, pair))}}`;
      case "set":
        return `Set{${all(Array.from(value as Set<unknown>, key))}}`;
      case "plain":
        return `{${all(Object.entries(value).map(pair))}}`;
      case "date":
        return `Date(${Number(value)})`;
      case "bytes":
        return `Bytes(${(value as Uint8Array).join()})`;
      case "error":
        return `${(value as Error).name}(${key((value as Error).message)})`;
      case "opaque":
        return this.#numberOf(value);
    }
  }

  #numberOf(value: unknown): string {
    let number = this.#numbers.get(value);
    if (number === undefined) this.#numbers.set(value, (number = this.#numbers.size));
    return `#${number}`;
  }
}

/** Whether it is data of a class of the language's: an array, a map, an error. */
export function isBuiltIn(value: object): boolean {
  return !["plain", "opaque"].includes(kindOf(value));
}

type Kind = "array" | "map" | "set" | "plain" | "date" | "bytes" | "error" | "opaque";

function kindOf(value: object): Kind {
  try {
    if (Array.isArray(value)) return "array";
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return "plain";
    if (prototype === Map.prototype) return "map";
    if (prototype === Set.prototype) return "set";
    if (prototype === Date.prototype) return "date";
    if (value instanceof Uint8Array) return "bytes";
    if (value instanceof Error) return "error";
  } catch {
    // It throws when it is looked at, as a revoked proxy does.
  }
  return "opaque";
}
