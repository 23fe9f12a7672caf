// Errors that no constructor has made, for an engine that captures a stack in each.

/** An error without a stack: one of its class to `instanceof` and to consoles, and none to `Error.isError`. */
export function bareError<E extends Error>(type: { readonly prototype: E }, message: string | undefined): E {
  const error = Object.create(type.prototype) as E;
  if (message !== undefined)
    Object.defineProperty(error, "message", { value: message, writable: true, configurable: true });
  return error;
}
