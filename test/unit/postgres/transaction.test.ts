import { expect, test } from "vitest";
import { Barrier, type Coroutine, CancelledError, createTask, gather, sleep, timeout } from "wasyncio";
import {
  type Connection,
  InFailedSQLTransactionError,
  InterfaceError,
  SerializationError,
  UniqueViolationError,
  connect,
} from "wasyncio/postgres";
import { attemptAwait } from "../../support/outcomes.ts";
import { describeWithPostgres } from "./server.ts";

describeWithPostgres("a transaction", ({ withConnection, place }) => {
  /** The error that a coroutine ends with. */
  function* errorOf(body: Coroutine<unknown>): Coroutine<unknown> {
    const [outcome] = yield* gather([body], { returnExceptions: true });
    return outcome;
  }

  /** Runs a program with a table that is empty, and says what is in it. */
  const withTable = (
    program: (
      connection: Connection,
      add: (a: number) => Coroutine<string>,
      all: () => Coroutine<number[]>,
    ) => Coroutine<void>,
  ) =>
    withConnection(function* (connection) {
      yield* connection.execute("drop table if exists t; create table t (a int primary key)");
      const add = (a: number): Coroutine<string> => connection.execute("insert into t values ($1)", a);
      function* all(): Coroutine<number[]> {
        return (yield* connection.fetch<{ a: number }>("select a from t order by a")).map(({ a }) => a);
      }
      yield* program(connection, add, all);
      expect([connection.isInTransaction(), yield* connection.fetchval("select 1")]).toEqual([false, 1]);
    });

  test("stands when its block ends, and is undone when that fails", () =>
    withTable(function* (connection, add, all) {
      const result = yield* connection.transaction().with(function* () {
        yield* add(1);
        expect(connection.isInTransaction()).toBe(true);
        return "done";
      });
      expect([result, yield* all()]).toEqual(["done", [1]]);
      const failing = connection.transaction().with(function* () {
        yield* add(2);
        throw new RangeError("no");
      });
      expect(yield* attemptAwait(failing)).toBe("RangeError('no')");
      const refused = connection.transaction().with(function* () {
        yield* add(3);
        yield* add(1);
      });
      expect(yield* errorOf(refused)).toBeInstanceOf(UniqueViolationError);
      expect(yield* all()).toEqual([1]);
    }));

  test("inside of another one is a savepoint", () =>
    withTable(function* (connection, add, all) {
      yield* connection.transaction().with(function* () {
        yield* add(1);
        expect(yield* errorOf(connection.transaction().with(() => add(1)))).toBeInstanceOf(UniqueViolationError);
        yield* connection.transaction().with(function* () {
          yield* add(2);
          const inner = connection.transaction().with(function* () {
            yield* add(3);
            throw new RangeError("inner");
          });
          expect(yield* attemptAwait(inner)).toBe("RangeError('inner')");
        });
        expect(yield* all()).toEqual([1, 2]);
      });
      expect(yield* all()).toEqual([1, 2]);
    }));

  test("says so when it cannot stand, because an error in it was caught", () =>
    withTable(function* (connection, add, all) {
      const failing = connection.transaction().with(function* () {
        yield* add(1);
        yield* errorOf(add(1));
        expect(yield* errorOf(add(2))).toBeInstanceOf(InFailedSQLTransactionError);
      });
      expect(yield* errorOf(failing)).toBeInstanceOf(InFailedSQLTransactionError);
      expect(yield* all()).toEqual([]);
      yield* connection.transaction().with(function* () {
        const savepoint = connection.transaction().with(function* () {
          yield* errorOf(connection.execute("select 1 / 0"));
        });
        expect(yield* errorOf(savepoint)).toBeInstanceOf(InFailedSQLTransactionError);
        yield* add(4);
      });
      expect(yield* all()).toEqual([4]);
    }));

  test("is what it was told to be", () =>
    withConnection(function* (connection) {
      const settings =
        "select current_setting('transaction_isolation') a, current_setting('transaction_read_only') b, current_setting('transaction_deferrable') c";
      const told = [
        [{}, { a: "read committed", b: "off", c: "off" }],
        [{ isolation: "repeatable_read" }, { a: "repeatable read", b: "off", c: "off" }],
        [
          { isolation: "read_uncommitted", readonly: true },
          { a: "read uncommitted", b: "on", c: "off" },
        ],
        [
          { isolation: "serializable", readonly: true, deferrable: true },
          { a: "serializable", b: "on", c: "on" },
        ],
      ] as const;
      for (const [options, shown] of told)
        expect(yield* connection.transaction(options).with(() => connection.fetchrow(settings))).toEqual(shown);
    }));

  test("fails when two could not have run one after the other", () =>
    withTable(function* (connection, add) {
      yield* add(1);
      const other = yield* connect(place());
      const bothHaveRead = new Barrier(2);
      const both = [connection, other].map((each) =>
        each.transaction({ isolation: "serializable" }).with(function* () {
          yield* each.fetchval("select sum(a) from t");
          yield* bothHaveRead.wait();
          yield* each.execute("insert into t select max(a) + pg_backend_pid() from t");
        }),
      );
      const outcomes = yield* gather(both, { returnExceptions: true });
      expect(outcomes.filter((outcome) => outcome instanceof SerializationError)).toHaveLength(1);
      yield* other.close();
    }));

  test("is begun and ended by hand, once", () =>
    withTable(function* (connection, add, all) {
      const transaction = connection.transaction();
      expect(yield* errorOf(transaction.commit())).toBeInstanceOf(InterfaceError);
      yield* transaction.start();
      expect(yield* errorOf(transaction.start())).toBeInstanceOf(InterfaceError);
      yield* add(1);
      yield* transaction.rollback();
      expect(yield* errorOf(transaction.rollback())).toBeInstanceOf(InterfaceError);
      const other = connection.transaction();
      yield* other.start();
      yield* add(2);
      yield* other.commit();
      expect(yield* all()).toEqual([2]);
      yield* connection.execute("begin");
      expect(yield* errorOf(connection.transaction().start())).toBeInstanceOf(InterfaceError);
      yield* connection.execute("rollback");
      const strange = connection
        .transaction()
        .with(() => connection.transaction({ isolation: "serializable" }).with(() => add(3)));
      expect(yield* errorOf(strange)).toBeInstanceOf(InterfaceError);
    }));

  test("that is cancelled leaves nothing, wherever that comes", () =>
    withTable(function* (connection, add, all) {
      const slow = function* (): Coroutine<void> {
        yield* connection.transaction().with(function* () {
          yield* add(1);
          yield* connection.transaction().with(() => add(2));
          yield* connection.execute("select pg_sleep(30)");
        });
      };
      expect(yield* attemptAwait(timeout(0.2).with(slow))).toContain("TimeoutError");
      expect([yield* all(), connection.isInTransaction()]).toEqual([[], false]);
      for (let index = 0; index < 60; index++) {
        const task = createTask(slow());
        for (let iteration = 0; iteration < index % 30; iteration++) yield* sleep(index % 2 === 0 ? 0 : 0.0002);
        task.cancel();
        expect(yield* errorOf(task as unknown as Coroutine<void>)).toBeInstanceOf(CancelledError);
        expect([yield* all(), connection.isInTransaction()]).toEqual([[], false]);
      }
    }));
});
