// What is lowered is said once for all hosts, in the program's package.json: "wasyncio": { "packages": ["p-queue"] }.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { install } from "#loading";
import { type LoweringOptions, checkLowering } from "../transform/files.ts";

/** What is lowered: the options of package.json, and the folder that it lies in. */
export const registered: LoweringOptions & { readonly root: string } = readOptions(process.cwd());

install(registered);

/** Reads the nearest package.json. Throws TypeError for bad options in it. */
function readOptions(folder: string): LoweringOptions & { readonly root: string } {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, "package.json");
    const text = read(file);
    if (text !== null) return { root: at, ...optionsIn(text, file) };
    if (at === dirname(at)) return { root: folder };
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function optionsIn(text: string, file: string): LoweringOptions {
  try {
    const { wasyncio = {} } = JSON.parse(text) as { wasyncio?: LoweringOptions };
    return checkLowering(wasyncio);
  } catch (error) {
    throw new TypeError(`Cannot read what to lower from ${file}: ${(error as Error).message}`, { cause: error });
  }
}
