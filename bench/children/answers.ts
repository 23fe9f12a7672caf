// The servers of bench/requests.ts: each kind of answer as a plain async function, and as a coroutine of `handler`.

import type * as Wasyncio from "wasyncio";
import type * as Edge from "wasyncio/edge";

export type Fetch = (request: Request) => Promise<Response>;

export const SIDES = ["plain", "handler", "handler, a loop each"] as const;
export type Side = (typeof SIDES)[number];

/** What a server does for a request: nothing, waits for its host, waits for two things at once. */
export const ANSWERS = ["at once", "after a wait", "after two at once"] as const;
export type Answer = (typeof ANSWERS)[number];

/** As a driver of a database does: something outside calls back. workerd has no immediates of its own. */
const later = (globalThis as { setImmediate?: typeof setImmediate }).setImmediate ?? setTimeout;
const load = (id: number): Promise<number> => new Promise((resolve) => void later(() => resolve(id)));

const idOf = (request: Request): number => request.url.length;

const PLAIN: Record<Answer, Fetch> = {
  "at once": async (request) => Response.json({ id: idOf(request) }),
  "after a wait": async (request) => Response.json({ id: await load(idOf(request)) }),
  "after two at once": async (request) => {
    const [id, more] = await Promise.all([load(idOf(request)), load(1)]);
    return Response.json({ id: id + more });
  },
};

/** The server without us. */
export const plainFetch = (answer: Answer): Fetch => PLAIN[answer];

/** Imports the doors, and makes the server of a side. */
export async function makeFetch(doors: string, side: Side, answer: Answer): Promise<Fetch> {
  if (side === "plain") return plainFetch(answer);
  const [library, edge] = (await Promise.all(doors.split(",").map((door) => import(door) as Promise<object>))) as [
    typeof Wasyncio,
    typeof Edge,
  ];
  return handlerFetch(library, edge, side, answer);
}

/** The server by these doors. */
export function handlerFetch(
  { gather, wrapFuture }: typeof Wasyncio,
  { handler }: typeof Edge,
  side: Side,
  answer: Answer,
): Fetch {
  const coroutines: Record<Answer, Edge.RequestHandler> = {
    *"at once"(request) {
      return Response.json({ id: idOf(request) });
    },
    *"after a wait"(request) {
      return Response.json({ id: yield* wrapFuture(load(idOf(request))) });
    },
    *"after two at once"(request) {
      const [id, more] = yield* gather(wrapFuture(load(idOf(request))), wrapFuture(load(1)));
      return Response.json({ id: id + more });
    },
  };
  const loop = side === "handler" ? "shared" : "request";
  return handler(coroutines[answer], { loop }) as Fetch;
}
