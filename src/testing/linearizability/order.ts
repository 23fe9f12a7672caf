// Looking for an order in which a model gives what the calls of a history gave: Wing and Gong, "Testing and verifying
// concurrent objects", 1993, with Lowe's table of what was tried ("Testing for linearizability", 2017).
//
// A call has its effect at one moment between its beginning and its end; an open one may have it, or not. Calls are
// numbered in the order of their ends; those whose end is not known stand behind all others. The search goes from end
// to end: by then the call that ends has had its effect. A configuration is how far it came, which other calls have had
// theirs by then, and the model's state. Of those that are left, the one goes on that came farthest, and of these the
// one in which fewest other calls went ahead: a call is put before its turn only when it has to be.
//
// Where nothing tells two calls apart until much later, as two `put`s of a queue whose items are got after twenty
// others, that alone would try each order of the twenty. So a guess comes first: what is seen first came first. The
// echo of a call is the first call to end that returns one of its arguments, and configurations in which calls come in
// the order of their echoes go on before others. What is never seen came last, as in a queue; or first, as in a
// register, where something else was written over it.
//
// A call that changes no state and gave what the model gives is put in its place at once, and nothing else is tried: it
// may stand there in any order that there is, if it changes none of the states that it could have come later in. Those
// are among the states of the search: so that is looked at when there is no order.

import type { HistoryCall } from "./call.ts";
import type { Effect, Model, State } from "./model.ts";

/** What is known of an order of calls. */
export interface Verdict {
  /** "none": there is no order. "unknown": too much would have to be tried. */
  readonly order: "found" | "none" | "unknown";
  /** The first call in the order of their ends by whose end there is no order any more; null when there is one. */
  readonly stuck: HistoryCall | null;
  /** What the model gives for that call in the orders of all before it. */
  readonly expected: readonly Effect[];
  /** Configurations that were tried. */
  readonly tried: number;
}

/** Configurations after which nothing is known, some seconds, on top of one for each call. */
const MOST_TRIED = 100_000;

/** Effects that are kept of the call where it is stuck. */
const MOST_EXPECTED = 100;

/** Where a call without an echo comes, among those of its method that have one. */
type Unseen = "first" | "last";

/** What is guessed, and for which part of the configurations: shortly, for mostly one of them is right at once. */
const GUESSES: readonly { readonly unseen: Unseen; readonly part: number }[] = [
  { unseen: "last", part: 0.05 },
  { unseen: "first", part: 0.05 },
  { unseen: "last", part: 0.45 },
  { unseen: "first", part: 0.45 },
];

/** Whether there is an order of these calls in which the model gives what they gave. */
export function findOrder(calls: readonly HistoryCall[], model: Model, most = MOST_TRIED): Verdict {
  const changing = new Set<HistoryCall>();
  let tried = 0;
  for (let guess = 0; ;) {
    const { unseen, part } = GUESSES[guess];
    const search = new OrderSearch(calls, model, most * part, unseen, changing);
    const verdict = search.search();
    tried += verdict.tried;
    if (verdict.order === "unknown" && guess + 1 < GUESSES.length) guess++;
    else if (verdict.order !== "none" || !search.findChanging()) return { ...verdict, tried };
  }
}

interface Configuration {
  /** Number of the first call that has not had its effect. */
  readonly done: number;
  /** Numbers of others that have, in order. */
  readonly ahead: readonly number[];
  readonly state: State;
  /** How many calls had theirs before one with an earlier echo, which could have had it, too. */
  readonly inversions: number;
}

class OrderSearch {
  readonly #model: Model;
  readonly #calls: readonly HistoryCall[];
  /** For each number, when the first began of the calls from there on. */
  readonly #earliest: readonly number[];
  /** How many of them have ended. */
  readonly #ended: number;
  readonly #most: number;
  readonly #echoes: readonly number[];
  /** Calls that change some state: none of these is put in its place without trying others. */
  readonly #changing: Set<HistoryCall>;
  /** Calls that were. */
  readonly #placed = new Set<HistoryCall>();
  readonly #tried = new Set<string>();
  readonly #states = new Set<State>();
  readonly #left = new Frontier();
  /** The largest `done` so far. */
  #farthest = 0;
  #expected: Effect[] = [];

  constructor(calls: readonly HistoryCall[], model: Model, most: number, unseen: Unseen, changing: Set<HistoryCall>) {
    this.#changing = changing;
    this.#model = model;
    this.#most = most + calls.length;
    this.#calls = [...calls].sort((a, b) => (a.ended === b.ended ? a.begun - b.begun : a.ended - b.ended));
    let earliest = Infinity;
    const backwards = [...this.#calls].reverse();
    this.#earliest = backwards.map(({ begun }) => (earliest = Math.min(earliest, begun))).reverse();
    this.#ended = calls.filter(({ ended }) => ended !== Infinity).length;
    this.#echoes = echoesOf(this.#calls, model, unseen);
  }

  search(): Verdict {
    this.#add({ done: 0, ahead: [], state: this.#model.firstState(), inversions: 0 });
    for (let next = this.#left.take(); next !== null; next = this.#left.take()) {
      if (next.configuration.done >= this.#ended) return this.#verdict("found"); // beyond: open calls went ahead
      if (this.#tried.size >= this.#most) return this.#verdict("unknown");
      if (next.isNew) this.#endNext(next.configuration);
      else this.#goAhead(next.configuration);
    }
    return this.#verdict("none");
  }

  /** Lets the call that ends next have its effect; before it, one that only sees what is there. */
  #endNext(configuration: Configuration): void {
    const { done, ahead, state } = configuration;
    if (done > this.#farthest) {
      this.#farthest = done;
      this.#expected = [];
    }
    const seeing = this.#candidates(done, ahead).find((number) => this.#onlySees(this.#calls[number], state));
    if (seeing !== undefined) {
      this.#placed.add(this.#calls[seeing]);
      return this.#follow(configuration, seeing, state);
    }
    const call = this.#calls[done];
    const effect = this.#model.effectOf(call, state);
    if (call.outcome === "open") this.#follow(configuration, done, state); // it may have had none
    if (effect.fits) this.#follow(configuration, done, effect.state);
    else if (done === this.#farthest && this.#expected.length < MOST_EXPECTED) this.#expected.push(effect);
    this.#left.add(configuration, false);
  }

  /** Whether a call has ended as the model says, and changes nothing, as far as is known. */
  #onlySees(call: HistoryCall, state: State): boolean {
    if (call.outcome === "open" || this.#changing.has(call)) return false;
    const effect = this.#model.effectOf(call, state);
    return effect.fits && effect.state === state;
  }

  /** Looks whether one of the calls that were taken for such changes a state that was come to. */
  findChanging(): boolean {
    let found = false;
    for (const call of this.#placed) {
      const changes = (state: State): boolean => {
        const effect = this.#model.effectOf(call, state);
        return effect.fits && effect.state !== state;
      };
      if (![...this.#states].some(changes)) continue;
      this.#changing.add(call);
      found = true;
    }
    return found;
  }

  /** Lets each other call that could come before it have its effect. */
  #goAhead(configuration: Configuration): void {
    const { done, ahead, state } = configuration;
    // Of equals, the one that is added last goes on first: the one that ends first.
    for (const number of this.#candidates(done, ahead).reverse()) {
      if (number === done) continue;
      const effect = this.#model.effectOf(this.#calls[number], state);
      if (effect.fits && effect.state !== state) this.#follow(configuration, number, effect.state);
    }
  }

  /** Numbers of the calls that could have their effect before call `done` ends. */
  #candidates(done: number, ahead: readonly number[]): number[] {
    const { ended } = this.#calls[done];
    const numbers: number[] = [];
    for (let number = done; this.#earliest[number] < ended; number++)
      if (this.#calls[number].begun < ended && !ahead.includes(number)) numbers.push(number);
    return numbers;
  }

  /** Adds the configuration in which call `number` has had its effect, too. */
  #follow(from: Configuration, number: number, state: State): void {
    const echoes = this.#echoes;
    const inverts = this.#candidates(from.done, from.ahead).some((each) => echoes[each] < echoes[number]);
    const inversions = from.inversions + (inverts ? 1 : 0);
    if (number !== from.done) {
      const ahead = [...from.ahead, number].sort((a, b) => a - b);
      this.#add({ done: from.done, ahead, state, inversions });
      return;
    }
    let done = from.done + 1;
    let over = 0;
    for (; from.ahead[over] === done; over++) done++;
    this.#add({ done, ahead: from.ahead.slice(over), state, inversions });
  }

  #add(configuration: Configuration): void {
    const { done, ahead, state } = configuration;
    const key = `${done}:${ahead.join()}:${state.number}`;
    if (this.#tried.has(key)) return;
    this.#tried.add(key);
    this.#states.add(state);
    this.#left.add(configuration, true);
  }

  #verdict(order: Verdict["order"]): Verdict {
    this.#model.checkFirst();
    const stuck = order === "found" ? null : this.#calls[this.#farthest];
    return { order, stuck, expected: this.#expected, tried: this.#tried.size };
  }
}

/**
 * Of each call the number of its echo, the first other call to end that returns one of its arguments. When it has none,
 * but others of its method have, it comes before or behind all that have one; NaN when they have none, either.
 */
function echoesOf(calls: readonly HistoryCall[], { keys }: Model, unseen: Unseen): number[] {
  const returnedIn = new Map<string, number>();
  for (const [number, { outcome, value }] of calls.entries()) {
    const key = keys.keyOf(value);
    if (outcome === "returned" && value !== undefined && !returnedIn.has(key)) returnedIn.set(key, number);
  }
  const echoes = calls.map(({ args }, number) => {
    const found = args.map((each) => returnedIn.get(keys.keyOf(each)) ?? Infinity);
    return Math.min(Infinity, ...found.filter((each) => each !== number));
  });
  const echoed = new Set(calls.filter((_, number) => echoes[number] < Infinity).map(({ method }) => method));
  return calls.map(({ method }, number) => {
    if (!echoed.has(method)) return NaN;
    if (echoes[number] < Infinity) return echoes[number];
    return unseen === "first" ? number - calls.length : number + calls.length;
  });
}

/** The configurations that are left to go on from. */
class Frontier {
  /** By `inversions`, by `done`, and by how many went ahead: of these the new ones first. */
  readonly #left: Configuration[][][][] = [];

  /** `isNew`: the call that ends next was not tried. */
  add(configuration: Configuration, isNew: boolean): void {
    const { inversions, done, ahead } = configuration;
    const byDone = (this.#left[inversions] ??= []);
    const byAhead = (byDone[done] ??= []);
    (byAhead[2 * ahead.length + (isNew ? 0 : 1)] ??= []).push(configuration);
  }

  take(): { readonly configuration: Configuration; readonly isNew: boolean } | null {
    for (const byDone of this.#left) {
      for (; byDone !== undefined && byDone.length > 0; byDone.pop()) {
        const byAhead = byDone.at(-1) ?? [];
        const index = byAhead.findIndex((each) => each !== undefined && each.length > 0);
        if (index >= 0) return { configuration: byAhead[index].pop() as Configuration, isNew: index % 2 === 0 };
      }
    }
    return null;
  }
}
