// What a request and the loop that it is handled in have to tell each other.

import type { EventLoop } from "../runtime/event-loop.ts";
import type { ExceptionContext } from "../runtime/loop.ts";
import type { Task } from "../runtime/task.ts";

/** A request, as its loop knows it. */
export interface ServedRequest {
  /** For its loop: where it has it. */
  place: number;
  /** A task was made that belongs to it. */
  adopt(task: Task<unknown>): void;
  /** Takes an error that belongs to it. Returns whether it did. */
  takeReport(context: ExceptionContext): boolean;
  /** Its tasks cannot go on: it answers, and cancels them, saying why. A second time it leaves them as they are. */
  end(error: unknown, why: string): void;
  /** Begins to listen for a client that goes away, unless that makes no difference any more. */
  listen(): void;
  /** The loop cannot go on: it answers, and is over. */
  crash(error: unknown): void;
}

/** A loop that requests are handled in: for one of them, or for many. */
export interface ServingLoop {
  readonly loop: EventLoop;
  /** Whether a request leaves it to `listenLater` when it begins to listen. */
  readonly listensLater: boolean;
  /** Has the requests that go on begin to listen, in a while. Called in the loop's turn. */
  listenLater(): void;
  /** A request has something to do: the loop runs for it. */
  hold(request: ServedRequest): void;
  /**
   * A request has nothing to do, and `isOver`: nor will it have. `ended` is called when the loop has done with it for
   * now. Called in the loop's turn, or before it runs.
   */
  release(request: ServedRequest, isOver: boolean, ended: () => void): void;
}
