// Every public name that can be called: functions, constructors, methods and getters, as the doors give them at run time.

import * as wasyncio from "wasyncio";
import * as testing from "wasyncio/testing";

type Class = { readonly prototype: object };

const exported: Record<string, unknown> = { ...wasyncio, ...testing };

function isClass(value: unknown): value is Class {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** Prototypes whose members are listed under the class that exports them, or are the language's. */
const listedElsewhere = new Set<unknown>([
  ...Object.values(exported)
    .filter(isClass)
    .map(({ prototype }) => prototype),
  ...[Object, Error, AggregateError].map(({ prototype }) => prototype),
]);

/** "sleep", "Lock.constructor", "Lock.acquire", "Future.[iterator]". */
export function publicNames(): string[] {
  return Object.entries(exported).flatMap(([name, value]) => {
    if (isClass(value)) return membersOf(value.prototype).map((member) => `${name}.${member}`);
    return typeof value === "function" ? [name] : [];
  });
}

/** Members of a class, and of its base classes that no door lets out. */
function membersOf(prototype: object): string[] {
  const members = new Set<string>();
  for (let each: object = prototype; each === prototype || !listedElsewhere.has(each);) {
    for (const key of Reflect.ownKeys(each)) members.add(nameOfKey(key));
    each = Object.getPrototypeOf(each) as object;
  }
  members.delete("name"); // of an error: a text
  return [...members];
}

function nameOfKey(key: string | symbol): string {
  return typeof key === "string" ? key : `[${(key.description ?? "").replace(/^(?:Symbol|nodejs)\./, "")}]`;
}
