// What the crowd visits: handlers of every kind, the same on all hosts, which count what they do.

import { type Coroutine, EventLoop, Lock, TaskGroup, gather, sleep, timeout, wrapFuture } from "wasyncio";
import { type FetchHandler, background, handler, streamOf } from "wasyncio/edge";
import { slotsInUse } from "../../../support/counters.ts";

/** What has happened so far. */
export interface Stats {
  /** Loops made and closed. */
  made: number;
  closed: number;
  /** Slots in use: when a loop was closed, and now in those that are not. */
  slotsLeft: number;
  /** Handlers and bodies that have begun, and those whose last `finally` was reached. */
  entered: number;
  left: number;
  /** Background tasks begun and done. */
  begun: number;
  done: number;
  /** What becomes of a handler that is to share its loop. */
  sharing: string;
  /** Errors that nobody took, with how often they came. */
  errors: Record<string, number>;
}

const open = new Set<EventLoop>();
const stats: Stats = {
  made: 0,
  closed: 0,
  slotsLeft: 0,
  entered: 0,
  left: 0,
  begun: 0,
  done: 0,
  sharing: "",
  errors: {},
};

class CountingLoop extends EventLoop {
  constructor() {
    super();
    stats.made++;
    open.add(this);
  }

  override close(): void {
    if (!this.isClosed()) {
      stats.closed++;
      open.delete(this);
      stats.slotsLeft += slotsInUse(this);
    }
    super.close();
  }
}

const options = {
  loopFactory: () => new CountingLoop(),
  onError: (error: unknown): void => {
    const text = String(error);
    stats.errors[text] = (stats.errors[text] ?? 0) + 1;
  },
};

/** A coroutine whose beginning and end are counted; it cleans up with a wait. */
function* counted<T>(body: Coroutine<T>): Coroutine<T> {
  stats.entered++;
  try {
    return yield* body;
  } finally {
    try {
      yield* sleep(0);
    } finally {
      stats.left++;
    }
  }
}

const milliseconds = (id: number): number => ((id * 7) % 11) / 1000;

const pages: Record<string, (id: number, request: Request) => Coroutine<Response>> = {
  /** Several tasks at once, some of which are left behind. */
  *work(id) {
    const lock = new Lock();
    const parts = yield* gather([0, 1, 2].map((part) => lock.with(() => sleep(milliseconds(id) / 3, part))));
    const sum = yield* new TaskGroup().with(function* (group) {
      group.createTask(sleep(0));
      return yield* group.createTask(sleep(milliseconds(id), parts.length));
    });
    return Response.json({ id, sum });
  },

  /** A body that is written slowly. */
  *stream(id) {
    return new Response(
      streamOf(function* (write) {
        const lines = function* (): Coroutine<void> {
          for (let line = 0; line < 20; line++) {
            yield* write(`${id} ${line}\n`);
            if (line % 5 === 0) yield* sleep(milliseconds(id));
          }
        };
        yield* counted(lines());
      }),
    );
  },

  /** The request's body, when it is there. */
  *upload(id, request) {
    const bytes = new Uint8Array(yield* wrapFuture(request.arrayBuffer()));
    return new Response(
      streamOf((write) => counted(write(bytes))),
      { headers: { "x-id": String(id) } },
    );
  },

  /** The request's body, as it comes. */
  *echo(id, request) {
    if (request.body === null) return new Response(`${id} without a body`);
    const reader = request.body.getReader();
    return new Response(
      streamOf(function* (write) {
        const copy = function* (): Coroutine<void> {
          for (;;) {
            const { done, value } = yield* wrapFuture(reader.read());
            if (done) return;
            yield* write(value);
          }
        };
        yield* counted(copy());
      }),
    );
  },

  /** An answer at once, and work behind it. */
  *background(id) {
    stats.begun++;
    const work = function* (): Coroutine<void> {
      yield* gather(sleep(milliseconds(id)), sleep(milliseconds(id + 1)));
      stats.done++;
    };
    background(work());
    return new Response(`${id} accepted`);
  },

  /** An error, deep inside. */
  *fail(id) {
    yield* timeout(3600).with(() => sleep(milliseconds(id)));
    throw new RangeError("expected");
  },

  /** No answer in time. */
  *late() {
    yield* sleep(3600);
    return new Response("never");
  },
};

function* visit(request: Request): Coroutine<Response> {
  const [, page, id] = new URL(request.url).pathname.split("/") as [string, string, string];
  return yield* counted(pages[page](Number(id), request));
}

type Arguments = [request: Request, ...rest: unknown[]];
const inTime = handler<Arguments>(visit, options);
const tooLate = handler<Arguments>(visit, { ...options, deadline: { milliseconds: 20 } });

try {
  handler(visit, { loop: "shared" });
  stats.sharing = "made";
} catch (error) {
  stats.sharing = String(error);
}

/** Answers the crowd, and says how things stand at "/stats". */
export const fetch: FetchHandler<Arguments> = async (request, env, ctx) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/stats") {
    const slotsLeft = [...open].reduce((sum, loop) => sum + slotsInUse(loop), stats.slotsLeft);
    return Response.json({ ...stats, slotsLeft });
  }
  return await (pathname.startsWith("/late/") ? tooLate : inTime)(request, env, ctx);
};
