// Every public name that can be called: functions, constructors, methods and getters, as the doors give them at run
// time; and the doors that have tests of their own instead.

import * as wasyncio from "wasyncio";
import * as streams from "wasyncio/streams";
import * as testing from "wasyncio/testing";
import * as timeline from "wasyncio/timeline";

type Class = { readonly prototype: object };

/** The doors whose names are in the tables. */
export const COVERED: Readonly<Record<string, object>> = {
  wasyncio,
  "wasyncio/streams": streams,
  "wasyncio/testing": testing,
  "wasyncio/timeline": timeline,
};

/** The other doors, with the reason. */
export const NOT_COVERED: Readonly<Record<string, string>> = {
  "wasyncio/bullmq": "needs Redis and real time: test/unit/bullmq has what it refuses",
  "wasyncio/client": "asks servers, which needs real time: test/unit/client has what it refuses",
  "wasyncio/edge": "makes fetch handlers, which need requests and a host's loop: test/unit/edge has what it refuses",
  "wasyncio/eslint": "its functions are ESLint's to call: test/unit/eslint tries them on programs",
  "wasyncio/extras": "has tables of its own: test/unit/extras has what it refuses",
  "wasyncio/pool": "has a table of its own: test/unit/pool has what it refuses",
  "wasyncio/postgres": "needs a server and real time: test/unit/postgres has what it refuses",
  "wasyncio/executors": "needs workers and real time: test/unit/executors has what it refuses",
  "wasyncio/multiprocessing": "needs workers and real time: test/unit/multiprocessing has what it refuses",
  "wasyncio/subprocess": "starts processes, which need real time: test/unit/subprocess has what it refuses",
  "wasyncio/async": "is wasyncio for lowered code: test/unit/async has what it refuses",
  "wasyncio/lowered": "is called by lowered modules alone, which the lowering has written",
  "wasyncio/lowered-timers": "is Node's own interface, for lowered modules: test/unit/promises has what it refuses",
  "wasyncio/register": "changes how the process loads files: test/unit/register has what it refuses",
  "wasyncio/transform": "works on the text of files: test/unit/transform has what it refuses",
  "wasyncio/vitest": "needs a test runner: test/unit/testing has what it refuses",
  "wasyncio/serve": "needs sockets, signals and real time: test/unit/serve has what it refuses",
  "wasyncio/node-http": "needs sockets and real time: test/unit/node-http has what it refuses",
};

const exported: Record<string, unknown> = Object.assign({}, ...Object.values(COVERED));

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
  for (const fact of ["name", "code", "errno", "syscall"]) members.delete(fact); // of an error: plain values
  members.delete("[util.inspect.custom]"); // what consoles call: toString, see test/unit/support/shown.test.ts
  return [...members];
}

function nameOfKey(key: string | symbol): string {
  return typeof key === "string" ? key : `[${(key.description ?? "").replace(/^(?:Symbol|nodejs)\./, "")}]`;
}
