// The statements that the server keeps prepared for a connection: those that were run last.

import { Statement } from "./requests.ts";

export class StatementCache {
  readonly #most: number;
  /** By text, in the order in which they were run. */
  readonly #statements = new Map<string, Statement>();
  /** Names that the server still has, and nobody needs. */
  #forgotten: string[] = [];
  #named = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The statement for a text, which becomes the latest one. */
  get(text: string): Statement {
    if (this.#most === 0) return new Statement(text, "");
    const statement = this.#statements.get(text) ?? this.create(text);
    this.#statements.delete(text);
    this.#statements.set(text, statement);
    if (this.#statements.size > this.#most) {
      for (const oldest of this.#statements.values()) {
        this.#statements.delete(oldest.text);
        this.drop(oldest);
        break;
      }
    }
    return statement;
  }

  /** A statement of its own, which is kept until it is forgotten. */
  create(text: string): Statement {
    return new Statement(text, this.#newName());
  }

  /** The server need not know it any more. What becomes of it next is sent under another name. */
  forget(statement: Statement): void {
    if (statement.name === "") return;
    this.#forgotten.push(statement.name);
    statement.name = this.#newName();
    statement.isPrepared = false;
    statement.columns = null;
  }

  /** Nobody keeps it any more: whoever has it still can run it, and it is sent each time. */
  drop(statement: Statement): void {
    this.forget(statement);
    statement.name = "";
  }

  /** The names that the server may forget, each once. */
  takeForgotten(): readonly string[] {
    const forgotten = this.#forgotten;
    this.#forgotten = [];
    return forgotten;
  }

  #newName(): string {
    return `wasyncio_${++this.#named}`;
  }
}
