// Workers by Node's own modules: Node's, and Bun's.

import type { Workers } from "../../drivers/workers.ts";
import { builtin } from "./builtins.ts";
import { parentProcess, spawnProcess } from "./worker-processes.ts";
import { adoptThread, parentThread, receiveMessage, spawnThread } from "./worker-threads.ts";

export function nodeWorkers(): Workers {
  return {
    cores: builtin("os")?.availableParallelism() ?? 1,
    sharesMemory: (kind) => kind === "thread",
    spawn: (kind, name, events) => (kind === "thread" ? spawnThread(name, events) : spawnProcess(name, events, ignore)),
    adopt: adoptThread,
    receive: receiveMessage,
    parent: () => parentThread() ?? parentProcess(ignore),
  };
}

/** Node and Bun throw at a message that cannot be copied. */
function ignore(): void {}
