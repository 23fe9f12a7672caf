// The door `wasyncio/subprocess`: child processes.

export { createSubprocessExec, createSubprocessShell, type ProcessOptions } from "./create-subprocess.ts";
export { Process } from "./process.ts";
export { DEVNULL, PIPE, STDOUT, type StandardStream, type SubprocessOptions } from "./command.ts";
export { subprocessExec, subprocessShell } from "./spawn.ts";
export type { ChildTransport } from "./child-transport.ts";
export { SubprocessProtocol } from "./subprocess-protocol.ts";
export { SubprocessStreamProtocol } from "./subprocess-stream-protocol.ts";
export { SubprocessTransport } from "./subprocess-transport.ts";
