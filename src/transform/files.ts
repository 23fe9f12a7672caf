// Which files are lowered: the program's own, and the packages that it names.

import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { checkNames } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { SLASH, escaped, globOf } from "./globs.ts";

export interface LoweringOptions {
  /** Globs of the program's files that are lowered, from its root. Default: all that are in no node_modules */
  readonly include?: readonly string[];
  /** Packages that are lowered as well, by their names: ["p-queue"] */
  readonly packages?: readonly string[];
  /** The program's folder, as an absolute path. Default: the tool's, or the one that the process runs in */
  readonly root?: string;
}

const OPTIONS = ["include", "packages", "root"];
const SCRIPT = "(?<!\\.d)\\.[cm]?[jt]sx?";
const MODULES = `(?:.*${SLASH})?node_modules${SLASH}`;
const PACKAGE = /^(@[\w.~-]+\/)?[\w.~-]+$/;

/** The folder of the library, which is never lowered: what lowered files run on is in it. */
const LIBRARY = /^.*[\\/](?=(dist|src)[\\/])/.exec(fileURLToPath(import.meta.url))?.[0] ?? null;

/** Throws TypeError for bad options. Returns them. */
export function checkLowering(options: LoweringOptions): LoweringOptions {
  const { include, packages, root } = checkNames(options, OPTIONS);
  checkTexts(include, "include", "globs");
  checkTexts(packages, "packages", "names of packages");
  const bad = packages?.find((name) => !PACKAGE.test(name) || name === "wasyncio");
  if (bad !== undefined) throw new TypeError(`Invalid packages: ${format(bad)} is no name of a package to lower`);
  if (root !== undefined && (typeof root !== "string" || !isAbsolute(root)))
    throw new TypeError(`Invalid root: expected an absolute path, got ${format(root)}`);
  return options;
}

function checkTexts(value: unknown, name: string, what: string): void {
  if (value === undefined || (Array.isArray(value) && value.every((each) => typeof each === "string"))) return;
  throw new TypeError(`Invalid ${name}: expected a list of ${what}, got ${format(value)}`);
}

/**
 * Matches the files that are lowered, by their absolute paths. An expression, and no function, since Bun asks for one.
 * @param found the program's folder where the options name none
 */
export function filesOf({ include, packages = [], root }: LoweringOptions, found: string): RegExp {
  const folder = escaped((root ?? found).replace(/[\\/]$/, ""));
  const globs = include?.map((each) => {
    const glob = each.replace(/^\.\//, "");
    return isAbsolute(glob) ? globOf(glob) : `${folder}${SLASH}${globOf(glob)}`;
  });
  const own = `(?!${MODULES})(?:${globs?.join("|") ?? ".*"})`;
  const others = packages.map((name) => `${MODULES}${escaped(name)}${SLASH}(?!${MODULES}).*`);
  const library = LIBRARY === null ? "" : `(?!${escaped(LIBRARY)}(?:dist|src)${SLASH})`;
  return new RegExp(`^${library}(?:${[own, ...others].join("|")})$(?<=${SCRIPT})`);
}
