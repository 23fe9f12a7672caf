// Children with their pipes as streams.

import type { Command } from "../drivers/processes.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { operation } from "../waiting/operation.ts";
import { type Caller, SUBPROCESS_OPTIONS, type SubprocessOptions, commandOf, shellCommandOf } from "./command.ts";
import { Process } from "./process.ts";
import { started } from "./spawn.ts";
import { SubprocessStreamProtocol } from "./subprocess-stream-protocol.ts";

/** How a process with streams is to be started. */
export interface ProcessOptions extends SubprocessOptions {
  /** Of its readers: see StreamReader. Default: 65,536. */
  limit?: number;
}

const WITH_STREAMS: Caller = { names: [...SUBPROCESS_OPTIONS, "limit"], byDefault: null };

/**
 * Starts a program. Mirrors asyncio.create_subprocess_exec; the arguments are a list.
 * @param program its path, or a name that is looked for in PATH
 * @param options.stdin PIPE to write to it by `process.stdin`, DEVNULL, the descriptor of an open file, or an object
 *   that has it as `fd`. Default: null, which leaves it that of this process
 * @param options.stdout as `stdin`: PIPE to read it by `process.stdout`
 * @param options.stderr as `stdout`; STDOUT: wherever that goes
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws NotAvailableError, at the call, for options of Python's that no host has; where there are no processes
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws FileNotFoundError when there is no such program, or no such folder as `cwd`
 * @throws PermissionError when it may not be executed
 * @throws CancelledError when the task is cancelled; the process is killed then, and waited for if it runs already
 *
 * @example
 * const process = yield* createSubprocessExec("ls", ["-l", "/tmp"], { stdout: PIPE });
 * yield* forEach(process.stdout!, (line) => console.log(line));
 * const returncode = yield* process.wait();
 */
export function createSubprocessExec(
  program: string,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Coroutine<Process> {
  const command = commandOf(program, args, options, WITH_STREAMS);
  return operation("createSubprocessExec", processOver(command, options.limit));
}

/**
 * Has a shell run a command. Mirrors asyncio.create_subprocess_shell.
 * @param cmd what /bin/sh is to run: nothing in it may come from strangers
 * @param options as for `createSubprocessExec`
 * @throws as `createSubprocessExec`
 *
 * @example
 * const process = yield* createSubprocessShell("ls | wc -l", { stdout: PIPE });
 * const [count] = yield* process.communicate();
 */
export function createSubprocessShell(cmd: string, options: ProcessOptions = {}): Coroutine<Process> {
  const command = shellCommandOf(cmd, options, WITH_STREAMS);
  return operation("createSubprocessShell", processOver(command, options.limit));
}

/** Throws what the call throws at once. */
function processOver(command: Command, limit: number | undefined): Coroutine<Process> {
  const streams = new SubprocessStreamProtocol(limit, getRunningLoop());
  return made(started(() => streams, command));
}

function* made(starting: ReturnType<typeof started<SubprocessStreamProtocol>>): Coroutine<Process> {
  const [transport, streams] = yield* starting;
  return new Process(transport, streams);
}
