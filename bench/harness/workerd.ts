// Servers on workerd: a worker of bench/children, with dist/ bundled as a Worker's tools do it.

import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { binaryOf, installOf } from "../../scripts/engines.mjs";
import { doorFiles } from "../../scripts/doors.mjs";
import { type Server, root, startServer } from "./child.ts";

const exec = promisify(execFile);

export interface Workerd {
  /** "workerd 2026-07-01". */
  readonly version: string;
  /** Starts the worker with these bindings. */
  start(bindings: Readonly<Record<string, string>>): Promise<Server<{ port: number }>>;
}

/** workerd with a worker, or the reason why it is not there. */
export async function findWorkerd(name: string): Promise<Workerd | string> {
  const file = binaryOf("workerd");
  if (file === null) return `workerd is not installed (${installOf("workerd")})`;
  if (process.platform !== "linux") return "the processor time of workerd is read from Linux's /proc";
  const folder = resolve(root, "build/bench", name);
  await build({
    absWorkingDir: root,
    entryPoints: [`bench/children/${name}.ts`],
    outdir: folder,
    alias: doorFiles("dist"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
    logLevel: "error",
  });
  const wasm = readdirSync(folder).find((each) => each.endsWith(".wasm")) as string;
  const { stdout } = await exec(file, ["--version"]);
  return {
    version: stdout.trim(),
    start(bindings) {
      const config = resolve(folder, "config.capnp");
      writeFileSync(config, configOf(`${name}.js`, wasm, bindings));
      return startServer([file, "serve", "--control-fd=1", config], []);
    },
  };
}

const configOf = (
  worker: string,
  wasm: string,
  bindings: Readonly<Record<string, string>>,
): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "${worker}", esModule = embed "${worker}"),
      (name = "${wasm}", wasm = embed "${wasm}"),
    ],
    bindings = [${Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = "${text}")`)}],
    compatibilityDate = "2025-01-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
