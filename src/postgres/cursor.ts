// Cursors: the rows of a statement, a few at a time. On the server a cursor is a portal, which its transaction keeps.

import type { CoroutineIterator } from "../bridges/for-each.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkCount, checkNames } from "../support/checks.ts";
import type { Commands } from "./commands.ts";
import { InterfaceError } from "./errors.ts";
import type { Columns, Portal, Statement } from "./requests.ts";
import { type Row, recordOf } from "./shapes.ts";

/** Options of `Connection.cursor`. */
export interface CursorOptions {
  /** Rows that are fetched at once: a whole number from 1. Default: 50. */
  prefetch?: number;
}

export function checkPrefetch(options: CursorOptions): number {
  return checkCount(checkNames(options, ["prefetch"]).prefetch ?? 50, "prefetch");
}

/** The rows of a statement, for `forEach`, once; `Connection.cursor` makes it. Mirrors asyncpg's cursor factories. */
export class Cursor<R extends object = Row> implements CoroutineIterator<R> {
  /** @internal */
  static readonly name: string = "Cursor";
  readonly #commands: Commands;
  readonly #statement: Statement;
  readonly #name: string;
  readonly #prefetch: number;
  /** What the portal is opened with; null when it is open. */
  #values: readonly unknown[] | null;
  #columns: Columns | null = null;
  #rows: R[] = [];
  #next = 0;
  #state: "new" | "open" | "ended" = "new";

  /** @internal */
  constructor(commands: Commands, statement: Statement, values: readonly unknown[], prefetch: number) {
    this.#commands = commands;
    this.#statement = statement;
    this.#name = commands.newName("cursor");
    this.#prefetch = prefetch;
    this.#values = values;
  }

  /**
   * The next row.
   * @throws InterfaceError, for the first one, outside a transaction; and what `execute` throws
   */
  *anext(): Coroutine<IteratorResult<R, undefined>> {
    if (this.#next === this.#rows.length && this.#state !== "ended") yield* this.#fetch();
    if (this.#next === this.#rows.length) return { done: true, value: undefined };
    return { done: false, value: this.#rows[this.#next++] };
  }

  /** Ends it early. */
  *aclose(): Coroutine<void> {
    this.#rows = [];
    this.#next = 0;
    yield* this.#end();
  }

  *#fetch(): Coroutine<void> {
    if (this.#state === "new" && !this.#commands.isInTransaction)
      throw new InterfaceError("Cannot go through a cursor outside a transaction: the server keeps none");
    const portal: Portal = {
      name: this.#name,
      values: this.#values,
      columns: this.#columns,
      rows: this.#prefetch,
    };
    try {
      const request = yield* this.#commands.fetch(this.#statement, portal, recordOf<R>);
      this.#state = "open";
      this.#values = null;
      this.#columns = request.columns;
      this.#rows = request.rows;
      this.#next = 0;
      if (!request.isSuspended) yield* this.#end();
    } catch (error) {
      this.#state = "ended";
      throw error;
    }
  }

  /** Has the server forget the portal, which would keep its tables from being changed. */
  *#end(): Coroutine<void> {
    const wasOpen = this.#state === "open";
    this.#state = "ended";
    const { session } = this.#commands;
    // A transaction that has failed or ended has no portals.
    if (wasOpen && session.status === "T" && session.isOpen) yield* this.#commands.closePortal(this.#name);
  }
}
