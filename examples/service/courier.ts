// Another service, which says when it delivers: no more than fifty requests a second, and what fails is tried again.

import type { Coroutine } from "wasyncio";
import { ClientError, type ClientSession } from "wasyncio/client";
import { RateLimiter, retry } from "wasyncio/extras";

export class Courier {
  readonly #session: ClientSession;
  readonly #limiter = new RateLimiter(50, { seconds: 1 });

  constructor(session: ClientSession) {
    this.#session = session;
  }

  date(item: string): Coroutine<string> {
    const ask = () =>
      this.#session.get("/date", { params: { item }, raiseForStatus: true }).with((response) => response.text());
    return retry(() => this.#limiter.with(ask), { attempts: 3, on: ClientError });
  }
}
