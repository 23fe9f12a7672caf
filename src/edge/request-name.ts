// What a request's task is called in dumps, deadlocks and call graphs.

/** The path of a URL, whole or without its origin. */
const PATH = /^(?:[^/?#]+:)?(?:\/\/[^/?#]*)?([^?#]*)/;

/** "GET /orders/17". Without what stands behind the path: it may be a secret. */
export function nameOfRequest({ method, url }: Request): string {
  return `${method} ${PATH.exec(url)?.[1] || "/"}`;
}
