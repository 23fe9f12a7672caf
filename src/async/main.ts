// What a task of lowered code is made of.

import { await_ } from "../promises/await.ts";
import { type Coroutine, isCoroutine } from "../runtime/suspension.ts";
import { checkLowered } from "./not-lowered.ts";

/** What a task is made of: a function, which is called in the task, or a promise. */
export type Main<T> = (() => PromiseLike<T>) | PromiseLike<T> | Coroutine<T>;

/** The coroutine of a task. */
export function bodyOf<T>(main: Main<T>): Coroutine<T> {
  return isCoroutine(main) ? main : calling(checkLowered(main, "create task"));
}

function* calling<T>(main: (() => PromiseLike<T>) | PromiseLike<T>): Coroutine<T> {
  return (yield* await_(typeof main === "function" ? main() : main)) as T;
}
