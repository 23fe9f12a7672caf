// Sees by what means the library gets its turns and hears of Ctrl-C, which tells what host it has picked. Has to be
// imported before it.

type Any = (...args: never[]) => unknown;

/** What was called, of what is watched. */
const used = new Set<string>();

function watch(owner: unknown, name: string): void {
  const holder = owner as Record<string, Any> | undefined;
  const original = holder?.[name];
  if (holder === undefined || original === undefined) return;
  holder[name] = new Proxy(original, {
    apply: (target, self: unknown, args) => {
      if (typeof args[0] !== "string" || args[0] === "SIGINT") used.add(name);
      return Reflect.apply(target, self, args) as unknown;
    },
    construct: (target, args) => {
      used.add(name);
      return Reflect.construct(target, args) as object;
    },
  });
}

const { Deno, process } = globalThis as { Deno?: unknown; process?: unknown };
for (const name of ["setImmediate", "MessageChannel", "setTimeout"]) watch(globalThis, name);
watch(Deno, "addSignalListener");
watch(process, "on");

/** For example "turns by setImmediate, Ctrl-C by process". */
export function host(): string {
  const turns = ["setImmediate", "MessageChannel", "setTimeout"].find((name) => used.has(name));
  const interrupts = used.has("addSignalListener") ? "Deno" : used.has("on") ? "process" : "nobody";
  return `turns by ${turns}, Ctrl-C by ${interrupts}`;
}
