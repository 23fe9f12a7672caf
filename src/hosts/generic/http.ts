// The HTTP of a host of which nothing is known: fetch, which all have.

import type { FetchLike, Http } from "../../drivers/http.ts";
import { fetchHttp } from "../parts/fetch-http.ts";

/** The HTTP of the host that the program runs on, or what a program gives in place of fetch. */
export const createHttp = (fetch: FetchLike | null): Http =>
  fetchHttp({ fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)) });
