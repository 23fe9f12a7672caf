// Who sends a request on: the proxy that it is given, or the one of the environment.

import type { HttpProxy } from "../drivers/http.ts";
import { type BasicAuth, authOf } from "./basic-auth.ts";
import { InvalidURL } from "./errors.ts";

/** The proxy of an address, with the credentials that stand in it or are given. Throws InvalidURL for what is none. */
export function proxyAt(address: string | URL, auth: BasicAuth | null): HttpProxy {
  const text = String(address);
  if (!URL.canParse(text)) throw new InvalidURL(text, "is no address of a proxy");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InvalidURL(text, "a proxy is asked by http or https");
  const authorization = (auth ?? authOf(url))?.encode() ?? null;
  url.username = "";
  url.password = "";
  return { url, authorization };
}

/** The proxy that the environment names for an address, or null: by HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
export function proxyFromEnvironment(url: URL, variable: (name: string) => string | undefined): HttpProxy | null {
  const either = (name: string): string => variable(name.toLowerCase()) || variable(name) || "";
  // A request to a CGI script sets HTTP_PROXY by a header of its own, so there the name in lower case alone counts.
  const http = variable("REQUEST_METHOD") === undefined ? either("HTTP_PROXY") : (variable("http_proxy") ?? "");
  const address = url.protocol === "https:" || url.protocol === "wss:" ? either("HTTPS_PROXY") : http;
  if (address === "" || isExcepted(url, either("NO_PROXY"))) return null;
  return proxyAt(address.includes("://") ? address : `http://${address}`, null);
}

function isExcepted({ hostname, host }: URL, exceptions: string): boolean {
  return exceptions.split(/[\s,]+/).some((each) => {
    const name = each.replace(/^\*?\./, "").toLowerCase();
    return each === "*" || (name !== "" && (hostname === name || host === name || hostname.endsWith(`.${name}`)));
  });
}
