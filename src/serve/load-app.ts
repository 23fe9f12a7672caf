// The app that a module exports.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeError } from "../errors/base.ts";
import { type App, checkApp } from "./app.ts";

/** What is wrong with a module in place of an app: told without a stack. */
export class AppError extends RuntimeError {
  static {
    this.prototype.name = "AppError";
  }
}

/** Loads the app that a module exports. Throws AppError when there is none, and what the module throws. */
export async function loadApp(path: string): Promise<App> {
  const file = resolve(path);
  if (!existsSync(file)) throw new AppError(`Cannot load ${path}: there is no such file`);
  let module: { readonly default?: App };
  try {
    module = (await import(pathToFileURL(file).href)) as typeof module;
  } catch (error) {
    throw isUnreadable(error) ? new AppError(`Cannot load ${path}: ${howToLoadTypeScript(error)}`) : error;
  }
  const app = module.default;
  try {
    return checkApp(app as App);
  } catch (error) {
    const text = `Cannot serve ${path}: expected \`export default { fetch }\`; ${(error as Error).message}`;
    throw new AppError(text, { cause: error });
  }
}

/** Whether the host cannot read a kind of file. */
const isUnreadable = (error: unknown): error is Error =>
  ["ERR_UNKNOWN_FILE_EXTENSION", "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING"].includes(
    (error as { code?: string } | null)?.code ?? "",
  );

const howToLoadTypeScript = ({ message }: Error): string =>
  `this Node (${process.version}) does not read such files: ${message}. TypeScript needs Node 22.18 or newer, or a loader, such as NODE_OPTIONS="--import tsx"`;
