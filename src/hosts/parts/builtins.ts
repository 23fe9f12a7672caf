// Node's own modules, without an import, which bundlers would follow: Node from 20.16 on, Deno and Bun give them by
// name.

/** What is used of them. */
interface Builtins {
  readonly os: { readonly constants: { readonly signals: Readonly<Record<string, number>> } };
  readonly worker_threads: { readonly isMainThread: boolean };
}

const { process } = globalThis as unknown as {
  process?: { getBuiltinModule?<N extends keyof Builtins>(name: N): Builtins[N] };
};

/** A module, or undefined where it cannot be had. */
export function builtin<N extends keyof Builtins>(name: N): Builtins[N] | undefined {
  return process?.getBuiltinModule?.(name);
}
