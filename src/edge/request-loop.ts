// The loop of one request: for hosts that let no request touch what another one has begun, and for whoever wants it.
//
// It runs while the request goes on. When that is over, async iterators are closed, and then the loop. It rests, not
// running, while a body waits for its reader, and is collected with the body when that is thrown away.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { ExceptionContext, Service } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";
import type { ServedRequest, ServingLoop } from "./serving.ts";

export class RequestLoop implements ServingLoop, Service {
  readonly loop: EventLoop;
  readonly listensLater = false;
  #request: ServedRequest | null = null;
  #isRunning = false;
  /** Whether the request goes on. */
  #isHeld = false;
  /** Whether the run ends, for it has nothing to do. */
  #isIdle = false;
  #isOver = false;
  #hasCrashed = false;
  /** What to call at the end of the run. */
  #ended: (() => void)[] = [];

  constructor(loop: EventLoop) {
    this.loop = loop;
    loop.service = this;
  }

  hold(request: ServedRequest): void {
    this.#request = request;
    this.#isHeld = true;
    this.#isIdle = false;
    this.#isOver = false;
    if (this.#isRunning || this.loop.isClosed()) return;
    this.#isRunning = true;
    void Promise.resolve().then(() => this.#run()); // later: this may be inside a turn of another loop
  }

  release(_request: ServedRequest, isOver: boolean, ended: () => void): void {
    this.#ended.push(ended);
    if (this.#hasCrashed) return;
    this.#isHeld = false;
    this.#isOver = isOver;
    if (isOver) this.loop.createTask(this.loop.shutdownAsyncgens()).addDoneCallback(() => this.#rest());
    else this.#rest();
  }

  listenLater(): void {}

  taskMade(task: Task<unknown>): void {
    this.#request?.adopt(task);
  }

  takeReport(context: ExceptionContext): boolean {
    return this.#request?.takeReport(context) ?? false;
  }

  loopClosed(): void {}

  /** Ends the run, unless the request went on meanwhile. */
  #rest(): void {
    if (this.#isHeld) return;
    this.#isIdle = true;
    this.loop.stop();
  }

  async #run(): Promise<void> {
    try {
      do
        await this.loop.runForever(); // again, when the program has stopped it
      while (!this.#isIdle);
    } catch (error) {
      this.#hasCrashed = true;
      this.#isOver = true;
      this.#request?.crash(error);
    }
    this.#isRunning = false;
    if (this.#isOver) this.loop.close();
    for (const ended of this.#ended.splice(0)) ended();
  }
}
