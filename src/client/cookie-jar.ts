// Cookies of a session. The rules are RFC 6265's, and aiohttp's where it has a choice: no list of public suffixes, and
// nothing from addresses. A jar of tough-cookie has such a list, and may be given in its place.

import { format } from "../support/format.ts";

/** What a session asks of a jar: what tough-cookie's `CookieJar` has. */
export interface CookieStore {
  getCookieStringSync(url: string): string;
  setCookieSync(cookie: string, url: string, options: { ignoreError: boolean }): unknown;
}

/** Options of a jar. */
export interface CookieJarOptions {
  /** Whether cookies of addresses, such as 127.0.0.1, are kept, too. Default: false. */
  unsafe?: boolean;
  /** The time in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** Whether only that domain gets it, and none below. */
  readonly isHostOnly: boolean;
  readonly isSecure: boolean;
  /** Milliseconds since 1970, or Infinity. */
  readonly expires: number;
}

/** Longest that a cookie is kept, as browsers do. */
const LONGEST_MS = 400 * 86_400_000;

/**
 * Cookies, kept as long as the jar. Mirrors aiohttp.CookieJar.
 *
 * @example
 * const session = new ClientSession({ cookieJar: new CookieJar({ unsafe: true }) });
 */
export class CookieJar implements CookieStore {
  /** @internal */
  static readonly name: string = "CookieJar";
  readonly #unsafe: boolean;
  readonly #now: () => number;
  /** By domain, path and name. */
  readonly #cookies = new Map<string, Cookie>();

  constructor({ unsafe = false, now = () => Date.now() }: CookieJarOptions = {}) {
    if (typeof unsafe !== "boolean") throw new TypeError(`Invalid unsafe: expected a boolean, got ${format(unsafe)}`);
    if (typeof now !== "function") throw new TypeError(`Invalid now: expected a function, got ${format(now)}`);
    this.#unsafe = unsafe;
    this.#now = now;
  }

  /** Cookies that are kept. */
  get size(): number {
    this.#dropExpired();
    return this.#cookies.size;
  }

  /** Forgets all. Mirrors CookieJar.clear. */
  clear(): void {
    this.#cookies.clear();
  }

  /** The header's value for an address: the cookies with the longest paths first; "" when there are none. */
  getCookieStringSync(url: string): string {
    this.#dropExpired();
    const { hostname, pathname, protocol } = new URL(url);
    const isSecure = protocol === "https:" || protocol === "wss:";
    const matching = [...this.#cookies.values()].filter(
      (cookie) =>
        (isSecure || !cookie.isSecure) &&
        (cookie.isHostOnly ? hostname === cookie.domain : isWithin(hostname, cookie.domain)) &&
        isUnder(pathname, cookie.path),
    );
    matching.sort((left, right) => right.path.length - left.path.length);
    return matching.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  /** Takes a Set-Cookie header in; one that is not for its server is dropped. */
  setCookieSync(header: string, url: string): void {
    const { hostname, pathname, protocol } = new URL(url);
    if (!this.#unsafe && isAddress(hostname)) return;
    const [pair, ...rest] = header.split(";");
    const name = pair.slice(0, pair.indexOf("=")).trim();
    if (name === "" || !pair.includes("=")) return;
    const attributes = new Map(rest.map((each) => attributeOf(each)));
    const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
    // A domain of one word, such as "com", is everybody's.
    if (domain !== "" && domain !== hostname && !(isWithin(hostname, domain) && /\../.test(domain))) return;
    const isSecure = attributes.has("secure");
    if (isSecure && protocol !== "https:" && protocol !== "wss:") return;
    const path = attributes.get("path") ?? "";
    const cookie: Cookie = {
      name,
      value: pair.slice(pair.indexOf("=") + 1).trim(),
      domain: domain || hostname,
      path: path.startsWith("/") ? path : pathname.slice(0, Math.max(1, pathname.lastIndexOf("/"))),
      isHostOnly: domain === "",
      isSecure,
      expires: this.#expiryOf(attributes.get("max-age"), attributes.get("expires")),
    };
    const key = JSON.stringify([cookie.domain, cookie.path, name]);
    if (cookie.expires > this.#now()) this.#cookies.set(key, cookie);
    else this.#cookies.delete(key);
  }

  #expiryOf(maxAge: string | undefined, expires: string | undefined): number {
    const latest = this.#now() + LONGEST_MS;
    if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Math.min(this.#now() + Number(maxAge) * 1000, latest);
    const date = expires === undefined ? NaN : Date.parse(expires);
    return Number.isNaN(date) ? Infinity : Math.min(date, latest);
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [key, { expires }] of this.#cookies) if (expires <= now) this.#cookies.delete(key);
  }
}

function attributeOf(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return at < 0 ? [text.trim().toLowerCase(), ""] : [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}

function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
}

function isWithin(hostname: string, domain: string): boolean {
  return hostname === domain || (hostname.endsWith(`.${domain}`) && !isAddress(hostname));
}

function isUnder(pathname: string, path: string): boolean {
  return pathname === path || (pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/"));
}

/** The option `cookieJar`. Throws TypeError for what is none. */
export function checkJar(jar: CookieStore): CookieStore {
  if (typeof jar?.getCookieStringSync === "function" && typeof jar.setCookieSync === "function") return jar;
  throw new TypeError(`Invalid cookieJar: expected a CookieJar or null, got ${format(jar)}`);
}
