// Children as asyncio's protocols see them.

import type { Child, Command, Processes } from "../drivers/processes.ts";
import { type Fault, osError } from "../errors/os.ts";
import { attempt } from "../net/attempt.ts";
import { checkProtocol } from "../net/checks.ts";
import type { EventLoop } from "../runtime/event-loop.ts";
import { getRunningLoop } from "../runtime/running.ts";
import type { Coroutine } from "../runtime/suspension.ts";
import { checkFunction } from "../support/checks.ts";
import { format } from "../support/format.ts";
import { operation } from "../waiting/operation.ts";
import { ChildTransport, SIGKILL } from "./child-transport.ts";
import { type Caller, PIPE, SUBPROCESS_OPTIONS, type SubprocessOptions, commandOf, shellCommandOf } from "./command.ts";
import { processesOf } from "./processes.ts";
import type { SubprocessProtocol } from "./subprocess-protocol.ts";

const WITH_PIPES: Caller = { names: SUBPROCESS_OPTIONS, byDefault: PIPE };

/**
 * Starts a program, and has a protocol told what becomes of it. Mirrors loop.subprocess_exec, on the running loop; the
 * arguments are a list.
 * @param protocolFactory called before the program is started
 * @param program its path, or a name that is looked for in PATH
 * @param options.stdin as the next two, a pipe by default
 * @returns the transport and the protocol; `connectionMade` is called before anything else is
 * @throws TypeError or RangeError, at the call, for bad arguments, and for options that there are not
 * @throws NotAvailableError, at the call, for options of Python's that no host has; where there are no processes
 * @throws RuntimeError outside a running loop, and in virtual time: OutsideError in a simulation
 * @throws FileNotFoundError when there is no such program, or no such folder as `cwd`
 * @throws PermissionError when it may not be executed
 * @throws CancelledError when the task is cancelled; the process is killed then, and waited for if it runs already
 *
 * @example
 * const [transport, protocol] = yield* subprocessExec(() => new Output(), "ls", ["-l"], { stdin: null });
 */
export function subprocessExec<P extends SubprocessProtocol>(
  protocolFactory: () => P,
  program: string,
  args: readonly string[] = [],
  options: SubprocessOptions = {},
): Coroutine<[ChildTransport, P]> {
  return operation("subprocessExec", started(protocolFactory, commandOf(program, args, options, WITH_PIPES)));
}

/**
 * Has a shell run a command, and a protocol told what becomes of it. Mirrors loop.subprocess_shell, on the running
 * loop.
 * @param protocolFactory called before the shell is started
 * @param cmd what /bin/sh is to run: nothing in it may come from strangers
 * @param options as for `subprocessExec`
 * @returns the transport and the protocol; `connectionMade` is called before anything else is
 * @throws as `subprocessExec`
 */
export function subprocessShell<P extends SubprocessProtocol>(
  protocolFactory: () => P,
  cmd: string,
  options: SubprocessOptions = {},
): Coroutine<[ChildTransport, P]> {
  return operation("subprocessShell", started(protocolFactory, shellCommandOf(cmd, options, WITH_PIPES)));
}

/** A child of a command, served by a protocol. Throws what the call of it throws. */
export function started<P extends SubprocessProtocol>(
  protocolFactory: () => P,
  command: Command,
): Coroutine<[ChildTransport, P]> {
  checkFunction(protocolFactory, "protocolFactory");
  const loop = getRunningLoop();
  return served(loop, processesOf(loop), protocolFactory, command);
}

function* served<P extends SubprocessProtocol>(
  loop: EventLoop,
  processes: Processes,
  protocolFactory: () => P,
  command: Command,
): Coroutine<[ChildTransport, P]> {
  const protocol = checkProtocol(protocolFactory());
  const child = yield* attempt<Child>(loop, "process", (outcome) =>
    processes.spawn(command, {
      spawned: (child) => outcome.succeed(child, () => void child.kill(SIGKILL)),
      failed: (fault, path) => outcome.fail(osError(fault, failedText(fault, path))),
    }),
  );
  const waiter = loop.createFuture<void>();
  let transport: ChildTransport;
  try {
    transport = new ChildTransport({ loop, child, protocol, signals: processes.signals, waiter });
  } catch (error) {
    child.kill(SIGKILL);
    throw error;
  }
  try {
    yield* waiter;
  } catch (error) {
    transport.close();
    yield* transport._wait();
    throw error;
  }
  return [transport, protocol];
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  ENOTDIR: "Not a directory",
};

function failedText({ code = "", message }: Fault, path: string): string {
  return Object.hasOwn(WORDS, code) ? `${WORDS[code]}: ${format(path)}` : `Cannot start ${format(path)}: ${message}`;
}
