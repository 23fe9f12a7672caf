// Every public call in the wrong place: outside any loop, in a task of another loop, and when its loop is closed.

import { describe, expect, test } from "vitest";
import { type Coroutine, createTask, isCoroutine, setEventLoop, sleep } from "wasyncio";
import { describeError } from "../support/outcomes.ts";
import { runOnce } from "../support/stage.ts";
import { endings, endingsOf } from "./endings.ts";
import type { Situated } from "./row.ts";
import { SITUATED } from "./situations.ts";
import { type World, isInternal, newWorld, stateOf, stillWorks } from "./world.ts";

interface Ended {
  readonly ending: string;
  /** What is not as it was before a call that threw. */
  readonly changed: string;
}

/** An ending in words, without the texts of tasks and primitives in it. */
function wordsOf(error: unknown): string {
  return describeError(error).replaceAll(/<(?:[^<>]|<[^<>]*>)*>/g, "<...>");
}

function ended(world: World, subject: unknown, before: string, error: unknown): Ended {
  const after = stateOf(world, subject);
  return { ending: wordsOf(error), changed: after === before ? "" : `${before} became ${after}` };
}

/** Makes the call where no loop runs. A coroutine takes its first step by hand. */
async function outside(world: World, subject: unknown, { call }: Situated): Promise<Ended> {
  const before = stateOf(world, subject);
  try {
    const returned = call(subject as never, world.loop);
    if (returned instanceof Promise) await returned;
    else if (isCoroutine(returned)) returned.next();
  } catch (error) {
    return ended(world, subject, before, error);
  }
  return { ending: "ok", changed: "" };
}

/** Makes the call in a task of the other loop. */
async function elsewhere(world: World, subject: unknown, { call }: Situated): Promise<Ended> {
  const { loop, other } = world;
  let promise: unknown = null;
  const made = other.runUntilCompleteSync(
    (function* (): Coroutine<Ended> {
      const before = stateOf(world, subject);
      try {
        const returned = call(subject as never, loop);
        if (isCoroutine(returned)) yield* inSomeIterations(returned);
        else if (returned instanceof Promise) promise = returned;
      } catch (error) {
        return ended(world, subject, before, error);
      }
      return { ending: "ok", changed: "" };
    })(),
  );
  return Promise.resolve(promise).then(
    () => made,
    (error: unknown) => ({ ending: wordsOf(error), changed: "" }),
  );
}

/** Awaits for some iterations, and then no longer. */
function* inSomeIterations(coroutine: Coroutine<unknown>): Coroutine<void> {
  const task = createTask(coroutine);
  for (let i = 0; i < 8 && !task.done(); i++) yield* sleep(0);
  if (task.done()) task.result();
  else task.cancel();
}

/** The faults of a call in one place. */
async function faultsOf(each: Situated, place: keyof ReturnType<typeof endingsOf>): Promise<string[]> {
  const world = newWorld();
  const subject = each.make(world.loop);
  if (place === "closed") world.loop.close();
  const { ending, changed } = await (place === "elsewhere" ? elsewhere : outside)(world, subject, each);
  const faults: string[] = [];
  const expected = endingsOf(each.name)[place];
  if (ending !== expected) faults.push(`expected ${expected}, got ${ending}`);
  if (changed !== "") faults.push(`changed: ${changed}`);
  if (isInternal({ ending, message: ending, changed })) faults.push(`an internal message: ${ending}`);
  for (const loop of [world.loop, world.other]) {
    if (loop.isClosed()) continue;
    runOnce(loop); // a loop that was stopped while it did not run has stopped behind this
    if (!stillWorks(loop)) faults.push("a loop does not go on as it should");
  }
  return faults;
}

describe.each(SITUATED.map((each) => [each.name, each] as const))("%s", (_, each) => {
  test.each(["outside", "elsewhere", "closed"] as const)("%s", async (place) => {
    setEventLoop(null);
    expect(await faultsOf(each, place)).toEqual([]);
  });
});

test("every ending is one of a call", () => {
  const names = new Set(SITUATED.map(({ name }) => name));
  expect([...endings.keys()].filter((name) => !names.has(name))).toEqual([]);
});
