// What the garbage collector has taken: one registry for all loops, made on first use.

let registry: FinalizationRegistry<() => void> | undefined;

/** Calls `notify` some time after `target` was collected, unless the returned function is called before. */
export function onCollected(target: object, notify: () => void): () => void {
  const key = {};
  registry ??= new FinalizationRegistry((call) => call());
  registry.register(target, notify, key);
  return () => registry?.unregister(key);
}
