// Questions to objects that stay in the thread that has made them: a loop, what a queue keeps, what a manager has.
//
// A worker asks whoever has started it, who passes a question on that is not for him, up to the one that has the
// object. So all can be reached from the workers below the thread that has made it, processes included, and from that
// thread itself. The answer goes back the same way; but to a thread that is blocked it goes by a port of its own, where
// the thread looks when a word in memory says that it is there.

import { NotAvailableError, RuntimeError } from "../errors/base.ts";
import type { Delay } from "../support/delay.ts";
import { ExternalFuture } from "../runtime/external-future.ts";
import type { Future } from "../runtime/future.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Packed } from "../executors/copying.ts";
import { hostWorkers } from "../executors/host-workers.ts";
import type { RemoteError } from "../executors/messages.ts";
import { describeError, reviveError } from "../executors/remote-error.ts";
import { copyWithin, pack, unpack } from "./shareable.ts";
import { sideChannel } from "../executors/side-channel.ts";
import { sharedWords } from "./memory.ts";
import { realmName } from "./realm.ts";
import { Word } from "./word.ts";

/** What came of a question. */
export type Outcome =
  | { readonly value: Packed<unknown> }
  | { readonly error: RemoteError }
  | { readonly cancelled: true };

export type Answer = (outcome: Outcome) => void;

/** Answers a question, once, now or later. Returns what cancels it, or null when nothing could. */
export type Servant = (method: string, args: readonly unknown[], answer: Answer) => (() => void) | null;

/** Where an object is. */
export interface Address {
  readonly realm: string;
  readonly id: number;
}

/** Where a blocked thread waits for its answer. */
interface Reply {
  readonly port: MessagePort;
  readonly memory: SharedArrayBuffer;
}

interface Question {
  readonly to: Address;
  readonly from: string;
  readonly number: number;
  /** null: it is cancelled. */
  readonly method: string | null;
  readonly args: Packed<readonly unknown[]>;
  readonly reply: Reply | null;
}

interface Told {
  readonly to: string;
  readonly number: number;
  readonly outcome: Outcome;
}

type Tell = (told: Told) => void;

const servants = new Map<number, Servant>();
let lastId = 0;
let lastNumber = 0;
/** Who waits for an answer, by the question's number. */
const waiting = new Map<number, Answer>();
/** What cancels a question that is served, by who has asked, and its number. */
const served = new Map<string, () => void>();
/** How to reach those that have asked something that was passed on. */
const routes = new Map<string, Tell>();

/** Has a servant answer questions. Returns where it is. */
export function serveAt(servant: Servant): Address {
  sideChannel.asked = (question, tell) => receive(question as Question, tell);
  servants.set(++lastId, servant);
  return { realm: realmName(), id: lastId };
}

/** Nothing is answered there any more. */
export function leaveAddress({ realm, id }: Address): void {
  if (realm === realmName()) servants.delete(id);
}

/** Whether an object is in this realm. */
export const isHere = ({ realm }: Address): boolean => realm === realmName();

/** An outcome that is what a function gives, or its error. */
export function outcomeOf(fn: () => unknown): Outcome {
  try {
    return { value: pack(fn()) };
  } catch (error) {
    return { error: describeError(error) };
  }
}

/** What an outcome stands for. Throws the error that it is. */
export function resultOf(outcome: Exclude<Outcome, { cancelled: true }>): unknown {
  if ("error" in outcome) throw reviveError(outcome.error);
  return unpack(outcome.value);
}

/**
 * Asks; `answer` is called with what comes of it: at once, or later and outside of any loop's turn. Returns what
 * cancels it. Throws for arguments that cannot be copied.
 */
export function question(to: Address, method: string, args: readonly unknown[], answer: Answer): () => void {
  if (isHere(to)) return here(to, method, args, answer);
  const number = ++lastNumber;
  sideChannel.told = takeAnswer;
  waiting.set(number, answer);
  try {
    send({ to, from: realmName(), number, method, args: pack(args), reply: null });
  } catch (error) {
    waiting.delete(number);
    throw error;
  }
  return () => send({ to, from: realmName(), number, method: null, args: pack([]), reply: null });
}

/** Asks, and gives a future of the running loop for the answer. Cancelling that cancels what is asked. */
export function ask<T>(to: Address, method: string, args: readonly unknown[]): Future<T> {
  const future = new AskedFuture<T>(getRunningLoop());
  const { loop } = future;
  const answer = (outcome: Outcome): void =>
    loop.arrivals.deliver("answer", () => {
      if (future.done()) return;
      if ("cancelled" in outcome) return future.endCancelled(null);
      try {
        future.succeed(resultOf(outcome) as T);
      } catch (error) {
        future.fail(error);
      }
    });
  try {
    future.cancelQuestion = question(to, method, args, answer);
  } catch (error) {
    future.fail(error);
  }
  return future;
}

/** The answer that a task waits for. */
class AskedFuture<T> extends ExternalFuture<T> {
  /** @internal */
  static override readonly name: string = "Future";
  declare cancelQuestion: (() => void) | null;

  override cancel(message?: string): boolean {
    if (!super.cancel(message)) return false;
    this.cancelQuestion?.();
    return true;
  }
}

/** The answer that a thread without a loop waits for, blocked. */
export class BlockingAnswer {
  readonly #port: MessagePort;
  readonly #word: Word;
  readonly #cancel: () => void;
  #outcome: Outcome | null = null;

  /** Asks. Throws NotAvailableError where a thread cannot take what it was sent while it is blocked. */
  constructor(to: Address, method: string, args: readonly unknown[]) {
    if (isHere(to)) throw new RuntimeError("Cannot block the thread that has to answer");
    const { port1, port2 } = new MessageChannel();
    const memory = sharedWords(1);
    const number = ++lastNumber;
    this.#port = port1;
    this.#word = new Word(memory, 0);
    send({ to, from: realmName(), number, method, args: pack(args), reply: { port: port2, memory } });
    this.#cancel = () => send({ to, from: realmName(), number, method: null, args: pack([]), reply: null });
  }

  /** Blocks until it is there. Returns null when that takes too long. */
  wait(timeout: Delay | null): Outcome | null {
    if (this.#outcome !== null) return this.#outcome;
    if (!this.#word.untilSync(() => (this.#word.value === 0 ? 0 : null), timeout)) return null;
    const { receive } = hostWorkers();
    if (receive === undefined)
      throw new NotAvailableError("an answer in a blocked thread", "a page's threads cannot look for it");
    let received = receive(this.#port);
    while (received === undefined) received = receive(this.#port); // it has been sent
    this.#port.close();
    return (this.#outcome = received.message as Outcome);
  }

  cancel(): void {
    this.#cancel();
  }
}

/** Asks what is in this realm: copies go there and back all the same. */
function here(to: Address, method: string, args: readonly unknown[], answer: Answer): () => void {
  const servant = servants.get(to.id);
  if (servant === undefined) throw gone();
  let cancel: (() => void) | null = null;
  const take = (outcome: Outcome): void => {
    cancel = null;
    answer("value" in outcome ? outcomeOf(() => copyWithin(outcome.value.value)) : outcome);
  };
  cancel = servant(method, copyWithin(args), take);
  return () => cancel?.();
}

function send(asked: Question): void {
  if (sideChannel.ask === null)
    throw new RuntimeError("Cannot ask: whoever has made the object is no parent of this one");
  sideChannel.ask(asked, asked.reply === null ? [] : [asked.reply.port]);
}

/** A worker has asked. */
function receive(asked: Question, tell: Tell): void {
  const { to, from, number, method, args, reply } = asked;
  const answer = (outcome: Outcome): void => {
    served.delete(`${from} ${number}`);
    try {
      tellOutcome({ to: from, number, outcome }, reply, tell);
    } catch (error) {
      tellOutcome({ to: from, number, outcome: { error: describeError(error) } }, reply, tell); // it cannot be copied
    }
  };
  try {
    if (!isHere(to)) {
      routes.set(from, tell);
      sideChannel.told = takeAnswer;
      return send(asked);
    }
    if (method === null) return served.get(`${from} ${number}`)?.();
    const servant = servants.get(to.id);
    if (servant === undefined) throw gone();
    let isAnswered = false;
    const cancel = servant(method, unpack(args), (outcome) => {
      isAnswered = true;
      answer(outcome);
    });
    if (cancel !== null && !isAnswered) served.set(`${from} ${number}`, cancel);
  } catch (error) {
    answer({ error: describeError(error) });
  }
}

function tellOutcome(told: Told, reply: Reply | null, tell: Tell): void {
  if (reply === null) return tell(told);
  reply.port.postMessage(told.outcome);
  const word = new Word(reply.memory, 0);
  word.value = 1;
  word.wake();
}

/** Somebody is told what he has asked: this realm, or a worker below it. */
function takeAnswer(message: unknown): void {
  const told = message as Told;
  if (told.to !== realmName()) return routes.get(told.to)?.(told);
  const answer = waiting.get(told.number);
  waiting.delete(told.number);
  answer?.(told.outcome);
}

const gone = (): RuntimeError => new RuntimeError("Cannot reach the object: it was closed, or its loop was");
