// What a request is made with, checked at the call.

import type { Awaitable } from "../runtime/awaitable.ts";
import { checkBoolean, checkNames, checkOptions, wholeFrom } from "../support/checks.ts";
import { format } from "../support/format.ts";
import type { SSLContext } from "../net/ssl-context.ts";
import { BasicAuth } from "./basic-auth.ts";
import { type RequestBody, type RequestData, bodyOf, jsonBody } from "./body.ts";
import type { ClientResponse } from "./client-response.ts";
import type { ClientTimeout } from "./client-timeout.ts";
import { InvalidURL, NonHttpUrlClientError } from "./errors.ts";
import { type HeadersGiven, flatHeaders, headerIn } from "./headers.ts";
import type { Retry } from "./retry.ts";

/** What stands behind the "?" of an address. */
export type Params =
  | string
  | URLSearchParams
  | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
  | Iterable<readonly [name: string, value: string | number | boolean]>;

/** Whether a status from 400 on is an error, or what is to be done with each response. */
export type RaiseForStatus = boolean | ((response: ClientResponse) => Awaitable<unknown> | void);

/** Options of a request. */
export interface RequestOptions {
  /** Added to the address. */
  params?: Params;
  /** The body: text, bytes, a form as an object, URLSearchParams or FormData, a Blob, or chunks as they are made. */
  data?: RequestData;
  /** The body, as JSON. */
  json?: unknown;
  /** Beside the session's, and in the place of those of the same name. */
  headers?: HeadersGiven;
  /** Beside the jar's. */
  cookies?: Readonly<Record<string, string>>;
  auth?: BasicAuth | null;
  /** In the place of the session's, field by field. */
  timeout?: ClientTimeout;
  /** Whether to go where the answer redirects to. Default: true, for HEAD false. */
  allowRedirects?: boolean;
  /** Redirects of which the last one is an error; 0: none is. Default: 10. */
  maxRedirects?: number;
  /** Default: the session's. */
  raiseForStatus?: RaiseForStatus;
  /** Whether a compressed body is given decompressed. Default: the session's. */
  autoDecompress?: boolean;
  /** Default: the session's; null: no proxy. */
  proxy?: string | URL | null;
  proxyAuth?: BasicAuth | null;
  /** How TLS is spoken. Default: the session's. */
  ssl?: SSLContext | null;
  /** Default: the session's; null: what fails is not tried again. */
  retry?: Retry | null;
  /** What the session's traces get with all that they are told of this request. */
  traceRequestContext?: Record<string, unknown>;
}

export const REQUEST_OPTIONS: readonly (keyof RequestOptions)[] = [
  "params",
  "data",
  "json",
  "headers",
  "cookies",
  "auth",
  "timeout",
  "allowRedirects",
  "maxRedirects",
  "raiseForStatus",
  "autoDecompress",
  "proxy",
  "proxyAuth",
  "ssl",
  "retry",
  "traceRequestContext",
];

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A method in capitals. Throws TypeError for what is none. */
export function checkMethod(method: string): string {
  if (typeof method === "string" && METHOD.test(method)) return method.toUpperCase();
  throw new TypeError(`Invalid method: ${format(method)}`);
}

/** Throws TypeError for what is no auth. Returns it. */
export function checkAuth(auth: BasicAuth | null | undefined, what = "auth"): BasicAuth | null {
  if (auth === undefined || auth === null || auth instanceof BasicAuth) return auth ?? null;
  throw new TypeError(`Invalid ${what}: expected a BasicAuth, got ${format(auth)}`);
}

/** Throws TypeError for what says nothing of statuses. Returns it. */
export function checkRaising(raiseForStatus: RaiseForStatus | undefined): RaiseForStatus | undefined {
  if (typeof raiseForStatus === "function") return raiseForStatus;
  return checkBoolean(raiseForStatus, "raiseForStatus");
}

/** Options of a request, as far as they are checked and not merely taken. */
export function checkRequest(options: RequestOptions): RequestOptions {
  checkNames(options, REQUEST_OPTIONS);
  const { maxRedirects = 10, allowRedirects, autoDecompress, raiseForStatus, data, json, cookies } = options;
  wholeFrom(0, maxRedirects, "maxRedirects");
  checkBoolean(allowRedirects, "allowRedirects");
  checkBoolean(autoDecompress, "autoDecompress");
  checkRaising(raiseForStatus);
  checkAuth(options.proxyAuth, "proxyAuth");
  if (data !== undefined && json !== undefined)
    throw new TypeError("Invalid options: data and json parameters can not be used at the same time");
  if (cookies !== undefined) cookieHeader(cookies);
  return options;
}

/** The body that options say, or null. */
export function bodyIn({ data, json }: RequestOptions): RequestBody | null {
  if (json !== undefined) return jsonBody(json);
  return data === undefined || data === null ? null : bodyOf(data);
}

/** Throws TypeError when headers say another length: what is left would be the next request. Returns the body. */
export function checkLength(body: RequestBody | null, headers: readonly string[]): RequestBody | null {
  const said = headerIn(headers, "content-length");
  const length = body === null ? 0 : body.length;
  if (said === null || length === null || Number(said) === length) return body;
  throw new TypeError(`Invalid headers: Content-Length is ${said}, and the body has ${length} bytes`);
}

/** The headers that options say. */
export function headersIn({ headers }: RequestOptions): string[] {
  return headers === undefined ? [] : flatHeaders(headers);
}

/** The value of the header Cookie. Throws TypeError for what are no cookies. */
export function cookieHeader(cookies: Readonly<Record<string, string>>): string {
  return Object.entries(checkOptions(cookies, "cookies"))
    .map(([name, value]) => {
      flatHeaders({ [name]: value }, "cookies"); // names and values are of the same kind
      if (value.includes(";")) throw new TypeError(`Invalid cookies: ${format(value)} is no value of ${name}`);
      return `${name}=${value}`;
    })
    .join("; ");
}

/** An address. Throws InvalidURL for what is none, and TypeError for what is no text. */
export function urlOf(address: string | URL, base: URL | null, ...params: readonly (Params | undefined)[]): URL {
  const isUrl = typeof address === "object" && address !== null && typeof address.href === "string";
  if (typeof address !== "string" && !isUrl)
    throw new TypeError(`Invalid url: expected a string or a URL, got ${format(address)}`);
  let url: URL;
  try {
    url = base === null ? new URL(address) : new URL(address, base);
  } catch (cause) {
    throw new InvalidURL(String(address), null, { cause });
  }
  if (!/^(https?|wss?):$/.test(url.protocol)) throw new NonHttpUrlClientError(String(address));
  for (const given of params) {
    if (given === undefined) continue;
    for (const [name, value] of pairsOf(given)) url.searchParams.append(name, value);
  }
  return url;
}

function pairsOf(params: Params): Iterable<readonly [string, string]> {
  if (typeof params === "string") return new URLSearchParams(params);
  if (typeof params !== "object" || params === null)
    throw new TypeError(`Invalid params: expected an object or a string, got ${format(params)}`);
  const entries = Symbol.iterator in params ? [...params] : Object.entries(params);
  return entries.flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((each) => [name, textOf(each, name)] as const);
  });
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return String(value);
  throw new TypeError(`Invalid params: ${format(value)} is no value of ${name}`);
}
