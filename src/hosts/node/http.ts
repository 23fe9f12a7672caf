// Node's HTTP. Its fetch takes twice as much of the processor for a request as node:http.

import type { FetchLike, Http } from "../../drivers/http.ts";
import { fetchHttp } from "../parts/fetch-http.ts";
import { nodeHttp } from "../parts/node-http.ts";

/** The HTTP of the host that the program runs on, or what a program gives in place of fetch. */
export const createHttp = (fetch: FetchLike | null): Http => (fetch === null ? nodeHttp() : fetchHttp({ fetch }));
