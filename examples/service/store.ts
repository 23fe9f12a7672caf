// What the shop has, in its database. Each change is one statement: nobody comes between its reading and its writing.

import type { Coroutine } from "wasyncio";
import type { Pool } from "wasyncio/postgres";

export interface Store {
  /** How many there are of an item. */
  left(item: string): Coroutine<number>;
  /** Takes one for an order. Returns the order's number, or null where none is left. */
  take(item: string): Coroutine<number | null>;
  /** Undoes an order. */
  giveBack(order: number): Coroutine<void>;
}

export class DatabaseStore implements Store {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  *left(item: string): Coroutine<number> {
    return (yield* this.#pool.fetchval<number>("select amount from stock where item = $1", item)) ?? 0;
  }

  *take(item: string): Coroutine<number | null> {
    return yield* this.#pool.fetchval<number>(
      `with taken as (update stock set amount = amount - 1 where item = $1 and amount > 0 returning item)
       insert into orders (item) select item from taken returning id`,
      item,
    );
  }

  *giveBack(order: number): Coroutine<void> {
    yield* this.#pool.execute(
      `with undone as (delete from orders where id = $1 returning item)
       update stock set amount = amount + 1 from undone where stock.item = undone.item`,
      order,
    );
  }
}
