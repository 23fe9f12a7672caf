// AsyncLocalStorage, where there is Node's `process`: Node, Deno, Bun.
//
// What is captured is an AsyncResource: on Node that costs a fiftieth of AsyncLocalStorage.snapshot. Nothing is captured before the
// program uses a storage for the first time: its methods are replaced until then, and `run` is as it was afterwards. `enterWith` stays
// replaced, because a context that it changes is to be captured again.

import type { HostContext, HostContextEvents } from "../../drivers/contexts.ts";

interface AsyncHooks {
  readonly AsyncLocalStorage: { prototype: Record<"run" | "enterWith", (...args: unknown[]) => unknown> };
  readonly AsyncResource: new (type: string) => HostContext;
  readonly executionAsyncResource: () => object;
}

const { process } = globalThis as unknown as {
  process?: { getBuiltinModule?(name: string): object | undefined };
};

/** Tells of the storages of this process. Does nothing where there are none: Node before 20.16. */
export function watchStorages(events: HostContextEvents): void {
  const hooks = process?.getBuiltinModule?.("node:async_hooks") as AsyncHooks | undefined;
  if (hooks === undefined) return;
  const { AsyncLocalStorage, AsyncResource } = hooks;
  const { prototype } = AsyncLocalStorage;
  const { run, enterWith } = prototype;
  let isUsed = false;
  const begin = (): void => {
    if (isUsed) return;
    isUsed = true;
    prototype.run = run;
    events.used(() => new AsyncResource("wasyncio"));
  };
  prototype.run = function (this: unknown, ...args: unknown[]): unknown {
    begin();
    return run.apply(this, args);
  };
  prototype.enterWith = function (this: unknown, ...args: unknown[]): unknown {
    begin();
    const result = enterWith.apply(this, args);
    events.entered();
    return result;
  };
  if (isInUse(hooks)) begin();
}

/** Whether something is stored now: by a program that had a storage before it had us. Both engines' ways to keep it are looked at. */
function isInUse({ AsyncResource, executionAsyncResource }: AsyncHooks): boolean {
  const captured = new AsyncResource("wasyncio") as unknown as Record<symbol, unknown>;
  const frames = Object.getOwnPropertySymbols(captured).map((key) => captured[key]);
  if (frames.some((frame) => frame instanceof Map)) return true; // Node 24 and later
  return Object.getOwnPropertySymbols(executionAsyncResource()).some((key) => key.description === "kResourceStore");
}
