// Who sends a request on: the proxy that it is given, or the one of the environment.

import type { HttpProxy } from "../drivers/http.ts";
import { type BasicAuth, takeAuth } from "./basic-auth.ts";
import { InvalidURL } from "./errors.ts";

/** The proxy of an address, with the credentials that stand in it or are given. Throws InvalidURL for what is none. */
export function proxyAt(address: string | URL, auth: BasicAuth | null): HttpProxy {
  const text = String(address);
  if (!URL.canParse(text)) throw new InvalidURL(text, "is no address of a proxy");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new InvalidURL(text, "a proxy is asked by http or https");
  const own = takeAuth(url);
  const authorization = (auth ?? own)?.encode() ?? null;
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

/** Whether an address is an exception: NO_PROXY has hosts, each with all below it, with their ports or without. */
function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const withPort = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  return exceptions.split(/[\s,]+/).some((each) => {
    const name = each.replace(/^\*?\./, "").toLowerCase();
    if (name === "" || name === "*") return each === "*";
    const names = [name, `[${name}]`]; // an IPv6 address may stand there without its brackets
    return [hostname, withPort].some((host) => names.includes(host) || host.endsWith(`.${name}`));
  });
}
