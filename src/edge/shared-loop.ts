// A loop that many requests share, so that locks, queues and pools of the program's modules serve all of them.
//
// It runs from the first request on, and then rests when there is nothing to do, as any loop that waits: that keeps no
// process alive. A task belongs to the request in whose context it was made. When nothing can ever wake what waits, the
// requests that go on are ended, and the loop is not; a loop whose host has failed is closed, and the next request gets
// a new one.

import { DeadlockError, RuntimeError } from "../errors/base.ts";
import type { ContextCarrier } from "../runtime/context.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import type { Future } from "../runtime/future.ts";
import type { ExceptionContext, Service } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";
import { runOutsideHostContexts } from "../runtime/host-context.ts";
import { isA } from "../support/is-a.ts";
import { membership, membershipIn } from "./membership.ts";
import type { ServedRequest, ServingLoop } from "./serving.ts";

/**
 * Seconds after which the requests that go on are told to listen, where a signal takes long to make: most are answered
 * by then, and a client that has gone is not noticed much later.
 */
const LISTENING_DELAY = 0.05;

export class SharedLoop implements ServingLoop, Service {
  readonly loop: EventLoop;
  /** Whether somebody else runs it. */
  readonly isForeign: boolean;
  readonly listensLater: boolean;
  /**
   * Requests that go on, each at its place. One that waits for the reader of its body is not among them: there may
   * never be one. Not a Set: V8 chains the tables of one to each other, and with them what was in it, until its next
   * full collection, which trebled the cost of a request.
   */
  readonly #requests: ServedRequest[] = [];
  /** What waits until no request goes on. */
  #idle: Future<void> | null = null;
  #isRunning = false;
  /** Whether the requests are to be told to listen. */
  #isToListen = false;

  /** @param isForeign whether somebody else runs it */
  constructor(loop: EventLoop, isForeign: boolean) {
    this.loop = loop;
    this.isForeign = isForeign;
    this.listensLater = loop.host.requestSignalsTakeLong === true;
    loop.service = this;
  }

  hold(request: ServedRequest): void {
    request.place = this.#requests.push(request) - 1;
    if (!this.isForeign && !this.loop.isClosed()) this.#start();
  }

  release(request: ServedRequest, _isOver: boolean, ended: () => void): void {
    const last = this.#requests.pop();
    if (last !== undefined && last !== request) {
      this.#requests[request.place] = last;
      last.place = request.place;
    }
    ended();
    if (this.#idle !== null && this.#requests.length === 0) this.#becomeIdle();
  }

  /** Done when no request goes on. */
  idle(): Future<void> {
    const idle = this.#idle?.done() === false ? this.#idle : this.loop.createFuture();
    this.#idle = idle;
    if (this.#requests.length === 0) this.#becomeIdle();
    return idle;
  }

  /** Answers the requests that go on with 500, and cancels all that they do. */
  endRequests(error: RuntimeError): void {
    for (const request of this.#requests.slice()) request.end(error, "the server was shut down");
  }

  listenLater(): void {
    if (this.#isToListen) return;
    this.loop.callLater(LISTENING_DELAY, () => {
      this.#isToListen = false;
      for (const request of this.#requests.slice()) request.listen();
    });
    this.#isToListen = true;
  }

  taskMade(task: Task<unknown>, carrier: ContextCarrier): void {
    membershipIn(carrier)?.exchange.adopt(task);
  }

  takeReport(context: ExceptionContext): boolean {
    return membership.get()?.exchange.takeReport(context) ?? false;
  }

  loopClosed(): void {
    this.#crash(new RuntimeError("Event loop is closed"));
  }

  #becomeIdle(): void {
    if (this.#idle?.done() === false) this.#idle.setResult();
    this.#idle = null;
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Later: this may be inside a turn of another loop. And outside of the first request's context: all share the loop.
    runOutsideHostContexts(() => void Promise.resolve().then(() => this.#run()));
  }

  async #run(): Promise<void> {
    try {
      for (;;) await this.loop.runForever(); // again, when a program has stopped it
    } catch (error) {
      this.#isRunning = false;
      if (isA(error, DeadlockError)) {
        this.#unstick(error);
        return;
      }
      this.#crash(error);
      if (!this.loop.isRunning()) this.loop.close();
    }
  }

  /** Nothing can ever wake what waits: ends the requests that go on. */
  #unstick(error: DeadlockError): void {
    const stuck = [...this.#requests]; // a request that is over leaves the set
    for (const request of stuck) request.end(error, "nothing could wake it");
    if (this.#requests.length > 0) this.#start();
  }

  #crash(error: unknown): void {
    const lost = [...this.#requests];
    for (const request of lost) request.crash(error);
  }
}
