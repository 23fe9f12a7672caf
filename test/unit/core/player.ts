// Plays random operations on a core. Two players that get the same operations must see the same results.
//
// An operation is a name and two numbers; the numbers choose among the ids that earlier results gave: mostly one of the
// newest of the right kind, sometimes any id that ever was, often a stale one or one of a wrong kind.

import {
  BOUNDARY,
  BUDGET_SPENT,
  DONE_CALLBACK,
  ENTRY_KIND,
  E_NO_MEMORY,
  E_STALE,
  NONE,
  OP_FINISH,
  OP_NONE,
  OP_YIELD,
} from "../../../src/core/abi.ts";
import type { CoreOptions } from "../../../src/core/core.ts";
import { PLENTY } from "./support.ts";
import type { InspectedCore as Core } from "./inspected.ts";

export interface Operation {
  name: OperationName;
  a: number;
  b: number;
}

/** Both numbers of an operation are below this one. */
export const ARGUMENT_LIMIT = 1 << 16;

const DEADLINES = [-Infinity, -1, -0, 0, 1, 1, 1, 1, 1.5, 2, 2, 2, 3, 3, 4, 5, 1e300, Infinity, NaN];
const TIMES = [-Infinity, 0, 1, 1.25, 2, 2, 3, 4, 5, 6, 6, 6, Infinity, NaN];
const RESOLUTIONS = [0, 0, 0.5, 1e-9, 1, 1e-300, -1, Infinity, -Infinity, NaN];
const PRIORITIES = [-1, -0, 0, 0, 1, 1, 2, 3, 1e300, Infinity, -Infinity, NaN];
/** First sequences of timers: some soon come to where they are numbered anew. */
const SEQUENCES = [1, 1, 2 ** 40 - 20];
const FOLLOW_UPS = [OP_NONE, OP_NONE, OP_NONE, OP_NONE, OP_YIELD, OP_FINISH, OP_FINISH, 3];

/** Values whose comparison fails, makes the core grow, and changes the container that is being compared in. */
const POISON = 13;
const SPAWNS = 14;
const TAKES = 15;

export class Player {
  readonly core: Core;
  /** Every call with its result, every comparison, and each time that the host is woken. */
  readonly log: string[] = [];
  /** Results in the order in which the calls were made; those inside a comparison come behind its call. */
  readonly #results: number[] = [];
  readonly #leader: Player | null;
  readonly #tasks: number[] = [];
  readonly #handles: number[] = [];
  readonly #futures: number[] = [];
  readonly #callbacks: number[] = [];
  readonly #joins: number[] = [];
  /** Slots, and not ids. */
  readonly #members: number[] = [];
  readonly #lists: number[] = [];
  readonly #sources: number[] = [];
  readonly #ids: number[] = [];
  readonly #containers: number[] = [];
  /** Values by container and cell. */
  readonly #values: number[][] = [];
  /** The container that the core is comparing in. */
  #compared = NONE;

  /**
   * With a `leader`, memory is refused where it was refused to the leader: a core that has none of its own follows one.
   */
  constructor(create: (options: CoreOptions) => Core, options: CoreOptions, leader: Player | null = null) {
    this.#leader = leader;
    this.core = create({
      ...options,
      compare: (left, right) => this.#compare(left, right),
      wake: () => void this.log.push("wake"),
    });
    this.core.setBudget(PLENTY);
  }

  /** Plays one operation. */
  play({ name, a, b }: Operation): void {
    OPERATIONS[name].play.call(this, a, b);
  }

  /** Makes a call, and remembers it with its result. */
  call<K extends keyof Core>(name: K, ...args: number[]): number {
    const index = this.#results.push(NaN) - 1;
    const refused = this.#leader !== null && this.#leader.#results[index] === E_NO_MEMORY;
    const method = this.core[name] as unknown as (...args: number[]) => number;
    const result = refused ? E_NO_MEMORY : method.apply(this.core, args);
    this.#results[index] = result;
    this.log.push(`${name}(${args.map((value) => (Object.is(value, -0) ? "-0" : value)).join(", ")}) = ${result}`);
    return result;
  }

  /** Takes the next entry; mostly does what a host does about the answer, too. */
  step(a: number, b: number): void {
    const entry = this.call("next", at(FOLLOW_UPS, a));
    if (entry === BOUNDARY && b % 4 > 0) this.call("advance", at(TIMES, b >> 2), 0.5);
    if (entry === BUDGET_SPENT && b % 4 > 0) this.call("setBudget", PLENTY);
    if (entry >= 0 && b % 2 === 0) this.call("leave");
    if ((entry & ENTRY_KIND) === DONE_CALLBACK) this.joined();
  }

  /** Asks what the join was told that `next` has handed out. */
  joined(): void {
    this.call("joinedSlot");
    this.call("joinedLeft");
  }

  /** Adds a member to a join, and to a new one where that one is closed. */
  join(join: number, future: number, mayOpen: boolean): void {
    let member = this.call("join", join, future);
    if (member === E_STALE && mayOpen) {
      const opened = this.call("openJoin");
      this.newJoin(opened);
      member = this.call("join", opened, future);
    }
    this.newMember(member);
  }

  // ── Choosing ─────────────────────────────────────────────────────────────────────────────────────────────────

  task = (a: number) => this.#choose(this.#tasks, a);
  handle = (a: number) => this.#choose(this.#handles, a);
  future = (a: number) => this.#choose(a % 4 === 0 ? this.#tasks : this.#futures, a >> 2, 4);
  callback = (a: number) => this.#choose(this.#callbacks, a);
  joinId = (a: number) => this.#choose(this.#joins, a, 3);
  /** Mostly the slot of a new member, sometimes any number. */
  member = (a: number) => (a % 16 === 0 ? a - ARGUMENT_LIMIT / 2 : pick(this.#members, a >> 4, 12, NONE));
  list = (a: number) => this.#choose(this.#lists, a, 3);
  source = (a: number) => this.#choose(this.#sources, a, 3);
  oldHandle = (a: number) => pick(this.#handles, a, 600, NONE);
  container = (a: number) => (a % 64 === 0 ? NONE : pick(this.#containers, a >> 6, 4, 0));

  #choose(ids: number[], a: number, window = 6): number {
    if (a % 32 === 0) return pick(this.#ids, a >> 5, Infinity, NONE);
    if (a % 32 === 1) return a - ARGUMENT_LIMIT / 2;
    return pick(ids, a >> 5, window, 0);
  }

  // ── Making ───────────────────────────────────────────────────────────────────────────────────────────────────

  newTask = (id: number) => this.#remember(this.#tasks, id);
  newHandle = (id: number) => this.#remember(this.#handles, id);
  newFuture = (id: number) => this.#remember(this.#futures, id);
  newCallback = (id: number) => this.#remember(this.#callbacks, id);
  newJoin = (id: number) => this.#remember(this.#joins, id);
  newMember = (slot: number) => this.#remember(this.#members, slot); // a slot is the id of its first life
  newList = (id: number) => this.#remember(this.#lists, id);
  newSource = (id: number) => this.#remember(this.#sources, id);
  newContainer = (container: number) => {
    this.#containers.push(container);
    this.#values[container] = [];
  };

  #remember(ids: number[], id: number): void {
    ids.push(id);
    this.#ids.push(id);
  }

  // ── Comparing ────────────────────────────────────────────────────────────────────────────────────────────────

  put(container: number, value: number, priority: number): void {
    const cell = this.call("reserveCell", container);
    const values = (this.#values[container] ??= []);
    if (cell >= 0) values[cell] = value;
    this.comparing(container, () => this.call("put", container, priority));
  }

  comparing(container: number, work: () => void): void {
    const outer = this.#compared;
    this.#compared = container;
    work();
    this.#compared = outer;
  }

  #compare(left: number, right: number): number {
    const container = this.#compared;
    const values = this.#values[container];
    const [first, second] = [values[left], values[right]];
    this.log.push(`compare(${left}, ${right})`);
    const eventful = Math.max(first, second);
    if (eventful === POISON) return -1;
    if (eventful === SPAWNS) this.newTask(this.call("spawn"));
    if (eventful === TAKES) {
      values[left] = values[right] = 0; // so that it ends
      this.call("take", container);
    }
    return first >> 1 < second >> 1 ? 1 : 0; // so that values are equal in pairs
  }
}

/** One of the last `window` elements, or `none`. */
function pick(values: number[], a: number, window: number, none: number): number {
  return values.at(-1 - (a % Math.min(Math.max(values.length, 1), window))) ?? none;
}

const at = <T>(values: readonly T[], a: number) => values[a % values.length];

interface Kind {
  /** How often it is played, in comparison with the others. */
  weight: number;
  play(this: Player, a: number, b: number): void;
}

const operation = (weight: number, play: Kind["play"]): Kind => ({ weight, play });

export type OperationName = keyof typeof OPERATIONS;

export const OPERATIONS = {
  // Driving.
  advance: operation(8, function (a, b) {
    this.call("advance", at(TIMES, a), at(RESOLUTIONS, b));
  }),
  next: operation(40, function (a, b) {
    this.step(a, b);
  }),
  nextDeadline: operation(2, function () {
    this.call("nextDeadline");
  }),
  interrupt: operation(1, function () {
    this.call("interrupt");
  }),
  rest: operation(4, function () {
    this.call("rest");
  }),
  setBudget: operation(1, function (a) {
    this.call("setBudget", a % 64);
  }),

  usedSlots: operation(1, function () {
    this.call("usedSlots");
  }),
  reset: operation(0.1, function (a, b) {
    this.call("reset", a % 2, at(SEQUENCES, b));
    this.call("setBudget", PLENTY);
  }),

  // Handles.
  callSoon: operation(4, function () {
    this.newHandle(this.call("callSoon"));
  }),
  callAt: operation(5, function (a) {
    this.newHandle(this.call("callAt", at(DEADLINES, a)));
  }),
  cancelHandle: operation(5, function (a) {
    this.call("cancelHandle", this.handle(a));
  }),

  // Tasks.
  spawn: operation(8, function () {
    this.newTask(this.call("spawn"));
  }),
  spawnEager: operation(4, function () {
    const task = this.call("spawnEager");
    this.newTask(task);
    this.call("enter", task);
  }),
  enter: operation(1, function (a) {
    this.call("enter", this.task(a));
  }),
  exit: operation(4, function (a, b) {
    const outer = a % 4 === 0 ? this.task(b) & 0xffffff : NONE;
    this.call("exit", a % 64 === 1 ? b - ARGUMENT_LIMIT / 2 : outer, at(FOLLOW_UPS, a >> 2));
  }),
  sleep: operation(8, function (a) {
    this.call("sleep", at(DEADLINES, a));
  }),
  cancelTask: operation(8, function (a) {
    this.call("cancelTask", this.task(a));
  }),
  leaveFuture: operation(3, function (a) {
    this.call("leaveFuture", this.task(a));
  }),
  requireCancel: operation(2, function (a) {
    this.call("requireCancel", this.task(a));
  }),
  clearCancel: operation(2, function (a) {
    this.call("clearCancel", this.task(a));
  }),
  mustCancel: operation(1, function (a) {
    this.call("mustCancel", this.task(a));
  }),
  uncancel: operation(3, function (a) {
    this.call("uncancel", this.task(a));
  }),
  cancelling: operation(1, function (a) {
    this.call("cancelling", this.task(a));
  }),

  // Futures.
  openFuture: operation(3, function () {
    this.newFuture(this.call("openFuture"));
  }),
  settleFuture: operation(3, function (a) {
    this.call("settleFuture", this.future(a));
  }),
  awaitFuture: operation(10, function (a) {
    if (this.call("awaitFuture", this.future(a)) === E_STALE && a % 2 === 0) {
      const future = this.call("openFuture");
      this.newFuture(future);
      this.call("awaitFuture", future);
    }
  }),
  subscribe: operation(4, function (a, b) {
    this.newCallback(this.call("subscribe", this.future(a), b % 2));
  }),
  unsubscribe: operation(3, function (a) {
    this.call("unsubscribe", this.callback(a));
  }),
  waiters: operation(2, function (a) {
    let slot = this.call("firstWaiter", a % 2 === 0 ? this.future(a >> 1) : this.list(a >> 1));
    while (slot >= 0) {
      this.call("joinOfWaiter", slot);
      slot = this.call("nextWaiter", slot);
    }
  }),
  nextWaiter: operation(1, function (a) {
    this.call("nextWaiter", a - ARGUMENT_LIMIT / 2);
  }),

  // Joins.
  openJoin: operation(2, function () {
    this.newJoin(this.call("openJoin"));
  }),
  closeJoin: operation(2, function (a) {
    this.call("closeJoin", this.joinId(a));
  }),
  join: operation(14, function (a, b) {
    this.join(this.joinId(a), b % 8 === 0 ? NONE : this.future(b >> 3), a % 2 === 0);
  }),
  tell: operation(5, function (a) {
    this.call("tell", this.member(a));
  }),
  joined: operation(1, function () {
    this.joined();
  }),
  members: operation(3, function (a) {
    const join = this.joinId(a);
    this.call("memberCount", join);
    let slot = this.call("firstMember", join);
    while (slot >= 0) {
      this.call("sourceOf", slot);
      this.call("joinOfWaiter", slot);
      slot = this.call("nextMember", slot);
    }
  }),
  member: operation(2, function (a) {
    this.call("nextMember", this.member(a));
    this.call("sourceOf", this.member(a));
    this.call("joinOfWaiter", this.member(a));
  }),

  // Waiter lists.
  openList: operation(1, function () {
    this.newList(this.call("openList"));
  }),
  park: operation(20, function (a) {
    if (this.call("park", this.list(a)) === E_STALE && a % 2 === 0) {
      const list = this.call("openList");
      this.newList(list);
      this.call("park", list);
    }
  }),
  leave: operation(4, function () {
    this.call("leave");
  }),
  wakeFirst: operation(3, function (a) {
    this.call("wakeFirst", this.list(a));
  }),
  wakeWaiting: operation(3, function (a, b) {
    this.call("wakeWaiting", this.list(a), (b % 8) - 1);
  }),
  wakeAndRemove: operation(3, function (a) {
    this.call("wakeAndRemove", this.list(a));
  }),
  waiterCounts: operation(2, function (a) {
    this.call("waiterCount", this.list(a));
    this.call("liveWaiterCount", this.list(a));
  }),

  // Sources.
  openSource: operation(1, function () {
    this.newSource(this.call("openSource"));
  }),
  post: operation(8, function (a) {
    if (this.call("post", this.source(a)) === E_STALE && a % 2 === 0) {
      const source = this.call("openSource");
      this.newSource(source);
      this.call("post", source);
    }
  }),
  closeSource: operation(2, function (a) {
    this.call("closeSource", this.source(a));
  }),

  // Containers.
  createContainer: operation(2, function (a, b) {
    const container = this.call("createContainer", (a % 6) - 1, (b % 24) - 4);
    if (container >= 0) this.newContainer(container);
  }),
  destroyContainer: operation(0.4, function (a) {
    this.call("destroyContainer", this.container(a));
  }),
  compareContainer: operation(1, function (a) {
    this.call("compareContainer", this.container(a));
  }),
  cellAt: operation(1, function (a, b) {
    this.call("cellAt", this.container(a), (b % 16) - 1);
  }),
  put: operation(16, function (a, b) {
    this.put(this.container(a), b % 32 <= TAKES ? b % 32 : b % POISON, at(PRIORITIES, b));
  }),
  take: operation(12, function (a) {
    const container = this.container(a);
    this.comparing(container, () => this.call("take", container));
  }),

  // Many of a kind: what grows tables, wraps the ring and compacts the heap.
  manySpawns: operation(0.2, function (a) {
    for (let count = a % 256; count >= 0; count--) this.newTask(this.call("spawn"));
  }),
  manyTimers: operation(0.2, function (a) {
    for (let count = a % 256; count >= 0; count--) this.newHandle(this.call("callAt", at(DEADLINES, a + count)));
  }),
  manyCancels: operation(0.2, function (a, b) {
    for (let count = a % 256; count >= 0; count--) this.call("cancelHandle", this.oldHandle(count * (1 + (b % 3))));
  }),
  manySteps: operation(0.4, function (a, b) {
    for (let count = a % 256; count >= 0; count--) this.step(b + count, b);
  }),
  manyMembers: operation(0.2, function (a, b) {
    const join = this.call("openJoin");
    this.newJoin(join);
    for (let count = a % 256; count >= 0; count--)
      this.join(join, count % 4 === 0 ? NONE : this.future(b + count), false);
  }),
  manyPuts: operation(0.2, function (a, b) {
    for (let count = a % 64; count >= 0; count--)
      this.put(this.container(a), (b + 7 * count) % POISON, at(PRIORITIES, b + count));
  }),
} satisfies Record<string, Kind>;
