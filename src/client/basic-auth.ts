// A name and a password, as HTTP's Basic authentication has them.

import { format } from "../support/format.ts";
import { InvalidURL } from "./errors.ts";

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
    const bytes = encoder.encode(`${this.login}:${this.password}`);
    return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
  }
}

/** Takes what stands before the host out of an address; null: nothing. Throws InvalidURL for what is no auth. */
export function takeAuth(url: URL): BasicAuth | null {
  const { username, password } = url;
  if (username === "" && password === "") return null;
  url.username = "";
  url.password = "";
  try {
    return new BasicAuth(decodeURIComponent(username), decodeURIComponent(password));
  } catch (cause) {
    throw new InvalidURL(url.href, "the credentials in it are none", { cause });
  }
}
