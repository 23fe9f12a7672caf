// PostgreSQL's own server, for tests, benchmarks and examples: a fresh one, in a folder of its own.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run as runProgram, start } from "./processes.ts";
import { freePort } from "./servers.ts";
import { run } from "wasyncio";

/** Debian keeps a server's programs in a folder of its version, which is not on PATH. */
const DEBIAN = "/usr/lib/postgresql";
const programs = ((): string => {
  try {
    return join(DEBIAN, readdirSync(DEBIAN).sort().at(-1) as string, "bin");
  } catch {
    return "";
  }
})();

/** The server's program, where it is installed. */
export const POSTGRES = join(programs, "postgres");

/** PostgreSQL does not run as root: who is root has Debian's user for it. */
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : [];

export interface PostgresOptions {
  /** Settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files to be copied into its folder, by settings that they belong to. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A server that answers on 127.0.0.1, to the superuser "postgres", without a password. */
export interface PostgresServer {
  readonly port: number;
  /** Where its Unix socket is. */
  readonly folder: string;
  /** Runs statements by psql. */
  execute(text: string): Promise<void>;
  /** The same, while this thread stands still. */
  executeSync(text: string): void;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  crash(): Promise<void>;
  /** Starts it again, behind a crash. */
  restart(): Promise<void>;
}

/** Starts a server, and waits until it answers. */
export async function startPostgres({ settings = {}, files = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "wasyncio-postgres-"));
  const copies = Object.entries(files).map(([setting, file]) => [setting, join(folder, basename(file)), file] as const);
  for (const [, copy, file] of copies) copyFileSync(file, copy);
  if (isRoot) execFileSync("chown", ["-R", "postgres", folder]);
  const data = join(folder, "data");
  const initdb = [...asUser, join(programs, "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"];
  const made = await runProgram(initdb);
  if (made.end !== 0) throw new Error(`initdb: ${made.stderr}`);
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    fsync: "off",
    ...settings,
    ...Object.fromEntries(copies),
  };
  const port = await run(freePort());
  const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const begin = async () => {
    const running = start([...asUser, POSTGRES, "-D", data, "-p", String(port), ...options], { limit: null });
    const isReady = [join(programs, "pg_isready"), "-q", "-h", "127.0.0.1", "-p", String(port)];
    while ((await runProgram(isReady)).end !== 0) {
      const waited = new Promise<null>((resolve) => setTimeout(resolve, 50, null));
      const ended = await Promise.race([running.ended, waited]);
      if (ended !== null) throw new Error(`postgres has ended: ${ended.stderr}`);
    }
    return running;
  };
  let server = await begin();
  const psql = join(programs, "psql");
  const place = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c"];
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server.child.kill(signal);
    await server.ended;
  };
  return {
    port,
    folder,
    async execute(text) {
      const { end, stderr } = await runProgram([psql, ...place, text]);
      if (end !== 0) throw new Error(`psql: ${stderr}`);
    },
    executeSync: (text) => void execFileSync(psql, [...place, text]),
    async stop() {
      await end("SIGINT"); // which does not wait for clients
      rmSync(folder, { recursive: true });
    },
    crash: () => end("SIGQUIT"),
    async restart() {
      server = await begin();
    },
  };
}
