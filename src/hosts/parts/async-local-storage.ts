// AsyncLocalStorage, where there is Node's `process`: Node, Deno, Bun.
//
// What is captured is an AsyncResource: on Node that costs a fiftieth of AsyncLocalStorage.snapshot. `run` is as it was
// from its first call on. `enterWith` stays replaced, because a context that it changes is to be captured again.

import type { HostContext, HostContextEvents, HostContexts } from "../../drivers/contexts.ts";

type StorageMethods = Record<"run" | "enterWith", (...args: unknown[]) => unknown>;

interface AsyncHooks {
  readonly AsyncLocalStorage: { readonly prototype: StorageMethods };
  readonly AsyncResource: new (type: string) => HostContext;
}

/**
 * The contexts of this process, or null where there are none: Node before 20.16. `noted`: uses are noted from now on,
 * where it cannot be seen later that something is stored.
 */
export function asyncLocalStorages(noted = false): HostContexts | null {
  // Looked at no sooner: Deno loads what it has of Node when it sees this name, which takes it some 40 ms.
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): object | undefined } };
  const hooks = process?.getBuiltinModule?.("node:async_hooks") as AsyncHooks | undefined;
  return hooks === undefined ? null : new AsyncLocalStorages(hooks, noted);
}

class AsyncLocalStorages implements HostContexts {
  readonly #hooks: AsyncHooks;
  /** The one in which this was made. */
  readonly #first: HostContext;
  #wasUsed = false;

  constructor(hooks: AsyncHooks, noted: boolean) {
    this.#hooks = hooks;
    this.#first = this.capture();
    const used = (): void => {
      this.#wasUsed = true;
    };
    if (noted) this.watch({ used, entered() {} });
  }

  capture(): HostContext {
    return new this.#hooks.AsyncResource("wasyncio");
  }

  captureEmpty(): HostContext {
    const context = this.#first;
    for (const key of stores(context)) (context as unknown as Record<symbol, unknown>)[key] = undefined;
    return context;
  }

  isStoring(): boolean {
    return this.#wasUsed || stores(this.capture()).length > 0;
  }

  watch({ used, entered }: HostContextEvents): void {
    const { prototype } = this.#hooks.AsyncLocalStorage;
    const { enterWith } = prototype;
    tellOfFirstRun(prototype, used);
    Reflect.set(prototype, "enterWith", function (this: unknown, ...args: unknown[]): unknown {
      used();
      const result = enterWith.apply(this, args);
      entered();
      return result;
    });
  }
}

/**
 * Where a resource holds what is stored: in one map on Node 24 and later, which is none by its class, and by storage
 * before. On Deno and Bun it cannot be seen.
 */
function stores(context: HostContext): symbol[] {
  const resource = context as unknown as Record<symbol, { readonly size?: number } | null | undefined>;
  return Object.getOwnPropertySymbols(resource).filter((key) => {
    if (key.description === "kResourceStore") return true;
    return key.description === "context_frame" && (resource[key]?.size ?? 0) > 0;
  });
}

/**
 * `run` is replaced until its first call; where it cannot be, that is told at once. What others have put in its place
 * stays.
 */
function tellOfFirstRun(prototype: StorageMethods, used: () => void): void {
  const { run } = prototype;
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    if (prototype.run === replacement) prototype.run = run;
    used();
    return run.apply(this, args);
  };
  if (!Reflect.set(prototype, "run", replacement)) used();
}
