// The package in workerd: a bundle by esbuild, with the wasm as a module of its own.

import { readdirSync } from "node:fs";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { expected } from "./expected.ts";
import { createProject, engine, typeScript } from "./project.ts";

/** workerd's own test runner: no server, an exit code, console.log on the standard output. */
const WORKER = `import "./watch.ts";
import { program } from "./program.ts";

export default {
  async test() {
    console.log((await program()).join("\\n"));
  },
};
`;

const config = (wasm: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "${wasm}", wasm = embed "${wasm}"),
  ],
  compatibilityDate = "2025-01-01",
))]);
`;

test("a bundle by esbuild runs in workerd", async () => {
  const project = createProject({}, { ...typeScript(), "worker.ts": WORKER });
  const { metafile } = await build({
    absWorkingDir: project.folder,
    entryPoints: ["worker.ts"],
    outdir: "out",
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "silent",
  });
  const files = Object.keys(metafile.inputs).join("\n");
  expect(files).toMatch(/dist\/hosts\/workerd\/clock\.js$/m);
  expect(files).toMatch(/dist\/core\.wasm$/m);
  expect(files).not.toMatch(/dist\/core\/embedded\.js$/m);
  const wasm = readdirSync(project.path("out")).find((name) => name.endsWith(".wasm")) as string;
  project.write("out/config.capnp", config(wasm));
  expect(await project.run(engine("workerd"), "test", "out/config.capnp")).toBe(expected("workerd"));
});
