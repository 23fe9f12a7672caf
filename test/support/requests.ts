// Requests as a host makes them, and loops that say what was left in them.

import { expect } from "vitest";
import { EventLoop, allTasks } from "wasyncio";
import { type FetchHandler, type HandlerOptions, type RequestHandler, handler } from "wasyncio/edge";
import { VirtualEventLoop } from "wasyncio/testing";
import { slotsInUse } from "./counters.ts";

/** How many requests a loop serves: one, or all. */
export const LOOPS = ["request", "shared"] as const;
export type LoopKind = (typeof LOOPS)[number];

/** What the handlers of a test have left behind. */
export class Traces {
  /** Whether each request has a loop of its own. */
  readonly kind: LoopKind;
  /** Loops made and closed. */
  made = 0;
  closed = 0;
  /** Slots that were in use when their loop was closed. */
  slotsLeft = 0;
  /** What `onError` was called with. */
  readonly errors: unknown[] = [];
  /** Promises given to `waitUntil`. */
  readonly waiting: Promise<unknown>[] = [];
  readonly #loops: EventLoop[] = [];

  constructor(kind: LoopKind = "request") {
    this.kind = kind;
  }

  /** What a host passes as `ctx`. */
  readonly ctx = { waitUntil: (promise: Promise<unknown>): void => void this.waiting.push(promise) };

  /** A loop in virtual time, whose end is seen. */
  readonly virtualLoop = (): VirtualEventLoop => this.#watch(new VirtualEventLoop());

  /** A loop in real time, whose end is seen. */
  readonly realLoop = (): EventLoop => this.#watch(new EventLoop());

  /** Waits until all has ended that the host was told of, and checks that nothing is left. */
  async ended(): Promise<void> {
    for (let seen = 0; seen < this.waiting.length;) {
      seen = this.waiting.length;
      await Promise.all(this.waiting);
    }
    expect(this.left()).toEqual({ open: 0, slots: 0, tasks: 0 });
  }

  /** What is there of requests when all have ended: loops that should be closed, slots, tasks. */
  left(): { open: number; slots: number; tasks: number } {
    const open = this.#loops.filter((loop) => !loop.isClosed());
    return {
      open: this.kind === "request" ? this.made - this.closed : 0,
      slots: open.reduce((sum, loop) => sum + slotsInUse(loop), this.slotsLeft),
      tasks: open.reduce((sum, loop) => sum + allTasks(loop).size, 0),
    };
  }

  /** Whether nothing is there of requests. */
  isOver(): boolean {
    return Object.values(this.left()).every((count) => count === 0);
  }

  #watch<L extends EventLoop>(loop: L): L {
    this.made++;
    this.#loops.push(loop);
    const close = loop.close.bind(loop);
    loop.close = () => {
      if (!loop.isClosed()) {
        this.closed++;
        this.slotsLeft += slotsInUse(loop);
      }
      close();
    };
    return loop;
  }
}

/** The answer to a request, when all has ended that belongs to it. Errors that nobody takes are in `traces.errors`. */
export async function answer(
  fn: RequestHandler<undefined, Traces["ctx"]>,
  { traces = new Traces(), request = get(), ...options }: HandlerOptions & { traces?: Traces; request?: Request } = {},
): Promise<Response> {
  const fetch: FetchHandler<[Request, undefined, Traces["ctx"]]> = handler(fn, {
    loop: traces.kind,
    loopFactory: traces.virtualLoop,
    onError: (error) => void traces.errors.push(error),
    ...options,
  });
  return await fetch(request, undefined, traces.ctx);
}

export function get(init: RequestInit = {}): Request {
  return new Request("http://localhost/", init);
}

/** Status and text of a response, in a line. */
export async function textOf(response: Response): Promise<string> {
  return `${response.status} ${await response.text()}`;
}
