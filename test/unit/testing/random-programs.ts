// Random programs for simulations: those that are compared with CPython, in their own grammar.

import { type Coroutine, getRunningLoop } from "wasyncio";
import { generate } from "../../cpython/programs/generator.ts";
import { Interpreter } from "../../cpython/programs/interpreter.ts";
import type { Program } from "../../cpython/programs/program.ts";
import { Node, World } from "../../cpython/programs/world.ts";

/** The first `count` random programs of a seed. */
export function randomPrograms(seed: number, count: number): (() => Coroutine<unknown>)[] {
  return Array.from({ length: count }, (_, index) => {
    const program = generate(seed, index);
    return () => play(program);
  });
}

/** A run of a program, in the loop that runs. */
export function play(program: Program): Coroutine<unknown> {
  const world = new World(program, getRunningLoop());
  return new Interpreter(world).coroutine(program.main, new Node());
}
