import { expect, test } from "vitest";
import { isCoroutine, isCoroutineFunction, sleep } from "wasyncio";
import { GIVE_WAY, PARK, isThenable } from "../../../src/runtime/suspension.ts";
import { giving } from "../../support/coroutines.ts";
import { dispose, newLoop } from "../../support/stage.ts";

async function* asyncGenerator(): AsyncGenerator<void> {}

test("a coroutine is a generator, or what behaves as one", () => {
  const loop = newLoop();
  const handmade = { next() {}, throw() {}, return() {}, [Symbol.iterator]() {} };
  const unthrowable = { next() {}, throw: null, return() {}, [Symbol.iterator]() {} };
  expect([giving(1), sleep(0), handmade].map(isCoroutine)).toEqual([true, true, true]);
  const others = [
    giving,
    asyncGenerator(),
    [][Symbol.iterator](),
    loop.createFuture(),
    loop.createTask(giving(1)),
    Promise.resolve(),
    unthrowable,
    null,
    undefined,
    "text",
    5,
  ];
  expect(others.map(isCoroutine)).toEqual(others.map(() => false));
  dispose(loop);
});

test("a coroutine function is a function*", () => {
  expect(isCoroutineFunction(giving)).toBe(true);
  expect(isCoroutineFunction({ *method() {} }.method)).toBe(true);
  const others = [() => {}, async () => {}, asyncGenerator, sleep, giving(1), class {}, null, 5];
  expect(others.map(isCoroutineFunction)).toEqual(others.map(() => false));
});

test("a thenable is anything with a then method", () => {
  const loop = newLoop();
  const callable = Object.assign(() => {}, { then() {} });
  expect([Promise.resolve(), { then() {} }, callable, loop.createFuture()].map(isThenable)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([{ then: 5 }, {}, null, undefined, "then", () => {}].map(isThenable)).toEqual(Array(6).fill(false));
  dispose(loop);
});

test("what passes through yield can be told apart, and shown", () => {
  expect([String(PARK), GIVE_WAY]).toEqual(["<parked>", undefined]);
});
