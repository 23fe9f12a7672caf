// Transactions, and savepoints, which are transactions inside of one.

import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkBoolean, checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import type { Commands } from "./commands.ts";
import { InFailedSQLTransactionError, InterfaceError } from "./errors.ts";
import { SimpleRequest } from "./requests.ts";

/** How far a transaction sees of what others do meanwhile. */
export type Isolation = "read_uncommitted" | "read_committed" | "repeatable_read" | "serializable";

/** Options of `Connection.transaction`. */
export interface TransactionOptions {
  /** Default: the server's. */
  isolation?: Isolation;
  /** Default: false. */
  readonly?: boolean;
  /** Whether a serializable one that only reads may wait until it cannot fail. Default: false. */
  deferrable?: boolean;
}

const OPTIONS: readonly (keyof TransactionOptions)[] = ["isolation", "readonly", "deferrable"];
const ISOLATIONS: readonly unknown[] = ["read_uncommitted", "read_committed", "repeatable_read", "serializable"];

export function checkTransactionOptions(options: TransactionOptions): TransactionOptions {
  const { isolation, readonly, deferrable } = checkNames(options, OPTIONS);
  if (isolation !== undefined && !ISOLATIONS.includes(isolation))
    throw new TypeError(`Invalid isolation: expected one of ${ISOLATIONS.join(", ")}, got ${format(isolation)}`);
  checkBoolean(readonly, "readonly");
  checkBoolean(deferrable, "deferrable");
  return options;
}

/** A transaction, which begins when it is entered; `Connection.transaction` makes it. Mirrors asyncpg's Transaction. */
export class Transaction implements AsyncContextManager<Transaction, void> {
  /** @internal */
  static readonly name: string = "Transaction";
  readonly #commands: Commands;
  readonly #options: TransactionOptions;
  /** Of the savepoint; null for a transaction. */
  #savepoint: string | null = null;
  #state: "new" | "started" | "ended" = "new";

  /** @internal */
  constructor(commands: Commands, options: TransactionOptions) {
    this.#commands = commands;
    this.#options = options;
  }

  /**
   * Begins it. Mirrors Transaction.start.
   * @throws InterfaceError when it was begun before, inside a transaction that was begun otherwise, and for an
   *   isolation that is not the outer one's
   */
  start(): Coroutine<void> {
    return operation("Transaction.start", this.#start());
  }

  /**
   * Makes what was done stand. Mirrors Transaction.commit. Where an error has ended the transaction before, nothing
   * stands, and this says so.
   * @throws InterfaceError when it has not begun, or has ended
   * @throws InFailedSQLTransactionError when an error has ended it, and what the server refuses; it is rolled back then
   */
  commit(): Coroutine<void> {
    return operation("Transaction.commit", this.#commit());
  }

  /** Undoes what was done; no cancellation enters. Mirrors Transaction.rollback. */
  rollback(): Coroutine<void> {
    return operation("Transaction.rollback", this.#rollback());
  }

  /** Begins it: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<this> {
    yield* this.#start();
    return this;
  }

  /** Commits, or rolls back after an error: the end of an `async with`. Mirrors Python's __aexit__. */
  aexit(_error: unknown, failed: boolean): Coroutine<void> {
    return failed ? this.#rollback() : this.#commit();
  }

  /** Begins, runs `body`, and commits; rolls back when that fails, or is cancelled. Mirrors Python's `async with`. */
  with<R>(body: (transaction: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  *#start(): Coroutine<void> {
    const commands = this.#commands;
    if (this.#state !== "new") throw new InterfaceError("Cannot start the transaction: it was started before");
    const outer = commands.transactions[0];
    if (outer === undefined && commands.isInTransaction)
      throw new InterfaceError("Cannot start a transaction inside one that was started by hand");
    const { isolation, readonly, deferrable } = this.#options;
    if (outer !== undefined && isolation !== undefined && isolation !== outer.#options.isolation)
      throw new InterfaceError("Cannot start a savepoint with another isolation than its transaction's");
    let text: string;
    if (outer !== undefined) {
      this.#savepoint = commands.newName("savepoint");
      text = `SAVEPOINT ${this.#savepoint}`;
    } else {
      const level = isolation === undefined ? "" : ` ISOLATION LEVEL ${isolation.replace("_", " ").toUpperCase()}`;
      text = `BEGIN${level}${readonly === true ? " READ ONLY" : ""}${deferrable === true ? " DEFERRABLE" : ""}`;
    }
    commands.transactions.push(this);
    this.#state = "started";
    try {
      yield* commands.control(text);
    } catch (error) {
      this.#end();
      // It may have begun all the same, when the task was cancelled meanwhile.
      if (this.#savepoint === null && commands.isInTransaction) yield* commands.surely("ROLLBACK");
      throw error;
    }
  }

  *#commit(): Coroutine<void> {
    this.#checkStarted();
    const { session } = this.#commands;
    const isOutermost = this.#savepoint === null;
    const request = new SimpleRequest(isOutermost ? "COMMIT" : `RELEASE ${this.#savepoint}`);
    try {
      if (session.status === "E") {
        const message = "Cannot commit: an error has ended the transaction, and it is rolled back";
        throw new InFailedSQLTransactionError(message, { sqlstate: "25P02" });
      }
      yield* session.run(request, isOutermost); // which may take its time: constraints may be deferred
      this.#end();
    } catch (error) {
      // What the server had done before the task was cancelled stands.
      if (request.hasSucceeded || !this.#commands.isInTransaction) this.#end();
      else yield* this.#rollback();
      throw error;
    }
  }

  *#rollback(): Coroutine<void> {
    this.#checkStarted();
    this.#end();
    const savepoint = this.#savepoint;
    // One that was ended by hand leaves nothing to roll back.
    if (!this.#commands.isInTransaction) return;
    const undo = savepoint === null ? "ROLLBACK" : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`;
    yield* this.#commands.surely(undo);
  }

  #checkStarted(): void {
    if (this.#state !== "started") throw new InterfaceError(`Cannot end the transaction: it is ${this.#state}`);
  }

  /** It is over, and so is what stands inside of it. */
  #end(): void {
    this.#state = "ended";
    const { transactions } = this.#commands;
    const at = transactions.indexOf(this);
    if (at >= 0) transactions.length = at;
  }
}
