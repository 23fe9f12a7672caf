// The server of bench/requests.ts on workerd, which bundles both doors: its side and its answer are bindings.

import * as wasyncio from "wasyncio";
import * as edge from "wasyncio/edge";
import { type Answer, type Fetch, type Side, handlerFetch, plainFetch } from "./answers.ts";

interface Env {
  readonly SIDE: Side;
  readonly ANSWER: Answer;
}

let fetch: Fetch | undefined;

export default {
  fetch(request: Request, { SIDE, ANSWER }: Env, ctx: unknown): Promise<Response> {
    fetch ??= SIDE === "plain" ? plainFetch(ANSWER) : handlerFetch(wasyncio, edge, SIDE, ANSWER);
    return (fetch as (...args: unknown[]) => Promise<Response>)(request, {}, ctx);
  },
};
