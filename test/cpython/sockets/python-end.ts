// CPython's end of connections: python/end.py in a process of its own, told what to do by lines of JSON.

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Action, Address, End, Event, Kind, Operation, Setup, Trace, Traces } from "./end.ts";

/** Which loop it has. */
export type LoopName = "asyncio" | "uvloop";

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

const FILE = resolve(import.meta.dirname, "python/end.py");
/** Debian's, for which there is a uvloop; else whatever there is. */
const PROGRAMS = ["/usr/bin/python3", "python3"];

export class PythonEnd implements End {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Starts one; null when there is no Python with such a loop. */
  static async start(loop: LoopName): Promise<PythonEnd | null> {
    for (const program of PROGRAMS) {
      const child = spawn(program, [FILE, ...(loop === "uvloop" ? ["--uvloop"] : [])], { stdio: "pipe" });
      child.on("error", () => {}); // there is none: its output ends
      const end = new PythonEnd(child);
      const { done } = await end.#lines.next();
      if (done !== true) return end;
    }
    return null;
  }

  /** Ends the process. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin?.end();
    await ended;
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
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`CPython has ended: ${this.#errors}`);
    const { result, error } = JSON.parse(value) as Answer;
    if (error !== undefined) throw new Error(`CPython: ${error} ${this.#errors}`);
    return result as T;
  }
}
