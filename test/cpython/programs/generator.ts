// Random programs. Each enables only some features, with weights of its own (swarm testing): a program that uses three
// features a lot finds what one that uses all of them a little does not.
//
// One long file, because it is one grammar: a case for each statement and each source of program.ts.

import {
  CANCEL,
  CATCHES,
  COMPOSITES,
  DELAYS,
  ERRORS,
  FEATURES,
  type Feature,
  LOCKS,
  MODES,
  OBJECTS,
  OBJECT_SOURCES,
  QUEUES,
} from "./features.ts";
import {
  type Block,
  type ContextChoice,
  type Handler,
  type ObjectSpec,
  type ObjectType,
  type Op,
  type Program,
  SELF,
  type Source,
  type Statement,
  TABLES,
  type Value,
  number,
} from "./program.ts";
import { Random, Weights } from "../../support/random.ts";

/** The program with this number among those of a seed. */
export function generate(seed: number, index: number): Program {
  return new Generator(new Random(seed, index)).program();
}

/** Where a statement stands. */
interface Place {
  depth: number;
  /** Whether it may wait: not in callbacks. */
  waits: boolean;
  handling: boolean;
  /** Objects that a `with` around it holds. */
  held: readonly number[];
}

class Generator {
  readonly #random: Random;
  readonly #objects: ObjectSpec[] = [];
  #waiting = new Weights<Op>([["await", 24]]);
  #plain = new Weights<Op>([["spawn", 7]]);
  #sources = new Weights<Source["source"]>([["sleep", 8]]);
  #budget: number;
  #names = 0;
  #eager = false;
  #eagerTasks = false;
  #sharedContexts = false;
  /** How often a strike stands where a statement could. */
  #strikePercent = 0;
  /** Whether the program is about little else than one object and cancellation. */
  #narrow = false;

  constructor(random: Random) {
    this.#random = random;
    this.#budget = 50 + random.below(90);
  }

  program(): Program {
    const random = this.#random;
    this.#eager = random.chance(8);
    this.#eagerTasks = random.chance(25);
    this.#strikePercent = random.pick([0, 0, 8, 8, 8, 25]);
    this.#narrow = random.chance(30);
    this.#sharedContexts = !this.#eager && !this.#eagerTasks && random.chance(10);
    for (const feature of FEATURES) {
      if (this.#narrow ? feature === CANCEL : random.chance(55)) this.#enable(feature);
    }
    const objects = this.#narrow ? random.pick([1, 1, 2]) : random.pick([0, 1, 1, 2, 3]);
    for (let count = 0; count < objects; count++) {
      const feature = random.pick(OBJECTS);
      this.#enable(feature, 2);
      this.#objects.push(this.#object(random.pick(feature.types)));
    }
    this.#enableSources();
    if (random.chance(30)) return number({ eager: this.#eager, objects: this.#objects, main: this.#drill() });
    const debug = random.chance(4) ? { debug: true } : {};
    return number({ ...debug, eager: this.#eager, objects: this.#objects, main: this.#main() });
  }

  #enable({ waiting, plain }: Feature, scaleBy = 1): void {
    const factor = scaleBy * this.#random.pick([1, 1, 2, 3]);
    this.#waiting = this.#waiting.with(waiting, factor);
    this.#plain = this.#plain.with(plain, factor);
  }

  #enableSources(): void {
    this.#sources = this.#sources.with(this.#narrow ? { waitFor: 2 } : COMPOSITES);
    for (const { source, types, weight } of OBJECT_SOURCES) {
      const count = this.#objects.filter(({ type }) => types.includes(type)).length;
      if (count > 0) this.#sources = this.#sources.with({ [source]: weight * count });
    }
  }

  #object(type: ObjectType): ObjectSpec {
    const random = this.#random;
    switch (type) {
      case "Lock":
      case "Event":
        return { type };
      case "Condition": {
        const locks = this.#objects.flatMap((spec, index) => (spec.type === "Lock" ? [index] : []));
        return { type, lock: locks.length > 0 && random.chance(70) ? random.pick(locks) : null };
      }
      case "Semaphore":
      case "BoundedSemaphore":
        return { type, value: random.below(4) };
      case "Barrier":
        return { type, parties: 1 + random.below(3) };
      case "Queue":
      case "LifoQueue":
      case "PriorityQueue":
        return { type, maxsize: random.below(4) };
    }
  }

  /** Starts with some futures and tasks, so that there is somebody to act on. */
  #main(): Block {
    const place: Place = { depth: 0, waits: true, handling: false, held: [] };
    const block: Block = [];
    const futures = this.#random.below(3);
    for (let count = 0; count < futures; count++) block.push({ op: "future", slot: this.#slot() });
    const tasks = 2 + this.#random.below(3);
    for (let count = 0; count < tasks; count++) {
      block.push(this.#statement("spawn", place));
      if (this.#random.chance(this.#narrow ? 70 : 20)) block.push(...this.#crowd(block.at(-1) as Statement));
    }
    while (this.#budget > 0) block.push(...this.#block(place, 4));
    return block;
  }

  /**
   * A drill: tasks that wait in simple ways, and rounds in which some are woken and some are cancelled, in the same
   * iteration.
   */
  #drill(): Block {
    const random = this.#random;
    this.#budget = 1000;
    const place: Place = { depth: 3, waits: true, handling: false, held: [] };
    const hasObjects = this.#objects.length > 0;
    const waiters = 3 + random.below(4);
    const waiter = (slot: number): Statement => {
      const body: Block = Array.from({ length: 1 + random.below(3) }, () => {
        const op = hasObjects && random.chance(25) ? "with" : "await";
        return this.#statement(op, place);
      });
      return { op: "spawn", slot, name: `t${this.#names++}`, body };
    };
    const action = (): Statement => {
      if (random.chance(40)) return { op: "cancel", slot: random.below(waiters), message: null, soft: true };
      if (random.chance(10)) return waiter(random.below(waiters));
      return this.#statement(random.weighted(this.#plain), { ...place, depth: 0 });
    };
    const round = (): Block => {
      const actions = Array.from({ length: 1 + random.below(4) }, action);
      const sleep: Statement = {
        op: "await",
        source: { source: "sleep", delay: random.pick([0, 0, 0, 0.25, 0.5]), value: null },
      };
      if (random.chance(75)) return [sleep, ...actions];
      return [sleep, { op: "callSoon", handle: 0, body: actions }];
    };
    const spawns = Array.from({ length: waiters }, (_, slot) => waiter(slot % TABLES.slots));
    const rounds = Array.from({ length: 4 + random.below(6) }, round);
    return [...spawns, ...rounds.flat()];
  }

  /** More tasks with the body of one: they meet at the same locks and queues. */
  #crowd(task: Statement): Block {
    const copies = 1 + this.#random.below(3);
    return Array.from({ length: copies }, () => {
      const copy = structuredClone(task);
      return Object.assign(copy, { slot: this.#slot(), name: `t${this.#names++}` });
    });
  }

  /** Something that wakes a task, and a cancellation at the same time: either may be the one for it. */
  #strike(place: Place): Block {
    const random = this.#random;
    const wake = this.#random.weighted(this.#plain);
    const cancel: Statement = {
      op: "cancel",
      slot: this.#slot(),
      message: random.chance(30) ? "strike" : null,
      soft: true,
    };
    const block = [this.#statement(wake, place), cancel];
    if (random.chance(30)) block.push(this.#statement(random.weighted(this.#plain), place));
    return random.chance(50) ? block : block.reverse();
  }

  #block(place: Place, most: number): Block {
    const length = 1 + this.#random.below(most);
    const block: Block = [];
    for (let count = 0; count < length && this.#budget > 0; count++) {
      if (this.#random.chance(this.#strikePercent)) {
        block.push(...this.#strike(place));
        continue;
      }
      const waiting = place.waits && this.#random.chance(45);
      const op = this.#random.weighted(waiting ? this.#waiting : this.#plain);
      if (place.depth === 0 && (op === "raise" || op === "return")) continue;
      block.push(this.#statement(op, place));
    }
    return block;
  }

  #inner(place: Place, most = 4): Block {
    return place.depth >= 4 ? [] : this.#block({ ...place, depth: place.depth + 1 }, most);
  }

  /** The body of a task or a coroutine. */
  #body(place: Place, most = 5): Block {
    return this.#inner({ ...place, waits: true, handling: false, held: [] }, most);
  }

  #callbackBody(place: Place): Block {
    const deep = { ...place, waits: false, handling: false, held: [], depth: Math.max(place.depth, 2) };
    return this.#random.chance(60) ? this.#inner(deep, 2) : [];
  }

  #statement(op: Op, place: Place): Statement {
    this.#budget--;
    const statement = this.#make(op, place) ?? this.#make("probe", place);
    if (statement === null) throw new Error(`Cannot make a statement: ${op}`);
    // What a program does not survive ends it early: less is seen.
    const percent = place.depth === 0 ? 92 : place.waits ? 55 : 85;
    if (statement.op !== "raise" && statement.op !== "reraise" && this.#random.chance(percent)) statement.soft = true;
    return statement;
  }

  /** A statement, or null when it needs something that is not there. */
  #make(op: Op, place: Place): Statement | null {
    const random = this.#random;
    switch (op) {
      case "await":
        return { op, source: this.#source(place) };
      case "keep":
        return { op, slot: this.#slot(), source: this.#kept(place) };
      case "spawn":
        return { op, ...this.#task(place) };
      case "groupSpawn":
        return { op, group: random.below(TABLES.groups), ...this.#task(place) };
      case "cancel":
        return { op, slot: this.#target(), message: random.chance(50) ? random.pick(["a", "b", "stop"]) : null };
      case "uncancel":
      case "cancelling":
      case "probe":
        return { op, slot: this.#target() };
      case "rename":
        return { op, slot: this.#target(), name: `n${this.#names++}` };
      case "future":
        return { op, slot: this.#slot() };
      case "setResult":
        return { op, slot: this.#slot(), value: this.#value() };
      case "setError":
        return { op, slot: this.#slot(), error: random.pick(ERRORS), message: this.#message() };
      case "addCallback":
        return {
          op,
          slot: this.#target(),
          callback: random.below(TABLES.callbacks),
          body: this.#callbackBody(place),
          ...this.#context(),
        };
      case "removeCallback":
        return { op, slot: this.#target(), callback: random.below(TABLES.callbacks) };
      case "tasks":
        return { op };
      case "callSoon":
        return {
          op,
          handle: random.below(TABLES.handles),
          ...(random.chance(15) ? { threadsafe: true } : {}),
          body: this.#callbackBody(place),
          ...this.#context(),
        };
      case "inContext":
        return { op, body: this.#callbackBody(place) };
      case "callLater":
      case "callAt":
        return {
          op,
          handle: random.below(TABLES.handles),
          delay: random.chance(10) ? -0.5 : random.pick(DELAYS),
          body: this.#callbackBody(place),
          ...this.#context(),
        };
      case "cancelHandle":
        return { op, handle: random.below(TABLES.handles) };
      case "raise": {
        const error =
          random.chance(10) && place.waits
            ? random.pick(["CancelledError", "TimeoutError"] as const)
            : random.pick(ERRORS);
        return { op, error, message: this.#message() };
      }
      case "reraise":
        return place.handling ? { op } : null;
      case "return":
        return { op, value: this.#value() };
      case "try":
        return {
          op,
          body: this.#inner(place),
          handlers: Array.from({ length: random.below(3) }, () => this.#handler(place)),
          finally: random.chance(45) ? this.#inner(place, 2) : [],
        };
      case "repeat":
        return { op, times: 2 + random.below(2), body: this.#inner({ ...place, depth: place.depth + 1 }, 3) };
      case "if":
        return {
          op,
          slot: this.#target(),
          body: this.#inner(place, 2),
          otherwise: random.chance(50) ? this.#inner(place, 2) : [],
        };
      case "timeout":
        return {
          op,
          scope: random.below(TABLES.scopes),
          delay: this.#timeout(15),
          absolute: random.chance(25),
          body: this.#inner(place),
        };
      case "reschedule":
        return { op, scope: random.below(TABLES.scopes), delay: this.#timeout(20) };
      case "showScope":
        return { op, scope: random.below(TABLES.scopes) };
      case "group": {
        const group = random.below(TABLES.groups);
        const inside = { ...place, depth: place.depth + 1 };
        const children: Block = Array.from({ length: random.below(3) }, () => ({
          op: "groupSpawn",
          group,
          ...this.#task(inside),
        }));
        return { op, group, body: [...children, ...this.#inner(place)] };
      }
      case "reenter":
        return random.chance(50)
          ? { op, scope: random.below(TABLES.scopes) }
          : { op, group: random.below(TABLES.groups) };
      case "report":
        return { op, message: this.#random.pick(["e", "f"]) };
      case "asCompleted":
        return {
          op,
          of: Array.from({ length: 1 + random.below(3) }, () =>
            this.#source(deeper(place), ["slot", "coroutine", "sleep"]),
          ),
          timeout: this.#timeout(50),
          asynchronous: random.chance(50),
          ...(random.chance(30) ? { stubborn: true } : {}),
          limit: random.chance(30) ? 1 : 9,
        };
      case "count":
        return { op, counter: random.below(TABLES.counters) };
      case "setVariable":
        return {
          op,
          variable: random.below(TABLES.variables),
          value: this.#value(),
          token: random.below(TABLES.tokens),
        };
      case "getVariable":
        return { op, variable: random.below(TABLES.variables) };
      case "resetVariable":
        return { op, variable: random.below(TABLES.variables), token: random.below(TABLES.tokens) };
      default:
        return this.#onObject(op, place);
    }
  }

  #onObject(op: Op, place: Place): Statement | null {
    const random = this.#random;
    const object = this.#objectFor(op, place);
    if (object === null) return null;
    switch (op) {
      case "with":
        return { op, object, body: this.#inner({ ...place, held: [...place.held, object] }) };
      case "release":
      case "set":
      case "clear":
      case "show":
      case "getNowait":
      case "taskDone":
      case "abort":
      case "reset":
        return { op, object };
      case "notify":
        return { op, object, count: random.chance(40) ? null : random.below(3) };
      case "waitUntil":
        return { op, object, counter: random.below(TABLES.counters), atLeast: 1 + random.below(3) };
      case "putNowait":
        return { op, object, value: this.#item(object) };
      case "shutdown":
        return { op, object, immediate: random.chance(50) };
      default:
        return null;
    }
  }

  /** An object that the statement works on: for a condition mostly one that is held. */
  #objectFor(op: Op, place: Place): number | null {
    const fits: Partial<Record<Op, (type: ObjectType) => boolean>> = {
      with: (type) => !QUEUES.includes(type) && type !== "Event",
      release: (type) => LOCKS.includes(type),
      set: (type) => type === "Event",
      clear: (type) => type === "Event",
      show: () => true,
      notify: (type) => type === "Condition",
      waitUntil: (type) => type === "Condition",
      abort: (type) => type === "Barrier",
      reset: (type) => type === "Barrier",
    };
    return this.#find(fits[op] ?? ((type) => QUEUES.includes(type)), place);
  }

  #find(fits: (type: ObjectType) => boolean, place: Place): number | null {
    const all = this.#objects.flatMap(({ type }, index) => (fits(type) ? [index] : []));
    if (all.length === 0) return null;
    const held = all.filter((index) => place.held.includes(index) && this.#objects[index]?.type === "Condition");
    return this.#random.pick(held.length > 0 && this.#random.chance(85) ? held : all);
  }

  #handler(place: Place): Handler {
    return { catches: this.#random.pick(CATCHES), body: this.#inner({ ...place, handling: true }, 3) };
  }

  #task(place: Place) {
    const random = this.#random;
    const task = { slot: this.#slot(), name: `t${this.#names++}`, body: this.#body(place) };
    if (this.#eagerTasks && random.chance(40)) return { ...task, eager: random.chance(80) };
    return { ...task, ...this.#context() };
  }

  #context(): { context?: ContextChoice } {
    if (!this.#sharedContexts || this.#random.chance(50)) return {};
    return { context: this.#random.pick(["copy", "shared", "shared"]) };
  }

  #source(place: Place, kinds?: readonly Source["source"][]): Source {
    const random = this.#random;
    const kind = kinds ? random.pick(kinds) : this.#sourceKind(place);
    switch (kind) {
      case "coroutine":
        return { source: kind, body: this.#body(place, 3) };
      case "slot":
        return { source: kind, slot: this.#slot() };
      case "gather": {
        const of = Array.from({ length: random.below(4) }, () => this.#source(deeper(place)));
        return {
          source: kind,
          of,
          again: random.chance(15) ? random.below(3) : null,
          returnExceptions: random.chance(50),
        };
      }
      case "shield":
        return { source: kind, of: this.#source(deeper(place)) };
      case "waitFor":
        return { source: kind, of: this.#source(deeper(place)), timeout: this.#timeout(10) };
      case "waitAll":
        return {
          source: kind,
          slots: Array.from({ length: 1 + random.below(3) }, () => this.#slot()),
          timeout: this.#timeout(50),
          mode: random.pick(MODES),
        };
      default:
        return this.#objectSource(kind, place) ?? { source: "sleep", delay: random.pick(DELAYS), value: this.#value() };
    }
  }

  /** Something to start now and to await later: mostly what makes a future. */
  #kept(place: Place): Source {
    const any = this.#random.chance(30);
    return any
      ? this.#source(place)
      : this.#source(place, ["gather", "gather", "shield", "shield", "coroutine", "waitFor"]);
  }

  #sourceKind(place: Place): Source["source"] {
    return place.depth >= 4 ? this.#random.pick(["sleep", "slot", "waitAll"]) : this.#random.weighted(this.#sources);
  }

  #objectSource(kind: Source["source"], place: Place): Source | null {
    const types = OBJECT_SOURCES.find(({ source }) => source === kind)?.types ?? [];
    const object = this.#find((type) => types.includes(type), place);
    if (object === null) return null;
    switch (kind) {
      case "put":
        return { source: kind, object, value: this.#item(object) };
      case "acquire":
      case "wait":
      case "barrier":
      case "get":
      case "join":
        return { source: kind, object };
      default:
        return null;
    }
  }

  #slot(): number {
    return this.#random.below(TABLES.slots);
  }

  #target(): number {
    return this.#random.chance(20) ? SELF : this.#slot();
  }

  #timeout(percentNone: number): number | null {
    if (this.#random.chance(percentNone)) return null;
    return this.#random.chance(4) ? -0.5 : this.#random.pick(DELAYS);
  }

  #value(): Value {
    return this.#random.pick([null, this.#random.below(10), "x", "y"]);
  }

  #message(): string {
    return this.#random.pick(["", "e", "f", "oops"]);
  }

  /** What a queue can hold, and a priority queue can compare. */
  #item(object: number): Value {
    const random = this.#random;
    return this.#objects[object]?.type === "PriorityQueue"
      ? [random.below(4), random.pick(["p", "q", "r"])]
      : random.below(100);
  }
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 };
}
