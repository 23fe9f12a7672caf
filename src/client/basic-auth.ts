// A name and a password, as HTTP's Basic authentication has them.

import { format } from "../support/format.ts";

const encoder = new TextEncoder();

/**
 * A login and its password. Mirrors aiohttp.BasicAuth.
 *
 * @example
 * yield* session.get(url, { auth: new BasicAuth("ann", "secret") }).with((response) => response.json());
 */
export class BasicAuth {
  /** @internal */
  static readonly name: string = "BasicAuth";
  readonly login: string;
  readonly password: string;

  /**
   * @throws TypeError for what is no string
   * @throws RangeError for a login with a ":"
   */
  constructor(login: string, password = "") {
    if (typeof login !== "string" || typeof password !== "string")
      throw new TypeError(`Invalid auth: expected strings, got ${format(login)} and ${format(password)}`);
    if (login.includes(":")) throw new RangeError('A ":" is not allowed in login (RFC 1945#section-11.1)');
    this.login = login;
    this.password = password;
  }

  /** The header's value. Mirrors BasicAuth.encode. */
  encode(): string {
    return `Basic ${btoa(String.fromCharCode(...encoder.encode(`${this.login}:${this.password}`)))}`;
  }
}

/** What stands before the host in an address, or null. */
export function authOf(url: URL): BasicAuth | null {
  if (url.username === "" && url.password === "") return null;
  return new BasicAuth(decodeURIComponent(url.username), decodeURIComponent(url.password));
}
