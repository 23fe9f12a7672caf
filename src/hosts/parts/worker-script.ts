// The script of a worker: a file of the package, which is found as the package finds its own files.

import { NotAvailableError } from "../../errors/base.ts";
import { builtin } from "./builtins.ts";

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
