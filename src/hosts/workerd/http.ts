// workerd's HTTP: its fetch, of which a request may have six open at once.

import type { FetchLike, Http } from "../../drivers/http.ts";
import { fetchHttp } from "../parts/fetch-http.ts";

/** The HTTP of the host that the program runs on, or what a program gives in place of fetch. */
export const createHttp = (fetch: FetchLike | null): Http =>
  fetchHttp({ fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)) });
