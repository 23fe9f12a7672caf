// Two standard streams of a child over one pipe: no host can be asked for that, but a shell can, and is the program
// from then on. It would tell by an exit code that there is no such program: so that is looked for before.

import type { Command } from "../../drivers/processes.ts";
import { NotAvailableError } from "../../errors/base.ts";
import type { Fault } from "../../errors/os.ts";
import { builtin } from "./builtins.ts";

const SHELL = "/bin/sh";
const DEFAULT_PATH = "/bin:/usr/bin";

/** The command that starts another one with its standard error in the pipe of its standard output. */
export function sharingPipe({ file, argv, ...command }: Command): Command {
  if (argv[0] !== file)
    throw new NotAvailableError("executable", "what has stderr in the pipe of stdout goes by its own name");
  return { ...command, stderr: "nothing", file: SHELL, argv: [SHELL, "-c", 'exec "$0" "$@" 2>&1', ...argv] };
}

/** What the system would say of a program; null when it can be started, and when it may not be looked at. */
export function findProgram({ file, cwd, env }: Command): Fault | null {
  const { process } = globalThis as unknown as { process: { env: Record<string, string | undefined>; cwd(): string } };
  const inFolder = (path: string): string => (path.startsWith("/") ? path : `${cwd ?? process.cwd()}/${path}`);
  if (file.includes("/")) return faultOf(inFolder(file));
  const folders = ((env ?? process.env)["PATH"] ?? DEFAULT_PATH).split(":");
  const faults = folders.map((folder) => faultOf(inFolder(`${folder || "."}/${file}`)));
  if (faults.includes(null)) return null;
  return faults.find((fault) => fault?.code === "EACCES") ?? faults[0];
}

const ANYBODY = 0o111;

/** Why a file cannot be executed; null when it can, or may not be looked at. */
function faultOf(path: string): Fault | null {
  const fs = builtin("fs");
  try {
    const found = fs?.statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { code: "ENOENT", errno: 2, syscall: "spawn", message: "there is none" };
    if (found.isDirectory() || (found.mode & ANYBODY) === 0)
      return { code: "EACCES", errno: 13, syscall: "spawn", message: "it is no program" };
    fs?.accessSync(path, fs.constants.X_OK);
  } catch (error) {
    if ((error as Fault).code !== undefined) return error as Fault;
  }
  return null;
}
