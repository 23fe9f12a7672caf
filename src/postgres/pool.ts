// Pools of connections.

import { shielded } from "../tasks/shielded.ts";
import type { Awaitable } from "../runtime/awaitable.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { type PoolLimits, LIMITS } from "../pool/options.ts";
import { ResourcePool } from "../pool/resource-pool.ts";
import { checkFunction, checkNames, pick } from "../support/checks.ts";
import { awaitedOf } from "../waiting/async-with.ts";
import { operation } from "../waiting/operation.ts";
import { Connection, refuseOutside } from "./connection.ts";
import { CONNECT_OPTIONS, type ConnectOptions, checkConnectOptions } from "./options.ts";
import type { Row } from "./shapes.ts";

/** Options of `createPool`. */
export interface ConnectionPoolOptions extends ConnectOptions, PoolLimits {
  /** Called with each new connection, before anybody gets it. */
  init?: (connection: Connection) => Awaitable<unknown>;
}

const OPTIONS: readonly string[] = [...CONNECT_OPTIONS, ...LIMITS, "init"];

/**
 * A pool of connections; `createPool` makes it. Mirrors asyncpg.Pool. A connection that is given back is reset, so that
 * nothing of its user is left; one that was lost is replaced.
 */
export class Pool extends ResourcePool<Connection> {
  /** @internal */
  static override readonly name: string = "Pool";

  /** @internal */
  constructor(options: ConnectionPoolOptions) {
    checkNames(options, OPTIONS);
    const { init } = options;
    if (init !== undefined) checkFunction(init, "init");
    const settings = checkConnectOptions(pick(options, CONNECT_OPTIONS));
    super({
      ...pick(options, LIMITS),
      *create() {
        refuseOutside();
        const connection = yield* Connection.open(settings);
        try {
          if (init !== undefined) yield* awaitedOf(init(connection), "init");
          return connection;
        } catch (error) {
          connection.terminate();
          throw error;
        }
      },
      destroy: (connection) => connection.close(),
      check: (connection) => !connection.isClosed(),
    });
  }

  /**
   * Gives a connection back, and waits until it is reset. Mirrors Pool.release. Throws RangeError, at the call, for
   * another's.
   */
  override release(connection: Connection): Coroutine<void> {
    const releasing = super.release(connection);
    return operation("Pool.release", giveBack(connection, releasing));
  }

  /** Has a connection run a statement: see `Connection.execute`. Mirrors Pool.execute. */
  execute(query: string, ...args: unknown[]): Coroutine<string> {
    return this.acquire().with((connection) => connection.execute(query, ...args));
  }

  /** See `Connection.executemany`. Mirrors Pool.executemany. */
  executemany(query: string, args: Iterable<readonly unknown[]>): Coroutine<void> {
    return this.acquire().with((connection) => connection.executemany(query, args));
  }

  /** See `Connection.fetch`. Mirrors Pool.fetch. */
  fetch<R extends object = Row>(query: string, ...args: unknown[]): Coroutine<R[]> {
    return this.acquire().with((connection) => connection.fetch<R>(query, ...args));
  }

  /** See `Connection.fetchrow`. Mirrors Pool.fetchrow. */
  fetchrow<R extends object = Row>(query: string, ...args: unknown[]): Coroutine<R | null> {
    return this.acquire().with((connection) => connection.fetchrow<R>(query, ...args));
  }

  /** See `Connection.fetchval`. Mirrors Pool.fetchval. */
  fetchval<V = unknown>(query: string, ...args: unknown[]): Coroutine<V | null> {
    return this.acquire().with((connection) => connection.fetchval<V>(query, ...args));
  }
}

/** The next one gets it at once, and what that one does stands behind the reset. */
function* giveBack(connection: Connection, releasing: Coroutine<void>): Coroutine<void> {
  try {
    connection._oweReset();
  } catch {
    connection.terminate(); // it is lost, or busy, by a task that was not to use it any more: nobody gets it
  }
  yield* releasing;
  yield* shielded(() => connection._settle());
}

/**
 * Makes a pool of connections. It connects when they are needed; entering it (`with`) makes the first `min`. Mirrors
 * asyncpg.create_pool.
 * @param options those of `connect`, and those of ResourcePool: `min` (default: 0), `max` (10), `acquireTimeout`,
 *   `maxLifetime`, `maxIdle`; and `init`
 * @throws TypeError or RangeError for options that are not what they are to be
 *
 * @example
 * yield* createPool({ database: "products", min: 6, max: 6 }).with(function* (pool) {
 *   const rows = yield* pool.acquire().with((connection) => connection.fetch("select * from product"));
 * });
 */
export function createPool(options: ConnectionPoolOptions = {}): Pool {
  return new Pool(options);
}
