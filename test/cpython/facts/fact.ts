// A fact of asyncio as a program: what it gives is compared with the trace that CPython gave for the same program in
// Python.

/** What a program has done, in order. */
export type Trace = unknown;

/** Gives the trace of a fact, or a promise of it. */
export type Program = () => Trace;

/** A fact that does not hold to the letter: the trace that the program gives here, and why. */
export interface Different {
  readonly kind: "reworded" | "different";
  readonly because: string;
  readonly trace: Trace;
  readonly program: Program;
}

/** A fact that has no meaning in JavaScript, or none yet: why. */
export interface Excused {
  readonly kind: "excused";
  readonly because: string;
}

export type Fact = Program | Different | Excused;

/** The facts of a group, by id. */
export type Facts = Readonly<Record<string, Fact>>;

/**
 * Holds, in other words: only messages of errors, and what `withoutWords` takes out of other texts, are not CPython's.
 */
export function reworded(because: string, trace: Trace, program: Program): Different {
  return { kind: "reworded", because, trace, program };
}

export function differs(because: string, trace: Trace, program: Program): Different {
  return { kind: "different", because, trace, program };
}

export function excused(because: string): Excused {
  return { kind: "excused", because };
}
