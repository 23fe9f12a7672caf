// Processes by node:child_process, which Node, Deno and Bun have. A child that could be started has its pid when the
// call returns; why one could not be is told a little later, or thrown.

import type { ReadEnd, WriteEnd } from "../../drivers/network.ts";
import type { Child, Command, PipeEnd, Processes, SpawnEvents } from "../../drivers/processes.ts";
import { NotAvailableError } from "../../errors/base.ts";
import type { Fault } from "../../errors/os.ts";
import { builtin } from "./builtins.ts";
import { NodeReadEnd, NodeWriteEnd } from "./node-pipes.ts";
import type { ChildProcessModule, NodeChild } from "./node-types.ts";
import { findProgram, sharingPipe } from "./shared-pipe.ts";

/** The numbers of signals, by name. */
type Signals = Processes["signals"];

/** Sends a child a signal. Returns why it could not be, where no event of the child tells. */
type SendSignal = (child: NodeChild, signal: number) => Fault | null;

const sendByChild: SendSignal = (child, signal) => {
  child.kill(signal);
  return null;
};

/** The processes of a host that has node:child_process. */
export function nodeProcesses(sendSignal = sendByChild): Processes {
  const module = builtin("child_process");
  const signals = builtin("os")?.constants.signals;
  if (module === undefined || signals === undefined)
    throw new NotAvailableError("processes", "this host gives no node:child_process");
  const run = (child: NodeChild, pid: number): Child => new RunningChild(child, pid, signals, sendSignal);
  return { signals, spawn: (command, events) => spawn(module, run, command, events) };
}

function spawn(
  module: ChildProcessModule,
  run: (child: NodeChild, pid: number) => Child,
  command: Command,
  events: SpawnEvents,
): () => void {
  const failed = (fault: Fault): void => {
    const ofFolder = command.cwd === null ? null : faultOfFolder(command.cwd);
    events.failed(ofFolder ?? fault, ofFolder === null ? command.file : (command.cwd as string));
  };
  const child = begun(module, command);
  if ("message" in child) {
    failed(child);
  } else if (child.pid === undefined) {
    child.on("error", failed);
    return () => void child.off("error", failed).on("error", ignore);
  } else {
    events.spawned(run(child, child.pid));
  }
  return ignore;
}

/** The host's child, which may not run, or why there is none. */
function begun(module: ChildProcessModule, command: Command): NodeChild | Fault {
  const isShared = command.stderr === "stdout";
  const missing = isShared ? findProgram(command) : null;
  if (missing !== null) return missing;
  const { file, argv, stdin, stdout, stderr, cwd, env, newSession } = isShared ? sharingPipe(command) : command;
  const [argv0, ...args] = argv;
  const stdio = [stdin, stdout, stderr].map((stream) => (stream === "nothing" ? "ignore" : stream));
  const place = { ...(cwd !== null && { cwd }), ...(env !== null && { env }) };
  try {
    return module.spawn(file, args, { stdio, argv0, detached: newSession, ...place });
  } catch (error) {
    if ((error as Fault).errno === undefined) throw error;
    return error as Fault;
  }
}

function ignore(): void {}

/** What is wrong with the folder that a child is to run in: hosts say of the program that it is not there. */
function faultOfFolder(path: string): Fault | null {
  try {
    const found = builtin("fs")?.statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { code: "ENOENT", errno: 2, syscall: "chdir", message: "no such folder" };
    if (!found.isDirectory()) return { code: "ENOTDIR", errno: 20, syscall: "chdir", message: "it is no folder" };
  } catch {
    // it may not be looked at
  }
  return null;
}

/** A child of node:child_process. */
class RunningChild implements Child {
  readonly pid: number;
  readonly native: NodeChild;
  readonly stdin: PipeEnd<WriteEnd> | null;
  readonly stdout: PipeEnd<ReadEnd> | null;
  readonly stderr: PipeEnd<ReadEnd> | null;
  readonly #signals: Signals;
  readonly #sendSignal: SendSignal;
  /** Why the last signal was refused. */
  #fault: Fault | null = null;

  constructor(native: NodeChild, pid: number, signals: Signals, sendSignal: SendSignal) {
    const { stdin, stdout, stderr } = native;
    this.native = native;
    this.pid = pid;
    this.#signals = signals;
    this.#sendSignal = sendSignal;
    this.stdin = stdin && { end: new NodeWriteEnd(stdin), native: stdin };
    this.stdout = stdout && { end: new NodeReadEnd(stdout), native: stdout };
    this.stderr = stderr && { end: new NodeReadEnd(stderr), native: stderr };
    native.on("error", (fault) => {
      this.#fault = fault;
    });
  }

  start(exited: (returncode: number) => void): void {
    this.native.on("exit", (code, signal) => exited(signal === null ? (code as number) : -this.#signals[signal]));
  }

  kill(signal: number): Fault | null {
    this.#fault = null;
    return this.#sendSignal(this.native, signal) ?? this.#fault;
  }
}
