// Values that may come where something else is due, each with the words by which a message shows it.

import { type Future, sleep } from "wasyncio";
import type { World } from "./world.ts";

export interface BadValue {
  /** Makes it, anew for each call. */
  make(world: World): unknown;
  /** What a message that names it has in it. */
  text: string | RegExp;
}

const plain = (value: unknown, text: string): BadValue => ({ make: () => value, text });

function* generatorFunction(): Generator<unknown> {
  yield* sleep(0);
}

async function* asyncGenerator(): AsyncGenerator<number> {
  yield 1;
}

class Klass {}

function finished(): Generator {
  const generator = (function* () {})();
  generator.next();
  return generator;
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An object every look at which throws. */
function untouchable(): unknown {
  const refuse = (): never => {
    throw new EvalError("untouchable");
  };
  return new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse });
}

function settled(world: World, how: (future: Future<unknown>) => void): Future<unknown> {
  const future = world.loop.createFuture<unknown>();
  how(future);
  if (!future.cancelled()) future.exception(); // looked at, so that nobody reports it
  return future;
}

export const VALUES: Readonly<Record<string, BadValue>> = {
  undefined: plain(undefined, "undefined"),
  null: plain(null, "null"),
  zero: plain(0, "0"),
  number: plain(5, "5"),
  NaN: plain(NaN, "NaN"),
  "-1": plain(-1, "-1"),
  Infinity: plain(Infinity, "Infinity"),
  "-Infinity": plain(-Infinity, "-Infinity"),
  "1.5": plain(1.5, "1.5"),
  "2**53": plain(2 ** 53, "9007199254740992"),
  string: plain("text", "'text'"),
  "empty string": plain("", "''"),
  true: plain(true, "true"),
  symbol: plain(Symbol("s"), "Symbol(s)"),
  bigint: plain(10n, "10n"),
  object: { make: () => ({ a: 1 }), text: '{"a":1}' },
  "empty object": { make: () => ({}), text: "[object Object]" },
  "object without prototype": { make: () => Object.create(null) as unknown, text: "[object Object]" },
  "empty array": { make: () => [], text: "[]" },
  array: { make: () => [1, "x"], text: "[1, 'x']" },
  date: { make: () => new Date(NaN), text: "Invalid Date" },
  function: { make: () => function fn() {}, text: "<function fn>" },
  class: plain(Klass, "<function Klass>"),
  error: { make: () => new RangeError("e"), text: "RangeError('e')" },
  "class of errors": plain(RangeError, "<function RangeError>"),
  promise: { make: () => Promise.resolve(1), text: "[object Promise]" },
  "pending promise": { make: () => new Promise(() => {}), text: "[object Promise]" },
  "generator function": plain(generatorFunction, "<function generatorFunction>"),
  coroutine: { make: () => generatorFunction(), text: "[object Generator]" },
  "finished generator": { make: finished, text: "[object Generator]" },
  /** Stands for one that is running during the call: see `check`. */
  "running generator": { make: ({ running }) => running, text: "[object Generator]" },
  "async generator": { make: () => asyncGenerator(), text: "[object AsyncGenerator]" },
  future: { make: ({ loop }) => loop.createFuture(), text: "<Future pending" },
  "done future": { make: (world) => settled(world, (future) => future.setResult(1)), text: "<Future finished" },
  "failed future": {
    make: (world) => settled(world, (future) => future.setException(new RangeError("f"))),
    text: "<Future finished",
  },
  "cancelled future": { make: (world) => settled(world, (future) => future.cancel()), text: "<Future cancelled" },
  "future of another loop": { make: ({ other }) => other.createFuture(), text: "<Future pending" },
  "future of a closed loop": { make: ({ closed }) => closed.createFuture(), text: "<Future pending" },
  "the loop": { make: ({ loop }) => loop, text: "<VirtualEventLoop running=" },
  "another loop": { make: ({ other }) => other, text: "<VirtualEventLoop running=false closed=false" },
  "closed loop": { make: ({ closed }) => closed, text: "<VirtualEventLoop running=false closed=true" },
  "revoked proxy": { make: () => revoked({}), text: /revoked|\[object\]/ },
  "revoked function": { make: () => revoked(() => {}), text: /revoked|<function \(anonymous\)>/ },
  "unshowable object": {
    make: () => ({
      toString() {
        throw new EvalError("untouchable");
      },
    }),
    text: "[object Object]",
  },
  "untouchable object": { make: untouchable, text: /untouchable|\[object( Object)?\]/ },
};
