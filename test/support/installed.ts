// Programs of others, which not every machine has.

import { accessSync, constants } from "node:fs";
import { delimiter, resolve } from "node:path";

/**
 * Whether a program, on PATH or by its own path, can be tried with. In CI all can: one that is missing there makes its
 * tests fail.
 */
export function isInstalled(program: string): boolean {
  if (process.env["CI"] !== undefined) return true;
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(resolve(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
