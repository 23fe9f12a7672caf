// Queues. python/queues.py is the twin.

import { CancelledError, type Coroutine, LifoQueue, PriorityQueue, Queue, QueueShutDown } from "wasyncio";
import { spin } from "../../support/coroutines.ts";
import { type Family, names, ofSizes } from "./families.ts";
import type { Chapter, World } from "./sweep.ts";

type QueueClass = typeof Queue<number> | typeof LifoQueue<number> | typeof PriorityQueue<number>;

/** A queue with its books: what was put was got, dropped, or is left, wherever a task was cancelled. */
class Books {
  readonly queue: Queue<number>;
  readonly #w: World;
  readonly #put: number[] = [];
  readonly #got: number[] = [];
  #dropped = 0;

  constructor(w: World, queueClass: QueueClass, maxsize = 0, items = 0) {
    this.#w = w;
    this.queue = new queueClass(maxsize);
    for (let item = 0; item < items; item++) this.fill(item);
    w.watch(this.queue);
    w.invariant("no item is lost", () => this.#put.length === this.#got.length + this.#dropped + this.queue.qsize());
    w.invariant("no item comes twice", () => new Set(this.#got).size === this.#got.length);
    w.invariant("no item comes from nowhere", () => this.#got.every((item) => this.#put.includes(item)));
  }

  fill(item: number): void {
    this.queue.putNowait(item);
    this.#put.push(item);
  }

  take(): number {
    const item = this.queue.getNowait();
    this.#got.push(item);
    return item;
  }

  shutdown(immediate: boolean): void {
    if (immediate) this.#dropped += this.queue.qsize();
    this.queue.shutdown(immediate);
  }

  *get(name: string): Coroutine<number> {
    const item = yield* this.queue.get();
    this.#got.push(item);
    this.#w.note(`${name} gets ${item}`);
    yield* spin(1);
    return item;
  }

  *put(name: string, item: number): Coroutine<void> {
    yield* this.queue.put(item);
    this.#put.push(item);
    this.#w.note(`${name} has put ${item}`);
    yield* spin(1);
  }

  *join(name: string): Coroutine<void> {
    yield* this.queue.join();
    this.#w.note(`${name} joined`);
    yield* spin(1);
  }

  /** Gets until the queue is shut down. */
  *work(): Coroutine<void> {
    try {
      for (;;) {
        const item = yield* this.queue.get();
        this.#got.push(item);
        this.#w.note(`worker gets ${item}`);
        this.queue.taskDone();
      }
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
      this.#w.note("worker ends");
    }
  }

  /** `putNowait` as a completing call. */
  completePut(item: number): void {
    this.#w.complete(() => this.fill(item));
  }

  /** `getNowait` as a completing call. */
  completeGet(): void {
    this.#w.complete(() => this.#w.note(`gets ${this.take()}`));
  }

  /** `shutdown` as a completing call. */
  completeShutdown(immediate = false): void {
    this.#w.complete(() => this.shutdown(immediate));
  }

  /** Takes an item, and says that it is done, as a completing call. */
  completeWork(): void {
    this.take();
    this.#w.complete(() => this.queue.taskDone());
  }
}

/** Does it again when it is cancelled once. */
function* insist<T>(w: World, name: string, operation: () => Coroutine<T>): Coroutine<T> {
  try {
    return yield* operation();
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    w.note(`${name} again`);
    return yield* operation();
  }
}

/** As Family, for a kind of queue. */
type QueueFamily = (w: World, n: number, queueClass: QueueClass) => void;

/** An empty queue for getters: none of them may wait while there are items. */
function forGetters(w: World, queueClass: QueueClass): Books {
  const books = new Books(w, queueClass);
  w.mayWait(() => books.queue.empty());
  return books;
}

/** A full queue for putters: none of them may wait while there is room. */
function forPutters(w: World, queueClass: QueueClass, maxsize = 1): Books {
  const books = new Books(w, queueClass, maxsize, maxsize);
  w.mayWait(() => books.queue.full());
  return books;
}

const families: Record<string, QueueFamily> = {
  get_one_by_one(w, n, queueClass) {
    const books = forGetters(w, queueClass);
    for (const name of names(n)) w.start(name, books.get(name));
    for (let item = 0; item < Math.max(1, n - 1); item++) w.later(3 + item, () => books.completePut(item));
  },
  get_at_once(w, n, queueClass) {
    const books = forGetters(w, queueClass);
    for (const name of names(n)) w.start(name, books.get(name));
    w.later(3, () => {
      for (let item = 0; item < Math.max(1, n - 1); item++) books.completePut(item);
    });
  },
  get_of_what_is_taken(w, n, queueClass) {
    const books = forGetters(w, queueClass);
    for (const name of names(n)) w.start(name, books.get(name));
    w.later(3, () => {
      books.completePut(-1);
      books.completeGet();
    });
    w.later(6, () => {
      for (let item = 0; item < n; item++) books.fill(item);
    });
  },
  get_with_newcomer(w, n, queueClass) {
    const books = forGetters(w, queueClass);
    for (const name of names(n)) w.start(name, books.get(name));
    w.later(3, () => {
      books.completePut(0);
      w.help("newcomer", books.get("newcomer"));
    });
    w.later(4, () => books.completePut(1));
  },
  get_insisted_on(w, n, queueClass) {
    const books = forGetters(w, queueClass);
    for (const name of names(n)) {
      w.start(
        name,
        insist(w, name, () => books.get(name)),
      );
    }
    for (let item = 0; item < Math.max(1, n - 1); item++) w.later(3, () => books.completePut(item));
  },
  put_one_by_one(w, n, queueClass) {
    const books = forPutters(w, queueClass);
    for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index + 1));
    for (let i = 0; i < Math.max(1, n - 1); i++) w.later(3 + i, () => books.completeGet());
  },
  put_at_once(w, n, queueClass) {
    const books = forPutters(w, queueClass, 2);
    for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index + 2));
    w.later(3, () => {
      books.completeGet();
      books.completeGet();
    });
  },
  put_where_room_is_taken(w, n, queueClass) {
    const books = forPutters(w, queueClass);
    for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index + 1));
    w.later(3, () => {
      books.completeGet();
      books.completePut(9);
    });
    for (let i = 0; i < n; i++) w.later(6 + i, () => books.completeGet());
  },
  put_insisted_on(w, n, queueClass) {
    const books = forPutters(w, queueClass);
    for (const [index, name] of names(n).entries()) {
      w.start(
        name,
        insist(w, name, () => books.put(name, index + 1)),
      );
    }
    for (let i = 0; i < n; i++) w.later(3 + 2 * i, () => books.completeGet());
  },
  joined(w, n, queueClass) {
    const books = new Books(w, queueClass, 0, 2);
    for (const name of names(n)) w.start(name, books.join(name));
    w.later(2, () => books.completeWork());
    w.later(4, () => books.completeWork());
  },
  joined_and_filled_again(w, n, queueClass) {
    const books = new Books(w, queueClass, 0, 1);
    for (const name of names(n)) w.start(name, books.join(name));
    w.later(3, () => {
      books.completeWork();
      books.fill(1);
    });
    w.later(6, () => books.completeWork());
  },
  worked_on(w, n, queueClass) {
    const books = new Books(w, queueClass, 1);
    for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index));
    w.start("worker", books.work());
    w.start("joiner", books.join("joiner"));
    w.later(12, () => books.completeShutdown());
    w.later(14, () => w.help("cleaner", books.work()));
  },
  ...shutdowns(false),
  ...shutdowns(true),
};

function shutdowns(immediate: boolean): Record<string, QueueFamily> {
  const suffix = immediate ? "_immediately" : "";
  return {
    [`shut_down_getters${suffix}`](w, n, queueClass) {
      const books = new Books(w, queueClass);
      for (const name of names(n)) w.start(name, books.get(name));
      w.later(3, () => books.completeShutdown(immediate));
    },
    [`shut_down_behind_item${suffix}`](w, n, queueClass) {
      const books = new Books(w, queueClass);
      for (const name of names(n)) w.start(name, books.get(name));
      w.later(3, () => {
        books.completePut(0);
        books.completeShutdown(immediate);
      });
    },
    [`shut_down_putters${suffix}`](w, n, queueClass) {
      const books = new Books(w, queueClass, 1, 1);
      for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index + 1));
      w.later(3, () => books.completeShutdown(immediate));
      w.later(5, () => books.completeGet());
    },
    [`shut_down_with_room${suffix}`](w, n, queueClass) {
      const books = new Books(w, queueClass, 1, 1);
      for (const [index, name] of names(n).entries()) w.start(name, books.put(name, index + 1));
      w.later(3, () => {
        books.completeGet();
        books.completeShutdown(immediate);
      });
    },
    [`shut_down_joiners${suffix}`](w, n, queueClass) {
      const books = new Books(w, queueClass, 0, 2);
      for (const name of names(n)) w.start(name, books.join(name));
      w.later(3, () => books.completeShutdown(immediate));
      w.later(5, () => w.help("worker", books.work()));
    },
  };
}

/** The families for one kind of queue. */
function familiesOf(prefix: string, queueClass: QueueClass): Record<string, Family> {
  const named = Object.entries(families).map(
    ([name, family]) => [`${prefix}${name}`, (w: World, n: number) => family(w, n, queueClass)] as const,
  );
  return Object.fromEntries(named);
}

export const queues: Chapter = {
  starts: ["first", "last"],
  laters: 9,
  scenarios: ofSizes({
    ...familiesOf("", Queue),
    ...familiesOf("lifo_", LifoQueue),
    ...familiesOf("priority_", PriorityQueue),
  }),
};
