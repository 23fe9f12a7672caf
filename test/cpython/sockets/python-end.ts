// CPython's end of connections: python/end.py in a process of its own, told what to do by lines of JSON.

import { resolve } from "node:path";
import { PythonProgram } from "../python.ts";
import type { Action, Address, End, Event, Kind, Operation, Setup, Trace, Traces } from "./end.ts";

/** Which loop it has. */
export type LoopName = "asyncio" | "uvloop";

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

const FILE = resolve(import.meta.dirname, "python/end.py");
/** Debian's, for which there is a uvloop; else whatever there is. */
const PYTHONS = ["/usr/bin/python3", "python3"];

export class PythonEnd implements End {
  readonly #program: PythonProgram;

  private constructor(program: PythonProgram) {
    this.#program = program;
  }

  /** Starts one; null when there is no Python with such a loop. */
  static async start(loop: LoopName): Promise<PythonEnd | null> {
    for (const python of PYTHONS) {
      const program = new PythonProgram(FILE, loop === "uvloop" ? ["--uvloop"] : [], python);
      if ((await program.next()) !== null) return new PythonEnd(program);
    }
    return null;
  }

  /** Ends the process. */
  async end(): Promise<void> {
    await this.#program.end();
  }

  listen(kind: Kind, path: string | null, setup: Setup): Promise<Address> {
    return this.#tell("listen", kind, path, setup);
  }

  connect(kind: Kind, address: Address, setup: Setup, count = 1): Promise<void> {
    return this.#tell("connect", kind, address, setup, count);
  }

  do(actions: readonly Action[]): Promise<void> {
    return this.#tell("do", actions);
  }

  until(event: Event, least = 1, connections = 1): Promise<boolean> {
    return this.#tell("until", event, least, connections);
  }

  converse(kind: Kind, address: Address, limit: number, operations: readonly Operation[]): Promise<Trace> {
    return this.#tell("converse", kind, address, limit, operations);
  }

  rest(seconds: number): Promise<void> {
    return this.#tell("rest", seconds);
  }

  stop(): Promise<void> {
    return this.#tell("stop");
  }

  finish(): Promise<Traces> {
    return this.#tell("finish");
  }

  async #tell<T>(...command: unknown[]): Promise<T> {
    this.#program.tell(command);
    const answer = (await this.#program.next()) as Answer | null;
    if (answer === null) throw new Error(`CPython has ended: ${(await this.#program.end()).errors}`);
    if (answer.error !== undefined) throw new Error(`CPython: ${answer.error}`);
    return answer.result as T;
  }
}
