// A fact of asyncio as a program: what it gives is compared with the trace that CPython gave for the same program in Python.

/** What a program has done, in order. */
export type Trace = unknown;

/** Gives the trace of a fact. */
export type Program = () => Trace | Promise<Trace>;

/** A fact that does not hold word for word: the trace that the program gives here, and why. */
export interface Different {
  readonly because: string;
  readonly trace: Trace;
  readonly program: Program;
}

/** A fact that has no meaning in JavaScript, or none yet: why. */
export interface Excused {
  readonly because: string;
}

export type Fact = Program | Different | Excused;

/** The facts of a group, by id. */
export type Facts = Readonly<Record<string, Fact>>;

export function differs(because: string, trace: Trace, program: Program): Different {
  return { because, trace, program };
}

export function excused(because: string): Excused {
  return { because };
}

export function isDifferent(fact: Fact): fact is Different {
  return typeof fact === "object" && "program" in fact;
}

export function isExcused(fact: Fact): fact is Excused {
  return typeof fact === "object" && !("program" in fact);
}
