// A page's HTTP: its fetch, which goes where it is redirected to, keeps cookies for itself, and says of no request why
// it has failed. Some send what is no stream in the place of one, and the others streams over HTTP/2 alone.

import type { FetchLike, Http } from "../../drivers/http.ts";
import { fetchHttp } from "../parts/fetch-http.ts";

/** The HTTP of the host that the program runs on, or what a program gives in place of fetch. */
export const createHttp = (fetch: FetchLike | null): Http =>
  fetchHttp(
    fetch === null
      ? {
          fetch: (url, init) => globalThis.fetch(url, init),
          followsRedirects: true,
          keepsCookies: true,
          sendsWhole: true,
        }
      : { fetch },
  );
