// Connections, by asyncpg's names.

import { refuseInVirtualTime } from "../net/network.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import { checkLoop } from "../runtime/loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { format } from "../support/format.ts";
import { Shown } from "../support/shown.ts";
import { type AsyncContextManager, withManager } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import { Commands } from "./commands.ts";
import { Cursor, type CursorOptions, checkPrefetch } from "./cursor.ts";
import { escapeIdentifier } from "./driver.ts";
import { Listeners, type Notifications } from "./notifications.ts";
import { type ConnectOptions, type ConnectSettings, checkConnectOptions, namedOptions } from "./options.ts";
import { PreparedStatement } from "./prepared-statement.ts";
import type { Statement } from "./requests.ts";
import { type Row, checkText, firstValue, prepareAll, prepareValues, recordOf } from "./shapes.ts";
import { Transaction, type TransactionOptions, checkTransactionOptions } from "./transaction.ts";

/** Throws TypeError for what is no statement. Returns it. */
function checkQuery(query: string): string {
  if (typeof query !== "string") throw new TypeError(`Invalid query: expected a string, got ${format(query)}`);
  return checkText(query, "query");
}

/**
 * A session with a server; `connect` makes it, or a pool lends it. Mirrors asyncpg.Connection.
 *
 * It does one thing at a time: a second task that uses it meanwhile gets an InterfaceError. A task that is cancelled
 * cancels what it does in the server, and goes on when that has ended there.
 *
 * Values are sent as text, and read by node-postgres: of `int8` and `numeric` come strings, of timestamps Dates.
 *
 * @example
 * const connection = yield* connect({ host: "127.0.0.1", user: "postgres", database: "products" });
 * yield* connection.with(function* () {
 *   const brands = yield* connection.fetch("select brand_id, brand_name from brand where brand_id < $1", 10);
 * });
 */
export class Connection extends Shown implements AsyncContextManager<Connection, void> {
  /** @internal */
  static override readonly name: string = "Connection";
  readonly #commands: Commands;
  readonly #listeners: Listeners;

  private constructor(commands: Commands, listeners: Listeners) {
    super();
    this.#commands = commands;
    this.#listeners = listeners;
  }

  /** @internal */
  static *open(settings: ConnectSettings): Coroutine<Connection> {
    const listeners = new Listeners();
    return new Connection(yield* Commands.open(settings, listeners), listeners);
  }

  /**
   * Runs a statement, or several without arguments. Mirrors Connection.execute.
   * @returns what the server says that the last one did: "INSERT 0 1"
   * @throws TypeError, at the call, for a query that is no string, and what the conversion of a value throws
   * @throws PostgresError for what the server refuses, PostgresConnectionError when it is lost, InterfaceError when the
   *   connection is closed or busy, TimeoutError behind `commandTimeout`
   *
   * @example
   * yield* connection.execute("insert into brand values (default, $1)", "Levis");
   */
  execute(query: string, ...args: unknown[]): Coroutine<string> {
    checkQuery(query);
    const doing = args.length === 0 ? this.#commands.execute(query) : this.#tagOf(query, prepareValues(args));
    return operation("Connection.execute", doing);
  }

  /**
   * Runs a statement for each list of arguments, in one go: all of it is done, or nothing. Mirrors
   * Connection.executemany.
   * @throws what `execute` throws, and TypeError, at the call, when `args` is no iterable of arrays
   *
   * @example
   * yield* connection.executemany("insert into brand values (default, $1)", [["Levis"], ["Seven"]]);
   */
  executemany(query: string, args: Iterable<readonly unknown[]>): Coroutine<void> {
    checkQuery(query);
    const all = prepareAll(args);
    return operation("Connection.executemany", this.#commands.runMany(this.#statement(query), all));
  }

  /**
   * Runs a statement and gives its rows. Mirrors Connection.fetch, which gives Records: here they are plain objects.
   * @throws what `execute` throws
   */
  fetch<R extends object = Row>(query: string, ...args: unknown[]): Coroutine<R[]> {
    const values = prepareValues(args);
    return operation("Connection.fetch", this.#commands.rowsOf(this.#statement(query), values, recordOf<R>));
  }

  /**
   * Runs a statement and gives its first row, or null when there is none. The server is asked for no more than that
   * one. Mirrors Connection.fetchrow.
   * @throws what `execute` throws
   */
  fetchrow<R extends object = Row>(query: string, ...args: unknown[]): Coroutine<R | null> {
    const values = prepareValues(args);
    return operation("Connection.fetchrow", this.#commands.firstOf(this.#statement(query), values, recordOf<R>));
  }

  /**
   * Runs a statement and gives the first value of its first row, or null when there is none. Mirrors
   * Connection.fetchval.
   * @throws what `execute` throws
   */
  fetchval<V = unknown>(query: string, ...args: unknown[]): Coroutine<V | null> {
    const values = prepareValues(args);
    return operation("Connection.fetchval", this.#commands.firstOf(this.#statement(query), values, firstValue<V>));
  }

  /**
   * Goes through the rows of a statement a few at a time, inside a transaction, by `forEach`. Mirrors
   * Connection.cursor, whose arguments stand one behind the other; here they are a list, because options follow.
   * @param options.prefetch rows that are fetched at once: a whole number from 1. Default: 50
   * @throws InterfaceError, when it begins, outside a transaction; and what `execute` throws
   *
   * @example
   * yield* connection.transaction().with(function* () {
   *   yield* forEach(connection.cursor("select * from product"), (row) => console.log(row));
   * });
   */
  cursor<R extends object = Row>(query: string, args: readonly unknown[] = [], options: CursorOptions = {}): Cursor<R> {
    const prefetch = checkPrefetch(options);
    return new Cursor<R>(this.#commands, this.#statement(query), prepareValues(args), prefetch);
  }

  /**
   * Has the server look at a statement, to be run again and again. Mirrors Connection.prepare. All others are kept
   * prepared, too, as far as `statementCacheSize` goes.
   * @throws what `execute` throws
   */
  prepare(query: string): Coroutine<PreparedStatement> {
    checkQuery(query);
    return operation("Connection.prepare", this.#prepare(query));
  }

  /**
   * A transaction; inside of another one, a savepoint of it. `with` begins it, and ends it by what becomes of its body.
   * Mirrors Connection.transaction.
   * @param options.isolation "read_uncommitted", "read_committed", "repeatable_read" or "serializable"; default: the
   *   server's
   * @param options.readonly default: false
   * @param options.deferrable default: false
   * @throws TypeError for others, InterfaceError for those of a savepoint that are not its transaction's
   *
   * @example
   * yield* connection.transaction().with(function* () {
   *   yield* connection.execute("update account set balance = balance - 10 where id = 1");
   *   yield* connection.execute("update account set balance = balance + 10 where id = 2");
   * });
   */
  transaction(options: TransactionOptions = {}): Transaction {
    return new Transaction(this.#commands, checkTransactionOptions(options));
  }

  /** Whether a transaction is open. Mirrors Connection.is_in_transaction. */
  isInTransaction(): boolean {
    return this.#commands.isInTransaction;
  }

  /**
   * Listens to a channel: gives what is notified from now on, for `forEach`. Mirrors Connection.add_listener, which
   * takes a callback.
   * @throws what `execute` throws
   *
   * @example
   * const orders = yield* connection.listen("orders");
   * yield* orders.with(() => forEach(orders, ({ payload }) => console.log(payload)));
   */
  listen(channel: string): Coroutine<Notifications> {
    checkChannel(channel);
    return operation("Connection.listen", this.#listen(channel));
  }

  /**
   * Tells all who listen to a channel.
   * @param payload a string; default: ""
   * @throws what `execute` throws
   */
  notify(channel: string, payload = ""): Coroutine<void> {
    checkChannel(channel);
    if (typeof payload !== "string") throw new TypeError(`Invalid payload: expected a string, got ${format(payload)}`);
    return operation("Connection.notify", this.#notify(channel, payload));
  }

  /** Forgets all of the session: transaction, locks, cursors, listeners, settings. Mirrors Connection.reset. */
  reset(): Coroutine<void> {
    return operation("Connection.reset", this.#reset());
  }

  /**
   * @internal As `reset`, but it may be used at once. Throws InterfaceError when it is busy or closed, and
   * PostgresConnectionError when it was lost.
   */
  _oweReset(): void {
    const { session } = this.#commands;
    session.checkFree();
    this.#listeners.ended(null);
    session.owe(this.#commands.resetting());
  }

  /** @internal Waits until it is reset, or lost. */
  _settle(): Coroutine<void> {
    return this.#commands.session.settle();
  }

  /** Number of the server's process for it. Mirrors Connection.get_server_pid. */
  getServerPid(): number {
    return this.#commands.session.processID;
  }

  /** Whether it is closed, or lost. Mirrors Connection.is_closed. */
  isClosed(): boolean {
    return !this.#commands.session.isOpen;
  }

  /** Takes leave of the server; what is under way is cancelled there. Mirrors Connection.close. */
  close(): Coroutine<void> {
    return operation("Connection.close", this.#commands.session.close());
  }

  /** Ends the connection at once: what is under way fails. Mirrors Connection.terminate. */
  terminate(): void {
    this.#commands.session.terminate();
  }

  /** Gives the connection: the beginning of an `async with`. Mirrors Python's __aenter__. */
  *aenter(): Coroutine<this> {
    return this;
  }

  /** Closes it: the end of an `async with`. Mirrors Python's __aexit__. */
  aexit(): Coroutine<void> {
    return this.close();
  }

  /** Runs `body`, and closes the connection. Mirrors Python's `async with`. */
  with<R>(body: (connection: this) => Awaitable<R>): Coroutine<R> {
    return withManager<this, R>(this as AsyncContextManager<this, void>, body);
  }

  /** "<Connection [open] products at 127.0.0.1:5432>". */
  override toString(): string {
    return `<Connection [${this.isClosed() ? "closed" : "open"}] ${this.#commands.session.place}>`;
  }

  /** The statement for a text. Throws TypeError for what is none. */
  #statement(query: string): Statement {
    return this.#commands.statements.get(checkQuery(query));
  }

  *#tagOf(query: string, values: readonly unknown[]): Coroutine<string> {
    const request = yield* this.#commands.fetch(this.#statement(query), { name: "", values, rows: 0 }, recordOf);
    return request.tag;
  }

  *#prepare(query: string): Coroutine<PreparedStatement> {
    const statement = this.#commands.statements.create(query);
    yield* this.#commands.prepare(statement);
    return new PreparedStatement(this.#commands, statement);
  }

  *#listen(channel: string): Coroutine<Notifications> {
    // It listens before the server knows: the first notification may come together with the server's answer.
    const notifications = this.#listeners.add(channel, () => this.#unlisten(channel));
    try {
      yield* this.#commands.execute(`LISTEN ${escapeIdentifier(channel)}`);
      return notifications;
    } catch (error) {
      this.#listeners.remove(notifications);
      throw error;
    }
  }

  *#unlisten(channel: string): Coroutine<void> {
    const { session } = this.#commands;
    // A transaction that has failed would refuse it. What the server tells from then on is read over.
    if (session.isOpen && session.status !== "E")
      yield* this.#commands.execute(`UNLISTEN ${escapeIdentifier(channel)}`);
  }

  *#notify(channel: string, payload: string): Coroutine<void> {
    yield* this.#commands.firstOf(this.#statement("select pg_notify($1, $2)"), [channel, payload], firstValue);
  }

  *#reset(): Coroutine<void> {
    this.#commands.session.checkFree();
    this.#listeners.ended(null);
    yield* this.#commands.session.run(this.#commands.resetting(), false);
  }
}

/**
 * Connects to a server. Mirrors asyncpg.connect.
 * @param options where it is, or a text, "postgres://user:password@host:port/database"
 * @throws TypeError or RangeError, at the call, for options that are not what they are to be
 * @throws OSError and its family when nobody listens there, PostgresError when the server refuses, TimeoutError when it
 *   takes too long
 * @throws CancelledError when the task is cancelled; no socket is left
 * @throws RuntimeError, at the call, outside a running loop, and in virtual time: OutsideError in a simulation
 *
 * @example
 * const connection = yield* connect({ host: "127.0.0.1", port: 5432, user: "postgres", database: "products" });
 * console.log(yield* connection.fetchval("select version()"));
 * yield* connection.close();
 */
export function connect(options: ConnectOptions | string = {}): Coroutine<Connection> {
  const settings = checkConnectOptions(namedOptions(options));
  refuseOutside();
  return operation("connect", Connection.open(settings));
}

/** Throws RuntimeError outside a running loop and in virtual time. */
export function refuseOutside(): void {
  const instead = "give the program a pool that stands in for it: a ResourcePool of what answers in the same way";
  refuseInVirtualTime(checkLoop(getRunningLoop()), "PostgreSQL", instead);
}

function checkChannel(channel: string): void {
  if (typeof channel !== "string" || channel === "")
    throw new TypeError(`Invalid channel: expected a name, got ${format(channel)}`);
  checkText(channel, "channel");
}
