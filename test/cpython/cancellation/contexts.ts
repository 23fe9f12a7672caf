// contextlib's managers: exit stacks, closing, nothing at all. python/contexts.py is the twin.

import { type AsyncContextManager, AsyncExitStack, type Coroutine, aclosing, nullContext, sleep } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { type Chapter, type World, describe } from "./sweep.ts";

type Leave = "fail" | "swallow" | null;

/** Takes half a second to enter and an iteration to leave, and notes both. Leaving does what `leave` says. */
function manager(w: World, name: string, leave: Leave = null): AsyncContextManager<string> {
  return {
    *aenter() {
      yield* sleep(0.5);
      w.note(`enter ${name}`);
      return name;
    },
    *aexit(error, failed) {
      w.note(`leave ${name} ${failed ? describe(error) : "None"}`);
      yield* spin(1);
      if (leave === "fail") throw new RangeError(name);
      return leave === "swallow";
    },
  };
}

class Thing {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  *aclose(): Coroutine<void> {
    yield* spin(1);
    this.#world.note("closed");
  }
}

interface Two {
  readonly first?: Leave;
  readonly second?: Leave;
  readonly fails?: boolean;
}

function two(w: World, { first = null, second = null, fails = false }: Two = {}): Coroutine<string | undefined> {
  return new AsyncExitStack().with(function* (stack) {
    for (const [name, leave] of [
      ["a", first],
      ["b", second],
    ] as const)
      w.note(yield* stack.enterAsyncContext(manager(w, name, leave)));
    yield* spin(2);
    if (fails) throw new RangeError("body");
    return "r";
  });
}

const coroutines: Record<string, (w: World) => Coroutine<unknown>> = {
  stack_of_two: (w) => two(w),
  stack_fails: (w) => two(w, { fails: true }),
  stack_first_swallows: (w) => two(w, { first: "swallow", fails: true }),
  stack_second_swallows: (w) => two(w, { second: "swallow", fails: true }),
  stack_second_fails: (w) => two(w, { second: "fail" }),
  stack_both_fail: (w) => two(w, { first: "fail", second: "fail", fails: true }),
  stack_second_fails_first_swallows: (w) => two(w, { first: "swallow", second: "fail", fails: true }),
  *stack_callbacks(w) {
    function* wait(name: string, count: number): Coroutine<boolean> {
      yield* spin(count);
      w.note(name);
      return true;
    }
    yield* new AsyncExitStack().with(function* (stack) {
      stack.pushAsyncCallback(wait, "first", 1);
      stack.pushAsyncExit(function* (error, failed) {
        w.note(`exit ${failed ? describe(error) : "None"}`);
        yield* spin(1);
        return error instanceof RangeError;
      });
      stack.callback((name: string) => w.note(name), "second");
      stack.pushAsyncExit(manager(w, "pushed"));
      stack.pushAsyncCallback(wait, "third", 2);
      yield* spin(2);
      throw new RangeError("body");
    });
  },
  *stack_pop_all(w) {
    const kept = (yield* new AsyncExitStack().with(function* (stack) {
      yield* stack.enterAsyncContext(manager(w, "a"));
      const kept = stack.popAll();
      stack.callback(() => w.note("left behind"));
      return kept;
    })) as AsyncExitStack;
    w.note("behind");
    try {
      yield* spin(2);
    } finally {
      yield* kept.aclose();
    }
    yield* kept.aclose();
    return "r";
  },
  closing: (w) =>
    aclosing(new Thing(w)).with(function* (thing) {
      w.note(thing.constructor.name);
      yield* spin(2);
      return "r";
    }),
  closing_fails: (w) =>
    aclosing(new Thing(w)).with(function* () {
      yield* sleep(0.5);
      throw new RangeError("body");
    }),
  *null(w) {
    yield* nullContext("value").with(function* (value) {
      w.note(value);
      yield* spin(2);
    });
    return "r";
  },
};

export const contexts: Chapter = {
  starts: ["first", "last", "0.4999999999", "0.9999999999"],
  laters: 6,
  scenarios: Object.fromEntries(
    Object.entries(coroutines).map(([name, coroutine]) => [name, (w: World) => w.start("task", coroutine(w))]),
  ),
};
