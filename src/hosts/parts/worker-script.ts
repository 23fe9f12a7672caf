// The script of a worker, a file of the package, which is found as the package finds its own files; and the flags that
// it is run with.

import { NotAvailableError } from "../../errors/base.ts";
import { builtin } from "./builtins.ts";

const { process } = globalThis as unknown as { process: { readonly execArgv?: readonly string[] } };

/**
 * The flags that a worker is started with: those of this process, unless one says what kind of text the program is
 * given as. A worker is always a file, and Node refuses that.
 */
export function workerFlags(): { execArgv?: readonly string[] } {
  return process.execArgv?.some((flag) => flag.startsWith("--input-type")) === true ? { execArgv: [] } : {};
}

/** Its path. Throws NotAvailableError in a bundle, which has left the package's files behind. */
export function workerScript(): string {
  try {
    return (builtin("module") as NonNullable<ReturnType<typeof builtin<"module">>>)
      .createRequire(import.meta.url)
      .resolve("#worker");
  } catch (cause) {
    const reason = "a bundle has no script for them: give the executor a `worker` of its own, which calls serveJobs";
    throw Object.assign(new NotAvailableError("workers", reason), { cause });
  }
}
