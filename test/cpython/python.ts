// A program of CPython's in a process of its own: it prints lines of JSON, and may be told some.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class PythonProgram {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number | string>;
  #errors = "";

  /** @param python Debian's has packages of Debian's; by default whatever there is */
  constructor(file: string, args: readonly (string | number)[], python = "python3") {
    const child = (this.#child = spawn(python, [file, ...args.map(String)], { stdio: "pipe" }));
    child.on("error", () => {}); // there is none: its output ends
    child.stdin.on("error", () => {}); // it has ended
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => void child.once("close", (code, signal) => resolve(code ?? signal ?? -1)));
  }

  /** The next line that it prints, as data; null when it has ended. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    return done === true ? null : JSON.parse(value);
  }

  /** Tells it a line of JSON. */
  tell(data: unknown): void {
    this.#child.stdin?.write(`${JSON.stringify(data)}\n`);
  }

  /** Says that nothing more is told, and waits for its end. Gives its exit code, and what it has complained about. */
  async end(): Promise<{ readonly end: number | string; readonly errors: string }> {
    this.#child.stdin?.end();
    return { end: await this.#ended, errors: this.#errors };
  }
}
