// Node's own modules, without an import, which bundlers would follow: Node from 20.16 on, Deno and Bun give them by
// name.

import type {
  ChildProcessModule,
  DgramModule,
  DnsModule,
  FsModule,
  HttpModule,
  NetModule,
  StreamModule,
  TlsModule,
  WorkerThreadsModule,
  ZlibModule,
} from "./node-types.ts";

/** What is used of them. */
interface Builtins {
  readonly os: {
    readonly constants: { readonly signals: Readonly<Record<string, number>> };
    platform(): string;
    availableParallelism(): number;
  };
  readonly module: { createRequire(url: string): { resolve(name: string): string } };
  readonly worker_threads: WorkerThreadsModule;
  readonly child_process: ChildProcessModule;
  readonly net: NetModule;
  readonly dgram: DgramModule;
  readonly dns: DnsModule;
  readonly fs: FsModule;
  readonly stream: StreamModule;
  readonly tls: TlsModule;
  readonly http: HttpModule;
  readonly https: HttpModule;
  readonly zlib: ZlibModule;
}

const { process } = globalThis as unknown as {
  process?: { getBuiltinModule?<N extends keyof Builtins>(name: N): Builtins[N] };
};

/** A module, or undefined where it cannot be had. */
export function builtin<N extends keyof Builtins>(name: N): Builtins[N] | undefined {
  return process?.getBuiltinModule?.(name);
}
