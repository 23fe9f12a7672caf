// SIGNAL: signals. The process sends them to itself.

import { type Coroutine, EventLoop, sleep } from "wasyncio";
import { type Facts, reworded } from "../fact.ts";
import { giving } from "../../../support/coroutines.ts";
import { attempt } from "../../../support/outcomes.ts";

const host = globalThis as unknown as { process: { pid: number; kill(pid: number, signal: string): void } };

/** Runs a program in a loop of its own. */
async function trace(program: (log: unknown[], loop: EventLoop) => Coroutine<void>): Promise<unknown[]> {
  const log: unknown[] = [];
  const loop = new EventLoop();
  try {
    await loop.runUntilComplete(program(log, loop));
  } finally {
    loop.close();
  }
  return log;
}

export const facts: Facts = {
  "SIGNAL-01": () =>
    trace(function* (log, loop) {
      loop.addSignalHandler("SIGUSR1", () => log.push("replaced"));
      loop.addSignalHandler("SIGUSR1", (x) => log.push(["got", x]), 1);
      host.process.kill(host.process.pid, "SIGUSR1");
      while (log.length === 0) yield* sleep(0.01);
      log.push(loop.removeSignalHandler("SIGUSR1"), loop.removeSignalHandler("SIGUSR1"));
    }),

  "SIGNAL-02": reworded(
    "signals have names here",
    [
      "TypeError('coroutines cannot be used with addSignalHandler()')",
      "TypeError('signal must be a name such as \"SIGTERM\", not 10')",
      "RangeError('invalid signal name 'SIGNONE'')",
      "RuntimeError('signal SIGKILL cannot be caught')",
    ],
    () =>
      trace(function* (log, loop) {
        const add = (signal: unknown, callback: () => unknown = () => {}): unknown =>
          attempt(() => loop.addSignalHandler(signal as string, callback));
        log.push(add("SIGUSR1", giving as () => unknown), add(10), add("SIGNONE"), add("SIGKILL"));
      }),
  ),
};
