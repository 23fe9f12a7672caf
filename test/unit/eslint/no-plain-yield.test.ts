// no-plain-yield, on programs as people write them.

import { describe } from "vitest";
import { type Invalid, tryRule, tryTyped } from "./eslint.ts";

const plain = (code: string, suggestions = 1): Invalid => ({ code, errors: [{ messageId: "plain", suggestions }] });
const promise = (code: string, suggestions = 0): Invalid => ({
  code,
  errors: [suggestions > 0 ? { messageId: "promise", suggestions } : { messageId: "promise" }],
});

const sleep = `import { sleep } from "wasyncio";`;

const VALID = [
  `${sleep} function* main() { yield* sleep(1); }`,
  `${sleep} function* main() { yield* sleep(1); yield; }`,
  `${sleep} function* main() { yield* sleep(1); yield 1; }`,
  // generators of values, and of coroutines that somebody else starts
  `function* numbers() { yield random(); }`,
  `function* numbers() { yield* evens(); yield odd(); } function* evens() { yield two(); }`,
  `${sleep} function* jobs() { yield sleep(1); yield sleep(2); }`,
  `${sleep} function* jobs() { yield* more; yield sleep(2); }`,
  `${sleep} function* jobs() { function* job() { yield* sleep(1); } yield job(); yield job(); }`,
  `${sleep} async function* pages() { yield load(); }`,
  `import { sleep } from "effection"; function* main() { yield* sleep(1); yield call(); }`,
];

const INVALID: Invalid[] = [
  {
    name: "what the suggestion makes of it",
    code: `${sleep} function* main() { yield* sleep(1); const page = yield load(); }`,
    errors: [
      {
        messageId: "plain",
        suggestions: [
          {
            messageId: "addStar",
            output: `${sleep} function* main() { yield* sleep(1); const page = yield* load(); }`,
          },
        ],
      },
    ],
  },
  {
    name: "a promise, which is wrapped",
    code: `${sleep} function* main() { yield* sleep(1); yield new Promise(later); }`,
    errors: [
      {
        messageId: "promise",
        suggestions: [
          {
            messageId: "addWrap",
            output: `import { wrapFuture, sleep } from "wasyncio"; function* main() { yield* sleep(1); yield* wrapFuture(new Promise(later)); }`,
          },
        ],
      },
    ],
  },
  promise(`const { sleep } = require("wasyncio"); function* main() { yield* sleep(1); yield new Promise(later); }`),
  plain(`${sleep} function* main() { yield sleep(1); yield* sleep(2); }`),
  plain(`${sleep} function* main() { yield* nap(); yield nap(); } function* nap() { yield* sleep(1); }`),
  plain(`${sleep} function* main() { for (;;) { yield* sleep(1); if (ready) yield this.load(); } }`),
  plain(`import { run } from "wasyncio"; run(function* () { yield load(); });`),
  plain(`import { Lock } from "wasyncio"; const lock = new Lock(); lock.with(function* () { yield load(); });`),
  plain(`import { gather } from "wasyncio"; function* main() { yield* gather(a(), b()); yield gather(a(), b()); }`),
  plain(
    `import { Queue } from "wasyncio"; const q = new Queue(); function* main() { yield* q.join(); yield q.get(); }`,
  ),
];

const TYPED = `import type { Coroutine, Future, Suspension, Task } from "wasyncio";
import { sleep } from "wasyncio";
declare const task: Task<void>, future: Future<void>, promise: Promise<void>, parked: Suspension, anything: any;
declare function load(url: string): Coroutine<string>;
declare function name(): string;
`;

describe("without types", () => tryRule("no-plain-yield", VALID, INVALID));

describe("with types", () => {
  tryTyped(
    "no-plain-yield",
    TYPED,
    [
      `export function* main() { yield* load("/"); yield parked; }`,
      `export function* main() { yield* load("/"); yield name(); }`,
      `export function* jobs() { yield load("/"); yield task; }`,
      `export function* main() { yield* load("/"); yield anything; }`,
      `export function* numbers() { yield* [1, 2]; yield name(); yield promise; }`,
    ],
    [
      plain(`export function* main() { yield* load("/"); yield load("/"); }`),
      plain(`export function* main() { yield* task; yield future; }`),
      plain(`export function* main() { yield* future; yield task; }`),
      plain(`export function* main() { yield* load("/"); yield anything(); }`),
      promise(`export function* main() { yield* load("/"); yield promise; }`, 1),
    ],
  );
});
