// Deno's HTTP: its fetch.

import type { FetchLike, Http, HttpProxy } from "../../drivers/http.ts";
import { fetchHttp } from "../parts/fetch-http.ts";

/** What is used of Deno's own names, as types: the package is compiled without them. */
interface DenoHttp {
  readonly Deno: { createHttpClient(options: object): object };
}

/** What the reasons say that fetch fails by: it has no codes. */
const REASONS: readonly (readonly [reason: RegExp, code: string])[] = [
  [/dns error/, "ENOTFOUND"],
  [/\(os error 111\)|Connection refused/, "ECONNREFUSED"],
  [/certificate/, "CERT_UNTRUSTED"],
  [/client error \(Connect\)/, "EHOSTUNREACH"],
  [/closed before message completed|connection error|reset|body from connection/, "ECONNRESET"],
];

/** A client for each proxy. */
const clients = new Map<string, object>();

function clientFor({ url, authorization }: HttpProxy): object {
  const key = `${url.href} ${authorization}`;
  let client = clients.get(key);
  if (client === undefined) {
    const { Deno } = globalThis as unknown as DenoHttp;
    client = Deno.createHttpClient({ proxy: { url: url.href, ...credentialsOf(authorization) } });
    clients.set(key, client);
  }
  return client;
}

function credentialsOf(authorization: string | null): object {
  if (authorization === null) return {};
  const [, username, password] = /^([^:]*):(.*)$/s.exec(atob(authorization.slice("Basic ".length))) ?? [];
  return { basicAuth: { username, password } };
}

/** The HTTP of the host that the program runs on, or what a program gives in place of fetch. */
export const createHttp = (fetch: FetchLike | null): Http =>
  fetchHttp({
    fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
    webSocketsTakeHeaders: true,
    proxyOptions: (proxy) => ({ client: clientFor(proxy) }),
    codeOf: ({ message }) => REASONS.find(([reason]) => reason.test(message))?.[1],
  });
