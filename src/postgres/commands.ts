// Commands: what connections, cursors, transactions and prepared statements have the server do, over one session.

import type { Coroutine } from "../runtime/suspension.ts";
import { moveOnAfter } from "../tasks/move-on.ts";
import { shielded } from "../tasks/shielded.ts";
import { timeout } from "../tasks/timeout.ts";
import { PostgresError } from "./errors.ts";
import type { ConnectSettings } from "./options.ts";
import {
  ClosePortalRequest,
  FetchRequest,
  ManyRequest,
  type Portal,
  PrepareRequest,
  type Prepared,
  type Request,
  type Shape,
  SimpleRequest,
  type Statement,
} from "./requests.ts";
import { GRACE, Session, type SessionEvents } from "./session.ts";
import { StatementCache } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Nothing of one user is left for the next. As asyncpg, and roles, which RESET ALL leaves alone. All of it stands, or
 * the session is in a transaction that has failed, and does nothing else.
 */
const RESET = `BEGIN; SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET SESSION AUTHORIZATION; RESET ROLE;
  RESET ALL; COMMIT`;

/** States by which the server says that a prepared statement is no longer what it was. */
const OUTDATED: readonly string[] = ["0A000", "26000"];

export class Commands {
  readonly session: Session;
  readonly statements: StatementCache;
  /** Those that have begun and not ended, the innermost last. */
  readonly transactions: Transaction[] = [];
  readonly #commandTimeout: number | null;
  readonly #parserOf: Prepared["parserOf"] = (oid, format) => this.session.parserOf(oid, format);
  #named = 0;

  /** Connects. */
  static *open(settings: ConnectSettings, events: SessionEvents): Coroutine<Commands> {
    const opening = Session.open(settings.client, events);
    return new Commands(settings, yield* timeout(settings.timeout).with(() => opening));
  }

  private constructor({ commandTimeout, statementCacheSize }: ConnectSettings, session: Session) {
    this.session = session;
    this.statements = new StatementCache(statementCacheSize);
    this.#commandTimeout = commandTimeout;
  }

  /** A name that nothing else of the session has. */
  newName(kind: string): string {
    return `wasyncio_${kind}_${++this.#named}`;
  }

  /** Whether a transaction is open, begun by whatever. */
  get isInTransaction(): boolean {
    return this.session.status !== "I";
  }

  /** Runs statements without arguments. Returns what the server says that the last one did. */
  *execute(text: string): Coroutine<string> {
    const request = new SimpleRequest(text);
    yield* this.#run(request);
    return request.tag;
  }

  /** Runs a statement that takes no time, and is not to be cancelled: the server is only waited for. */
  control(text: string): Coroutine<void> {
    return this.session.run(new SimpleRequest(text), false);
  }

  /** Runs what has to be run: no cancellation enters, and a session whose server does not answer is ended. */
  *surely(text: string): Coroutine<void> {
    if (!this.session.isOpen) return;
    const waiting = moveOnAfter(GRACE);
    yield* shielded(() => waiting.with(() => this.control(text)));
    if (waiting.expired()) this.session.terminate();
  }

  /** What makes the session as it was at its beginning. */
  resetting(): SimpleRequest {
    this.transactions.length = 0;
    return new SimpleRequest(this.isInTransaction ? `ROLLBACK; ${RESET}` : RESET);
  }

  /** Fetches rows of a portal, which may be opened for it. */
  fetch<R>(statement: Statement, portal: Portal, shape: Shape<R>): Coroutine<FetchRequest<R>> {
    const make = (prepared: Prepared): FetchRequest<R> => new FetchRequest(prepared, portal, shape);
    return this.#runStatement(statement, make, portal.values !== null);
  }

  /** Runs a statement, and gives its rows. */
  *rowsOf<R>(statement: Statement, values: readonly unknown[], shape: Shape<R>): Coroutine<R[]> {
    return (yield* this.fetch(statement, { name: "", values, rows: 0 }, shape)).rows;
  }

  /** Runs a statement, and gives the first row, or null. */
  *firstOf<R>(statement: Statement, values: readonly unknown[], shape: Shape<R>): Coroutine<R | null> {
    return (yield* this.fetch(statement, { name: "", values, rows: 1 }, shape)).rows[0] ?? null;
  }

  /** Runs a statement for each list of values, all or nothing. */
  *runMany(statement: Statement, all: readonly (readonly unknown[])[]): Coroutine<void> {
    yield* this.#runStatement(statement, (prepared) => new ManyRequest(prepared, all), true);
  }

  /** Has the server look at a statement. */
  *prepare(statement: Statement): Coroutine<void> {
    yield* this.#runStatement(statement, (prepared) => new PrepareRequest(prepared), true);
  }

  /** Ends a portal; no cancellation enters. */
  closePortal(name: string): Coroutine<void> {
    return shielded(() => this.session.run(new ClosePortalRequest(name), false));
  }

  /**
   * Runs what names a statement. One that the server has lost, or whose result is another one by now, is sent again,
   * but not inside a transaction, which has failed then.
   * @param parses whether the statement is sent if the server does not know it
   */
  *#runStatement<Q extends Request>(
    statement: Statement,
    make: (prepared: Prepared) => Q,
    parses: boolean,
  ): Coroutine<Q> {
    for (;;) {
      this.session.checkFree(); // before the names that are forgotten are taken
      const wasPrepared = statement.isPrepared;
      const wasInTransaction = this.isInTransaction;
      const forgotten = parses ? this.statements.takeForgotten() : [];
      const request = make({ statement, parserOf: this.#parserOf, forgotten });
      try {
        yield* this.#run(request);
        if (parses) statement.isPrepared = statement.name !== "";
        return request;
      } catch (error) {
        // Whether the server has it under this name is not known: it gets another one.
        if (parses && (!wasPrepared || isOutdated(error))) this.statements.forget(statement);
        if (!(error instanceof PostgresError)) throw error;
        if (!wasPrepared || wasInTransaction || !isOutdated(error)) throw error;
      }
    }
  }

  #run(request: Request): Coroutine<void> {
    const limit = this.#commandTimeout;
    return limit === null ? this.session.run(request) : timeout(limit).with(() => this.session.run(request));
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof PostgresError && OUTDATED.includes(error.sqlstate);
}
