// A session with the server: one request at a time, and what becomes of it when its task is cancelled.
//
// A cancelled request is cancelled in the server, too. Its task goes on when the server is ready for the next request,
// and when it has closed the connection that asked for the cancel: from then on that can hit nothing. Until then nobody
// else gets the session. A server that does not answer in time loses it.
//
// What one user leaves behind is removed by a request that the next user's first one may follow in the same write. That
// is a transaction: should it fail, the server refuses what follows, and the session is lost.
//
// The client calls back at any time; what it tells is an arrival, and changes nothing before its turn in the loop.

import { moveOnAfter } from "../tasks/move-on.ts";
import { shielded } from "../tasks/shielded.ts";
import { wait } from "../tasks/wait.ts";
import { osError } from "../errors/os.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { TimerHandle } from "../runtime/handle.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import {
  type Client,
  type ClientConfig,
  type NotificationMessage,
  type TransactionStatus,
  type TypeParser,
  newClient,
  requestCancel,
} from "./driver.ts";
import { InterfaceError, connectionLost, isServerError, postgresErrorOf } from "./errors.ts";
import type { Request } from "./requests.ts";

/** Seconds in which a server has to have ended what was cancelled, or what ends something. Else it counts as lost. */
export const GRACE = 5;

/** Who is told what nobody has asked for. */
export interface SessionEvents {
  notified(message: NotificationMessage): void;
  /** The session has ended; `error` when that was not asked for. */
  ended(error: Error | null): void;
}

export class Session {
  readonly #loop: EventLoop;
  readonly #client: Client;
  readonly #events: SessionEvents;
  #status: TransactionStatus = "I";
  #request: Request | null = null;
  /** What has to be done before any other request, sent or not. */
  #owed: Request | null = null;
  /** When that has to be over; else the session counts as lost. */
  #owedUntil = 0;
  #watch: TimerHandle | null = null;
  /** What the server, or the system, said last of a connection that ends. */
  #lastWord: Error | null = null;
  #state: "open" | "closing" | "ended" = "open";
  /** Set when it was lost. */
  #loss: Error | null = null;
  readonly #whenEnded: (() => void)[] = [];
  readonly #letGo: () => void;

  /** Connects. Throws what the server refuses, or the system; a task that is cancelled leaves no socket. */
  static *open(config: ClientConfig, events: SessionEvents): Coroutine<Session> {
    const session = new Session(getRunningLoop(), newClient(config), events);
    try {
      yield* session.#connect();
      return session;
    } catch (error) {
      session.terminate();
      throw error;
    }
  }

  private constructor(loop: EventLoop, client: Client, events: SessionEvents) {
    this.#loop = loop;
    this.#client = client;
    this.#events = events;
    client.on("error", (error) => void (this.#lastWord ??= error));
    client.on("end", () => this.#deliver(() => this.#ended()));
    client.on("notification", (message) => this.#deliver(() => events.notified(message)));
    client.connection.on("readyForQuery", ({ status }) => this.#deliver(() => this.#ready(status)));
    this.#letGo = loop.arrivals.listen(() => this.terminate());
  }

  *#connect(): Coroutine<void> {
    const connected = this.#loop.createExternalFuture<void>();
    const settle = (error: Error | null): void => {
      if (connected.done()) return;
      if (error) connected.fail(openingError(error));
      else connected.setResult();
    };
    this.#client.connect((error) => this.#deliver(() => settle(error)));
    yield* connected;
  }

  /** Of the latest request that is over. */
  get status(): TransactionStatus {
    return this.#status;
  }

  get isOpen(): boolean {
    return this.#state === "open" && this.#loss === null;
  }

  get processID(): number {
    return this.#client.processID;
  }

  /** Where it leads to, for messages. */
  get place(): string {
    const { database, host, port } = this.#client;
    return `${database} at ${host}:${port}`;
  }

  parserOf(oid: number, format: string): TypeParser {
    return this.#client.getTypeParser(oid, format);
  }

  /** Throws InterfaceError when it is closed or busy, and PostgresConnectionError when it was lost. */
  checkFree(): void {
    if (this.#loss !== null) throw connectionLost(this.#loss);
    if (this.#state !== "open") throw new InterfaceError("Cannot use the connection: it is closed");
    if (this.#request !== null)
      throw new InterfaceError("Cannot use the connection: another operation is in progress, in another task perhaps");
  }

  /**
   * Makes a request, and waits until it is over. Throws what it fails with.
   * @param cancels whether the server is told when the task is cancelled, or only waited for
   */
  *run(request: Request, cancels = true): Coroutine<void> {
    this.checkFree();
    this.#request = request;
    const answer = this.#whenOver(request);
    if (this.#owed !== null) this.#sendOwed(this.#owed, request);
    this.#client.query(request);
    try {
      yield* answer;
    } catch (error) {
      if (!request.isOver) yield* shielded(() => this.#stop(request, cancels));
      throw error;
    }
    const { error } = request;
    if (error !== null) throw isServerError(error) ? postgresErrorOf(error) : error; // made where it is awaited
  }

  /**
   * Has a request be done before any other: a transaction of its own, behind which none is open. It is sent together
   * with the next one, or else when the loop's turn ends. Throws as `checkFree` does.
   */
  owe(request: Request): void {
    this.checkFree();
    this.#status = "I";
    if (this.#owed !== null) return; // nothing has been done behind that one
    this.#owed = request;
    this.#owedUntil = this.#loop.time() + GRACE;
    this.#watch ??= this.#loop.callAt(this.#owedUntil, () => this.#lookAfter());
    queueMicrotask(() => this.#sendOwed(request, null));
  }

  /** Waits until nothing is owed. */
  *settle(): Coroutine<void> {
    if (this.#owed !== null) yield* this.#whenOver(this.#owed);
  }

  /** One timer for many requests: nearly all are over long before. */
  #lookAfter(): void {
    this.#watch = null;
    if (this.#owed === null) return;
    if (this.#loop.time() >= this.#owedUntil) this.terminate();
    else this.#watch = this.#loop.callAt(this.#owedUntil, () => this.#lookAfter());
  }

  #sendOwed(owed: Request, follower: Request | null): void {
    if (owed.isSent || owed.isOver) return;
    owed.follower = follower;
    this.#client.query(owed);
  }

  /** Takes leave of the server, and waits until the connection is closed. What is under way is cancelled. */
  *close(): Coroutine<void> {
    const isFirst = this.#state === "open";
    if (isFirst) this.#state = "closing";
    try {
      if (isFirst && this.#request !== null) yield* this.#stop(this.#request, true);
      if (isFirst && this.#owed?.isSent === true) yield* this.#stop(this.#owed, false);
      if (isFirst) this.#client.end(() => {});
      if (this.#hasEnded) return;
      const ended = this.#told((tell) => this.#whenEnded.push(tell));
      yield* moveOnAfter(GRACE).with(() => ended);
    } finally {
      if (!this.#hasEnded) this.terminate();
    }
  }

  /** Ends it at once. What is under way fails. */
  terminate(): void {
    if (this.#state === "open") this.#state = "closing";
    this.#client.connection.stream.destroy();
  }

  *#stop(request: Request, cancels: boolean): Coroutine<void> {
    const over = this.#whenOver(request);
    const stop = function* (this: Session): Coroutine<void> {
      yield* this.settle(); // a cancel would hit that
      // A server that has not yet begun with the request takes no notice: so it is asked again.
      for (let pause = 0.05; cancels && !over.done(); pause *= 2) {
        yield* this.#askToCancel();
        yield* wait([over], { timeout: pause });
      }
      yield* over;
    };
    try {
      yield* moveOnAfter(GRACE).with(() => stop.call(this));
    } finally {
      if (!request.isOver) this.terminate();
    }
  }

  /** Asks the server to cancel what it does, and waits until that can hit nothing that comes later. */
  *#askToCancel(): Coroutine<void> {
    let giveUp = (): void => {};
    const closed = this.#told((tell) => (giveUp = requestCancel(this.#client, () => this.#deliver(tell))));
    try {
      yield* closed;
    } catch (error) {
      giveUp();
      this.terminate();
      throw error;
    }
  }

  #whenOver(request: Request): Future<void> {
    return this.#told((tell) => request.whenOver.push(tell));
  }

  /** A future of the time when `ask` is told. */
  #told(ask: (tell: () => void) => unknown): Future<void> {
    const future = this.#loop.createExternalFuture();
    ask(() => {
      if (!future.done()) future.setResult();
    });
    return future;
  }

  /** Does in the loop's turn what the client has told; nothing when nobody is left. */
  #deliver(what: () => void): void {
    if (!this.#loop.isClosed()) this.#loop.arrivals.deliver("postgres", what);
  }

  #ready(status: TransactionStatus): void {
    if (this.#loss !== null) return; // its end tells
    const owed = this.#owed;
    if (owed === null) {
      this.#status = status;
      this.#requestOver();
    } else if (owed.error === null) {
      this.#owedOver();
    } else {
      this.#loss = owed.error;
      if (this.#request !== null) this.#request.error = owed.error; // the server has refused it for that
      this.#client.connection.stream.destroy();
    }
  }

  #ended(): void {
    if (this.#hasEnded) return;
    const wasAskedFor = this.#state === "closing";
    this.#state = "ended";
    this.#letGo();
    this.#watch?.cancel();
    if (!wasAskedFor) this.#loss ??= this.#lastWord ?? new Error("the server has ended it");
    const request = this.#request;
    const cause = request?.error ?? this.#owed?.error ?? this.#loss ?? new Error("it was terminated");
    if (request !== null) request.error = connectionLost(cause);
    this.#owedOver();
    this.#requestOver();
    for (const tell of this.#whenEnded) tell();
    this.#events.ended(this.#loss === null ? null : connectionLost(this.#loss));
  }

  #owedOver(): void {
    const owed = this.#owed;
    this.#owed = null;
    owed?.over();
  }

  #requestOver(): void {
    const request = this.#request;
    this.#request = null;
    request?.over();
  }

  get #hasEnded(): boolean {
    return this.#state === "ended";
  }
}

/** Why a connection could not be made: the server's word, or the system's. */
function openingError(error: Error): Error {
  if (isServerError(error)) return postgresErrorOf(error);
  const [first = error] = ((error as Partial<AggregateError>).errors ?? []) as Error[]; // one for each address
  const { message, code, errno, syscall } = first as Error & { code?: string; errno?: number; syscall?: string };
  return code === undefined ? connectionLost(error) : osError({ message, code, errno, syscall });
}
