// What is to be started, and how, from what a caller says: checked at the call.

import type { ChildStream, Command } from "../drivers/processes.ts";
import { NotAvailableError } from "../errors/base.ts";
import { checkBoolean, checkNames, checkOptions } from "../support/checks.ts";
import { format } from "../support/format.ts";

/** A standard stream of a child: a pipe to this process. Mirrors asyncio.subprocess.PIPE. */
export const PIPE = -1;

/** Standard error of a child: wherever its standard output goes. Mirrors asyncio.subprocess.STDOUT. */
export const STDOUT = -2;

/** A standard stream of a child: nothing to read, and nobody who reads. Mirrors asyncio.subprocess.DEVNULL. */
export const DEVNULL = -3;

/**
 * Where a standard stream leads: PIPE, STDOUT, DEVNULL, the descriptor of a file that this process has open, or an
 * object that has it as `fd`; null: where that of this process does.
 */
export type StandardStream = number | { readonly fd: number } | null;

/** How a process is to be started. */
export interface SubprocessOptions {
  stdin?: StandardStream;
  stdout?: StandardStream;
  stderr?: StandardStream;
  /** The folder that it runs in. Default: that of this process. */
  cwd?: string | null;
  /** All of its environment. Default: that of this process. */
  env?: Readonly<Record<string, string | undefined>> | null;
  /** What is executed in the place of the program, whose name it is told all the same; for a command, the shell. */
  executable?: string | null;
  /** Whether it is the first of a session of its own, so that Ctrl-C does not reach it. Default: false. */
  startNewSession?: boolean;
}

/** What a call may be told, and where streams lead of which it is told nothing. */
export interface Caller {
  readonly names: readonly string[];
  readonly byDefault: StandardStream;
}

/** The names of SubprocessOptions. */
export const SUBPROCESS_OPTIONS: readonly (keyof SubprocessOptions)[] = [
  "stdin",
  "stdout",
  "stderr",
  "cwd",
  "env",
  "executable",
  "startNewSession",
];

/** Options of Python's that can have one value only. */
const FIXED: Readonly<Record<string, unknown>> = {
  universalNewlines: false,
  bufsize: 0,
  text: false,
  encoding: null,
  errors: null,
};

/** Options of Python's for what no host can do. */
const NOT_AVAILABLE: readonly string[] = [
  "closeFds",
  "creationflags",
  "extraGroups",
  "group",
  "passFds",
  "pipesize",
  "preexecFn",
  "processGroup",
  "restoreSignals",
  "startupinfo",
  "umask",
  "user",
];

/** The command for a program and its arguments. Throws TypeError, RangeError or NotAvailableError. */
export function commandOf(
  program: string,
  args: readonly string[],
  options: SubprocessOptions,
  caller: Caller,
): Command {
  checkName(program, "program");
  if (!Array.isArray(args)) throw new TypeError(`Invalid args: expected a list of texts, got ${format(args)}`);
  for (const arg of args as readonly unknown[]) checkText(arg, "args");
  const { executable, ...rest } = checked(options, caller, false);
  return { file: executable ?? program, argv: [program, ...args], ...rest };
}

/** As `commandOf`, for a command that a shell is to run. */
export function shellCommandOf(cmd: string, options: SubprocessOptions, caller: Caller): Command {
  if (typeof cmd !== "string") throw new RangeError("cmd must be a string");
  checkText(cmd, "cmd");
  const { executable, ...rest } = checked(options, caller, true);
  const shell = executable ?? "/bin/sh";
  return { file: shell, argv: [shell, "-c", cmd], ...rest };
}

function checked(
  options: SubprocessOptions,
  { names, byDefault }: Caller,
  shell: boolean,
): Omit<Command, "file" | "argv"> & { readonly executable: string | null } {
  checkOptionNames(options, names, { ...FIXED, shell });
  const { stdin = byDefault, stdout = byDefault, stderr = byDefault, cwd = null, env = null } = options;
  const { executable = null, startNewSession } = options;
  const output = streamOf(stdout, "stdout", 1);
  return {
    stdin: streamOf(stdin, "stdin", 0),
    stdout: output,
    stderr: stderr === STDOUT ? (output === "pipe" ? "stdout" : output) : streamOf(stderr, "stderr", 2),
    cwd: cwd === null ? null : checkName(cwd, "cwd"),
    env: env === null ? null : environmentOf(env),
    executable: executable === null ? null : checkName(executable, "executable"),
    newSession: checkBoolean(startNewSession, "startNewSession") === true,
  };
}

/** Throws for options that there are not, and for those of Python's that say what cannot be. */
function checkOptionNames(
  options: SubprocessOptions,
  names: readonly string[],
  fixed: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(checkOptions(options))) {
    if (names.includes(name)) continue;
    if (NOT_AVAILABLE.includes(name)) throw new NotAvailableError(name, "no host lets a process be started with it");
    if (!Object.hasOwn(fixed, name)) checkNames({ [name]: value as unknown }, names);
    else if (value !== fixed[name]) throw new RangeError(`${name} must be ${format(fixed[name])}`);
  }
}

/** @param inherited the stream of this process */
function streamOf(stream: unknown, name: string, inherited: number): ChildStream {
  if (stream === null) return inherited;
  if (stream === PIPE) return "pipe";
  if (stream === DEVNULL) return "nothing";
  const descriptor = typeof stream === "object" ? (stream as { fd?: unknown }).fd : stream;
  const complaint = `Invalid ${name}: expected PIPE, DEVNULL, a descriptor or null, got ${format(stream)}`;
  if (!Number.isInteger(descriptor)) throw new TypeError(complaint);
  if ((descriptor as number) < 0) throw new RangeError(complaint);
  return descriptor as number;
}

function environmentOf(env: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const variables = Object.entries(checkOptions(env, "env")).filter(([, value]) => value !== undefined);
  for (const [name, value] of variables) {
    if (name === "" || /[=\0]/.test(name)) throw new TypeError(`Invalid env: ${format(name)} is no name of a variable`);
    checkText(value, `env, ${name}`);
  }
  return Object.fromEntries(variables) as Record<string, string>;
}

/** Throws TypeError for what is no text that the system could be given. */
function checkText(value: unknown, what: string): void {
  if (typeof value === "string" && !value.includes("\0")) return;
  throw new TypeError(`Invalid ${what}: expected a text, got ${format(value)}`);
}

/** Throws TypeError for what cannot be a path or a name. Returns it. */
function checkName(value: unknown, what: string): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  throw new TypeError(`Invalid ${what}: expected a path or a name, got ${format(value)}`);
}
