// Prepared statements, by asyncpg's names.

import type { Coroutine } from "../runtime/suspension.ts";
import { operation } from "../waiting/operation.ts";
import type { Commands } from "./commands.ts";
import { Cursor, type CursorOptions, checkPrefetch } from "./cursor.ts";
import type { Statement } from "./requests.ts";
import { type Row, firstValue, prepareAll, prepareValues, recordOf } from "./shapes.ts";

/** A statement that the server has looked at; `Connection.prepare` makes it. Mirrors asyncpg's PreparedStatement. */
export class PreparedStatement {
  /** @internal */
  static readonly name: string = "PreparedStatement";
  readonly #commands: Commands;
  readonly #statement: Statement;

  /** @internal */
  constructor(commands: Commands, statement: Statement) {
    this.#commands = commands;
    this.#statement = statement;
  }

  /** Its text. Mirrors PreparedStatement.get_query. */
  getQuery(): string {
    return this.#statement.text;
  }

  /** Names of its columns; none when it gives no rows. Mirrors PreparedStatement.get_attributes. */
  getAttributes(): readonly string[] {
    return this.#statement.columns?.names ?? [];
  }

  /** As `Connection.fetch`. */
  fetch<R extends object = Row>(...args: unknown[]): Coroutine<R[]> {
    return operation(
      "PreparedStatement.fetch",
      this.#commands.rowsOf(this.#statement, prepareValues(args), recordOf<R>),
    );
  }

  /** As `Connection.fetchrow`. */
  fetchrow<R extends object = Row>(...args: unknown[]): Coroutine<R | null> {
    return operation(
      "PreparedStatement.fetchrow",
      this.#commands.firstOf(this.#statement, prepareValues(args), recordOf<R>),
    );
  }

  /** As `Connection.fetchval`. */
  fetchval<V = unknown>(...args: unknown[]): Coroutine<V | null> {
    return operation(
      "PreparedStatement.fetchval",
      this.#commands.firstOf(this.#statement, prepareValues(args), firstValue<V>),
    );
  }

  /** As `Connection.executemany`. */
  executemany(args: Iterable<readonly unknown[]>): Coroutine<void> {
    return operation("PreparedStatement.executemany", this.#commands.runMany(this.#statement, prepareAll(args)));
  }

  /** As `Connection.cursor`. */
  cursor<R extends object = Row>(args: readonly unknown[] = [], options: CursorOptions = {}): Cursor<R> {
    return new Cursor<R>(this.#commands, this.#statement, prepareValues(args), checkPrefetch(options));
  }

  /** Lets the server forget it, with the next statement. It can be used again all the same. */
  close(): void {
    this.#commands.statements.drop(this.#statement);
  }
}
